"""The calendar that might place a group's days: courses are regular, random days are not, a session counts once."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.innocence import regularity

#: Weekdays of courses, as days modulo seven.
COURSES = {"Mon/Wed/Fri": (0, 2, 4), "Tue/Fri": (1, 4), "Thursdays": (3,)}


def course(weekdays, weeks, first=3):
    return [first + 7 * week + day for week in range(weeks) for day in weekdays]


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("weeks", [8, 13, 26])
def test_a_course_on_fixed_weekdays_is_regular(name, weeks):
    share, calendar = regularity(course(COURSES[name], weeks))
    assert share > 0.9
    assert calendar == "weekly"


@pytest.mark.parametrize("name", COURSES)
def test_a_course_stays_regular_when_some_days_are_moved(name):
    generator = np.random.default_rng(3)
    days = course(COURSES[name], 20)
    moved = [day + int(generator.integers(1, 7)) if generator.random() < 0.1 else day for day in days]
    assert regularity(moved)[0] > 0.5


@pytest.mark.parametrize("n", [5, 8, 12, 20, 35, 60])
def test_random_days_are_not_regular(n):
    generator = np.random.default_rng(n)
    drawn = [regularity(generator.choice(180, n, replace=False).tolist())[0] for _ in range(1000)]
    # once in a hundred a calendar explains a third of a group that follows none
    assert np.quantile(drawn, 0.99) < 0.35


def test_working_days_alone_are_no_course():
    generator = np.random.default_rng(1)
    working = [day for day in range(180) if day % 7 < 5]
    drawn = [regularity(generator.choice(working, 15, replace=False).tolist())[0] for _ in range(300)]
    assert np.quantile(drawn, 0.95) < 0.5


def test_a_session_over_two_days_counts_once():
    once = course((3,), 10)
    drawn_out = sorted([*once, *(day + 1 for day in once)])
    assert regularity(drawn_out) == regularity(once)
    irregular = [3, 17, 29, 58, 71, 94, 113, 131]
    assert regularity([*irregular, *(day + 1 for day in irregular)]) == regularity(irregular)


def test_neither_order_nor_repetition_of_days_matters():
    days = course((1, 4), 9)
    assert regularity([*reversed(days), *days]) == regularity(days)


@pytest.mark.parametrize(("period", "name"), [(28, "28 days"), (30, "30 days")])
def test_refills_are_regular_though_they_drift_by_a_day(period, name):
    drift = (0, 1, 0, -1, 1, 0, 0)
    share, calendar = regularity([5 + period * n + late for n, late in enumerate(drift)])
    assert share > 0.5
    assert calendar in {name, "even steps"}


@pytest.mark.parametrize("lasts", [13, 25, 33, 45])
def test_supplies_that_last_as_long_each_time_are_refills_whatever_the_calendar_says(lasts):
    generator = np.random.default_rng(lasts)
    days = np.cumsum(lasts + generator.integers(-1, 2, 8)).tolist()
    share, calendar = regularity(days)
    assert share > 0.5
    assert calendar == "even steps"
    # one of them was missed
    assert regularity(days[:3] + days[4:])[0] > 0.5
