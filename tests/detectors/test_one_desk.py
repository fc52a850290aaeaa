"""One item at one desk and hour: persons who return are found; shifts, laboratories, rounds are none, or explained."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.one_desk import OneDesk
from tests.city_builder import fill
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit

#: Two institutions with three operators each: 0–2 and 3–5.
SITE, BRANCH = range(2)
RING = tuple(range(8))
SPAN = 240
CLOSING = 17


class Desk:
    """Visits and their lines, grown row by row."""

    def __init__(self):
        self.rows, self.lines = [], []

    def bill(self, person, day, hour, desk, *items, **more):
        number = len(self.rows)
        self.rows.append(visit(person, int(day), hour, desk // 3, handler_no=desk, **more))
        self.lines += [
            {
                "line_id": f"L{number}-{n}",
                "settlement_no": number,
                "item_code": item,
                "is_drug": False,
                "amount_fen": 2000,
            }
            for n, item in enumerate(items)
        ]

    def city(self, build, order=lambda rows: rows, **tables):
        sites = [{"site_no": site, "kind": "institution"} for site in (SITE, BRANCH)]
        handlers = [{"handler_no": no, "kind": "operator", "site_no": no // 3} for no in range(6)]
        given = {"sites": sites, "handlers": handlers, **tables}
        return build(order(numbered(self.rows)), derived=False, lines=order(self.lines), **given)


def town(seed=1, patients=60, visits=8):
    """Patients who come at any hour, to whatever desk is free, seldom in the last hour; some have teeth drilled."""
    random, desk = np.random.default_rng(seed), Desk()
    for site in (SITE, BRANCH):
        for person in range(patients):
            for _ in range(visits):
                hour = random.uniform(8, CLOSING + 0.2 * random.random())
                item = "drill" if random.random() < 0.04 else "consultation"
                desk.bill(100 * (site + 1) + person, random.integers(SPAN), hour, 3 * site + random.integers(3), item)
    return desk


def sessions(desk, at=2, people=RING, days=(5, 200), dates=24, attends=0.6, seed=2, item="drill"):
    """The group's settlements before closing, on days that follow no calendar, and their ordinary life."""
    random = np.random.default_rng(seed)
    for day in sorted(random.choice(range(*days), dates, replace=False)):
        for person in people:
            if random.random() < attends:
                desk.bill(person, day, CLOSING + random.uniform(0, 0.9), at, item, "dressing")
    for person in people:
        for _ in range(5):
            desk.bill(
                person,
                random.integers(SPAN),
                random.uniform(8, CLOSING),
                3 * (1 - at // 3) + random.integers(3),
                "test",
            )
    return desk


def test_persons_for_whom_one_thing_is_billed_at_one_desk_before_closing_are_found(city):
    (finding,) = found(OneDesk(), sessions(town()).city(city))
    assert persons(finding) == list(RING)
    assert others(finding) >= {("institution", SITE, "site"), ("handler", 2, "operator")}
    assert (finding.pattern, finding.kind) == ("proxy_settlement", "one_desk")
    assert finding.p_value < 1e-6
    assert signals(finding) >= {"one_desk", "one_item_at_one_desk"}
    assert "same_persons_at_several_desks" not in signals(finding)
    weights = {cause.cause: cause.weight for cause in finding.benign}
    assert max(weights.get("own_steps", 0.0), weights.get("regular_timetable", 0.0)) < 0.2
    (said,) = [signal.detail for signal in finding.signals if signal.name == "one_item_at_one_desk"]
    assert "17:00 and 17:59" in said.en
    assert "17时段" in said.zh


def test_the_same_persons_at_the_desks_of_two_sites_are_one_group(city):
    desk = sessions(sessions(town(), days=(5, 110)), at=4, days=(120, 230), seed=3)
    (finding,) = found(OneDesk(), desk.city(city))
    assert persons(finding) == list(RING)
    assert "same_persons_at_several_desks" in signals(finding)
    assert {("handler", 2, "operator"), ("handler", 4, "operator")} <= others(finding)


def test_patients_who_come_at_that_hour_once_or_at_any_hour_are_left_out(city):
    desk = sessions(town())
    for n in range(3):
        desk.bill(100 + n, 30 + n, CLOSING + 0.3, 2, "drill")
        desk.bill(500 + n, 50 + n, CLOSING + 0.3, 2, "drill")
    (finding,) = found(OneDesk(), desk.city(city))
    assert persons(finding) == list(RING)


def test_without_operators_the_hour_tells(city):
    desk = sessions(town())
    desk.rows = [{name: value for name, value in row.items() if name != "handler_no"} for row in desk.rows]
    (finding,) = found(OneDesk(), desk.city(city))
    assert persons(finding) == list(RING)
    assert not {kind for kind, _, _ in others(finding)} & {"handler"}


@pytest.mark.parametrize(
    "kind", ["laboratory", "check-up", "busy hour", "two households", "any desk and hour", "stays"]
)
def test_hours_that_items_have_of_their_own_are_none(city, kind):
    random, desk = np.random.default_rng(4), town()
    for n in range(40):
        if kind == "laboratory":
            # blood is taken in the first hour, of everybody once
            desk.bill(600 + n, random.integers(SPAN), 7 + random.random(), 0, "blood")
        elif kind == "check-up":
            desk.bill(600 + n, 60 + n // 20, CLOSING + 0.5, 2, "scan")
        elif kind == "busy hour":
            # after work everybody comes, for one thing or another
            for _ in range(4):
                item = "drill" if random.random() < 0.04 else "consultation"
                desk.bill(600 + n, random.integers(SPAN), CLOSING + random.random(), 2, item)
        elif kind == "two households":
            desk.bill(600 + n % 8, random.integers(SPAN), CLOSING + random.random(), 2, "drill")
        elif kind == "any desk and hour":
            for _ in range(4):
                desk.bill(600 + n % 8, random.integers(SPAN), random.uniform(8, 18), random.integers(3), "massage")
        else:
            desk.bill(600 + n % 8, random.integers(SPAN), CLOSING + random.random(), 2, "drill", kind="inpatient")
    homes = [
        {"person_no": no, "household_no": 1 + no % 2 if kind == "two households" and no >= 600 else None}
        for no in range(700)
    ]
    assert found(OneDesk(), desk.city(city, persons=homes)) == []


@pytest.mark.parametrize(("step", "course"), [(2, 90), (7, 30), (28, 9)])
def test_courses_and_rounds_are_explained_by_the_even_steps_of_each(city, step, course):
    random, desk = np.random.default_rng(5), town()
    for person in RING:
        first = random.integers(step)
        for turn in range(min(course, (SPAN - int(first)) // step)):
            desk.bill(person, first + step * turn, 7 + random.uniform(0, 0.9), 1, "dialysis")
    for finding in found(OneDesk(), desk.city(city)):
        assert {cause.cause: cause.weight for cause in finding.benign}["own_steps"] > 0.8


def test_an_employers_clinic_at_noon_is_explained_by_the_employer(city):
    random, desk = np.random.default_rng(6), town()
    for person in range(12):
        for _ in range(3):
            desk.bill(person, random.integers(SPAN), 12.2 + random.random() / 2, 1, "plaster")
    staff = [{"person_no": no, "employer_no": 1 if no < 12 else None} for no in range(700)]
    for finding in found(
        OneDesk(),
        desk.city(city, persons=staff, employers=[{"employer_no": no, "employer_id": f"E{no}"} for no in range(2)]),
    ):
        assert {cause.cause: cause.weight for cause in finding.benign}["employer_or_school"] >= 0.4


@pytest.mark.parametrize("fault", ["no_clock", "bunched_stamps", "one_stamp_a_day", "clock_offset"])
def test_a_site_whose_moments_are_not_those_of_the_visits_is_left_out(city, fault):
    faults = [{"site_no": SITE, "fault": fault, "affected": 1, "tested": 1, "share": 1.0, "usual": 0.0}]
    connection = sessions(town()).city(city)
    fill(connection, "site_faults", faults)
    assert found(OneDesk(), connection) == []


def test_nothing_to_look_at_is_no_error(city):
    assert found(OneDesk(), Desk().city(city)) == []


def test_the_row_order_leaves_no_trace(city):
    desk = sessions(town())
    assert found(OneDesk(), desk.city(city)) == found(OneDesk(), desk.city(city, order=shuffled))
