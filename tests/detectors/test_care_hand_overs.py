"""Hand-overs by themselves: two patients on one pool of cards are found; own courses and freed places are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from detectors.care_hand_overs import hand_overs
from detectors.care_streams import CareStreams
from detectors.ordered_care import ordered_care
from detectors.own_courses import own_courses
from tests.detectors.finding_reader import found, persons, shuffled
from tests.detectors.test_care_cells import DAYS, built, ordered, others

POOL = tuple(range(12))
STEP, USES = 7, 3


def pool(patients=2, cards=POOL, step=STEP, uses=USES, seed=1, **where):
    """Patients who are each treated every `step` days, for `uses` visits on one card, then on another of the pool."""
    random, rows = np.random.default_rng(seed), []
    for patient in range(patients):
        order = [card for _ in range(9) for card in random.permutation(cards).tolist()]
        days = range(3 + 2 * patient, DAYS, step)
        rows += [ordered(order[n // uses + 40 * patient], day, **where) for n, day in enumerate(days)]
    return rows


def test_two_patients_whose_injections_go_on_over_one_pool_of_cards_are_found(city):
    (finding,) = found(CareStreams(), built(city, pool() + others()))
    assert set(persons(finding)) <= set(POOL)
    assert len(persons(finding)) >= 10
    assert finding.p_value < 1e-3
    assert "own_steps" not in {cause.cause for cause in finding.benign}


def test_a_change_of_the_rhythm_and_a_visit_elsewhere_do_not_part_them(city):
    rows = pool()
    for row in rows[::9]:
        row["site_no"], row["doctor_no"] = 1, 5
    slower = [{**row, "at": row["at"].replace("2026", "2027")} for row in pool(step=10, seed=2)]
    (finding,) = found(CareStreams(), built(city, rows + slower + others() + others(doctor=5)))
    assert len(persons(finding)) >= 10


@pytest.mark.parametrize("kind", ["own courses", "short courses", "freed places", "one weekday", "no step"])
def test_courses_that_have_nothing_to_do_with_each_other_are_none(city, kind):
    random, rows = np.random.default_rng(3), []
    for person in range(30):
        start = int(random.integers(0, DAYS - 30))
        if kind == "own courses":
            days = range(start % 40, DAYS - 20, STEP)
        elif kind == "freed places":
            # one room, four places: whoever is next begins when somebody is done, and nobody comes again
            days = range(3 + person % 4 + 3 * STEP * (person // 4), min(3 + 3 * STEP * (person // 4 + 1), DAYS), STEP)
        elif kind == "one weekday":
            days = range(start - start % 7 + 4, start - start % 7 + 4 + STEP * USES, STEP)
        elif kind == "no step":
            days = sorted(random.choice(DAYS, 4, replace=False).tolist())
        else:
            days = range(start, start + STEP * USES, STEP)
        rows += [ordered(person, day) for day in days]
    weekdays = (4,) if kind == "one weekday" else range(7)
    tables = built(city, rows + others(weekdays=weekdays))
    with ordered_care(tables):
        assert list(hand_overs(tables, least_persons=3, least_log_p=4.0)) == []


def test_patients_with_one_even_course_each_side_by_side_explain_themselves():
    courses = pd.DataFrame(
        [(person, 9 * person + STEP * n) for person in range(6) for n in range(10)], columns=["person_no", "day"]
    )
    assert own_courses(courses).weight > 0.6
    # one after the other, as one patient's on six cards would be
    row = pd.DataFrame(
        [(person, 70 * person + STEP * n) for person in range(6) for n in range(10)], columns=["person_no", "day"]
    )
    assert own_courses(row).weight == 0.0
    again = pd.concat([courses, courses.assign(day=courses["day"] + 200)])
    assert own_courses(again).weight == 0.0


def test_the_row_order_leaves_no_trace(city):
    rows = pool() + others()
    assert found(CareStreams(), built(city, rows)) == found(CareStreams(), built(city, rows, order=shuffled))
