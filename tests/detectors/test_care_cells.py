"""A rhythm by itself: physiotherapy of one patient on several cards is found, other people's courses are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from detectors.care_cells import steps_by_luck
from detectors.care_streams import CareStreams
from tests.detectors.finding_reader import found, held_by, numbered, persons, shuffled, visit

SITE, DOCTOR = 0, 3
CARDS = tuple(range(6))
DAYS = 180
#: Every third day, for as long as the records go.
EVERY_THIRD = range(5, DAYS, 3)
#: Whose card is used for some visits in a row, and again later.
TURNS = (0, 1, 2, 3, 1, 0, 4, 2, 5, 3, 4, 5)


def ordered(person, day, *, doctor=DOCTOR, site=SITE, item="physiotherapy"):
    return visit(person, day, 9.0, site, doctor_no=doctor, items=(item,))


def one_patient(turns=TURNS, days=EVERY_THIRD):
    """A visit on each of `days`, the cards of `turns` one after the other for as many visits each."""
    each = -(-len(days) // len(turns))
    return [ordered(CARDS[turns[n // each]], day) for n, day in enumerate(days)]


def others(doctor=DOCTOR, weekdays=range(7)):
    """What else the doctor does: consultations of persons who come once."""
    return [
        ordered(1000 + 3 * day + n, day, doctor=doctor, item="consultation")
        for day in range(DAYS)
        if day % 7 in weekdays
        for n in range(2)
    ]


def built(city, rows, order=lambda rows: rows):
    lines = [
        {
            "line_id": f"L{number}", "settlement_no": number, "item_code": row["items"][0], "is_drug": False,
            "quantity": 1.0, "amount_fen": 6_000,
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip
    plain = [{name: value for name, value in row.items() if name != "items"} for row in rows]
    return city(order(numbered(plain)), lines=order(lines))


def test_one_patients_physiotherapy_on_six_cards_is_found(city):
    rows = one_patient() + others()
    (finding,) = found(CareStreams(), built(city, rows))
    assert persons(finding) == list(CARDS)
    assert finding.settlements == held_by(rows, CARDS)
    assert finding.p_value < 1e-6


def test_patients_who_follow_each_other_on_one_place_are_no_stream(city):
    # six courses of a month, the next patient when one is done
    assert found(CareStreams(), built(city, one_patient(turns=tuple(range(6))) + others())) == []


def test_one_patient_and_some_who_come_now_and_then_are_no_stream(city):
    rows = [ordered(0, day) for day in EVERY_THIRD]
    for n, day in enumerate((20, 62, 104, 146, 41, 83)):
        rows[EVERY_THIRD.index(day)] = ordered(1 + n % 3, day)
    assert found(CareStreams(), built(city, rows + others())) == []


def test_a_doctor_who_is_there_once_a_week_gives_everybody_the_step(city):
    # one use a week, by patients who take turns as it happens: the days are the doctor's
    weekly = [ordered(CARDS[TURNS[n % len(TURNS)]], day) for n, day in enumerate(range(3, DAYS, 7))]
    assert found(CareStreams(), built(city, weekly + others(weekdays=(3,)))) == []


def test_patients_of_several_rhythms_are_no_stream(city):
    random = np.random.default_rng(4)
    rows = [ordered(p, int(day)) for p in CARDS for day in random.choice(np.arange(5, DAYS), 9, replace=False)]
    assert found(CareStreams(), built(city, rows + others())) == []


def test_the_row_order_leaves_no_trace(city):
    rows = one_patient() + others()
    expected = found(CareStreams(), built(city, rows))
    assert len(expected) == 1
    assert found(CareStreams(), built(city, rows, order=shuffled)) == expected


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_the_share_of_steps_to_expect_is_that_of_random_days(share):
    random = np.random.default_rng(1)
    active = np.flatnonzero(random.random(200) < 0.8)
    drawn = int(share * len(active))
    fits = []
    for _ in range(300):
        steps = np.diff(np.sort(random.choice(active, drawn, replace=False)))
        fits.append(float(np.mean(np.abs(steps - 3) <= 1)))
    days = active[:: max(len(active) // drawn, 1)][:drawn]
    expected = np.mean(fits)
    fitting = int((np.abs(np.diff(days) - 3) <= 1).sum())
    # the same number of fitting steps is as likely as a binomial number of that share says
    assert steps_by_luck(days, active, 3.0) == pytest.approx(
        float(stats.binom.logsf(fitting - 1, drawn - 1, expected)), rel=0.1, abs=0.2
    )
