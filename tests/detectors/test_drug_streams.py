"""A medicine fetched in turn on several cards is found; patients and companions who fetch their own are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from detectors.drug_streams import DrugStreams, same_day_pairs
from tests.detectors import medicine_town
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit
from tests.detectors.medicine_town import customers, with_lines

#: Medicines that patients take on and on, one for each disease, 20 patients each.
DRUGS = tuple(f"D{n}" for n in range(8))
DISEASE = {drug: f"X{n:02}.900" for n, drug in enumerate(DRUGS)}
PATIENTS = 20
HOMES = range(6)
#: Hospitals across town, with customers of their own.
HOSPITALS = (20, 21, 22)
RING = tuple(range(7))
#: Patients who fell ill lately, for each medicine, and everybody else.
LATELY = range(3000, 3000 + 6 * len(DRUGS))
NEIGHBOURS = range(5000, 5900)
#: Every nine days or so for half a year and more.
OCCASIONS = tuple(np.cumsum([40, 6, 11, 9, 12, 5, 10, 8, 13, 6, 9, 11, 5, 12, 10, 6, 13, 8, 9, 5, 11, 12]).tolist())


def buy(person, day, hour, site, drug, **more):
    return visit(person, day, hour, site, drug=drug, **{"diagnosis_code": DISEASE[drug], **more})


def courses():
    """Every patient of every medicine, every twenty days round the corner, for as long as there are records."""
    return [
        buy(1000 + PATIENTS * n + p, 2 + 20 * turn + p % 20, 10, p % len(HOMES), drug)
        for n, drug in enumerate(DRUGS)
        for p in range(PATIENTS)
        for turn in range(9)
    ]


def fallen_ill(people=LATELY, seed=2, sites=tuple(HOMES)):
    """Patients since a day of their own, who refill when what they have is used up."""
    random = np.random.default_rng(seed)
    return [
        buy(p, first + 20 * turn + random.integers(-3, 4), 10, sites[place], DRUGS[p % len(DRUGS)])
        for p in people
        for first, place in [(random.integers(40, 90), random.integers(len(sites)))]
        for turn in range(5)
    ]


def own_life(people, times=2, seed=3):
    return medicine_town.own_life(people, len(HOMES), times=times, seed=seed, diagnosis_code="J06.900")


def town():
    return [*courses(), *fallen_ill(), *own_life(LATELY), *own_life(NEIGHBOURS), *customers(HOSPITALS)]


def in_turn(people=RING, cards=4, seed=5, sites=HOSPITALS, drugs=("D1",)):
    """On each occasion so many of the cards get a pack each at one of the hospitals, within a day."""
    random = np.random.default_rng(seed)
    return [
        buy(int(p), day + n % 2, 9 + n / 10, sites[turn % len(sites)], drugs[turn % len(drugs)])
        for turn, day in enumerate(OCCASIONS)
        for n, p in enumerate(random.choice(people, cards, replace=False))
    ]


def built(city, rows, order=lambda rows: rows, **tables):
    plain, lines = with_lines(rows, days=20)
    return city(order(numbered(plain)), lines=order(lines), **tables)


def test_a_medicine_fetched_in_turn_on_several_cards_is_found(city):
    rows = [*in_turn(), *own_life(RING), *town()]
    (finding,) = found(DrugStreams(), built(city, rows))
    assert persons(finding) == list(RING)
    assert {member.role for member in finding.members if member.kind == "person"} == {"card_owner"}
    assert others(finding) == {("institution", site, "site") for site in HOSPITALS}
    assert (finding.pattern, finding.kind) == ("impersonation", "drug_stream")
    assert finding.settlements == tuple(range(len(in_turn())))
    assert finding.p_value < 1e-3
    assert signals(finding) >= {"sampled_drugs", "same_medicine_same_day"}
    assert "own_medicines" not in {cause.cause for cause in finding.benign}


def test_medicines_of_two_patients_on_the_same_cards_are_one_group(city):
    rows = [*in_turn(drugs=("D1", "D5")), *own_life(RING), *town()]
    (finding,) = found(DrugStreams(), built(city, rows))
    assert persons(finding) == list(RING)


def test_few_cards_at_one_outlet_are_found(city):
    few = RING[:4]
    rows = [*in_turn(few, cards=3, sites=(21,)), *own_life(few), *town()]
    (finding,) = found(DrugStreams(), built(city, rows))
    assert persons(finding) == list(few)


@pytest.mark.parametrize("sites", [(20,), HOSPITALS])
def test_patients_who_fell_ill_lately_and_refill_in_their_own_time_are_no_stream(city, sites):
    ill = [p for p in range(8000, 8120) if p % len(DRUGS) == 1]
    rows = [*fallen_ill(ill, sites=sites), *own_life(ill), *town()]
    assert found(DrugStreams(), built(city, rows)) == []


def test_patients_of_a_doctor_who_is_there_on_one_weekday_are_no_stream(city):
    random = np.random.default_rng(8)
    clinic = [buy(p, 42 + 7 * int(week), 9, 20, "D1") for p in RING for week in random.choice(18, 9, replace=False)]
    assert found(DrugStreams(), built(city, [*clinic, *own_life(RING), *town()])) == []


def test_neighbours_who_fetch_a_months_supply_together_are_no_stream(city):
    monthly = [buy(p, 40 + 20 * n, 9 + p / 10, 20, "D1") for p in RING for n in range(7)]
    assert found(DrugStreams(), built(city, [*monthly, *own_life(RING), *town()])) == []


@pytest.mark.parametrize("known_by", ["visit", "stay", "registration"])
def test_patients_whose_disease_is_known_otherwise_are_no_stream(city, known_by):
    rows = [*in_turn(), *own_life(RING)]
    registered = []
    if known_by == "registration":
        # as most patients of the medicine are
        patients = [*RING, *range(1000 + PATIENTS, 1000 + 2 * PATIENTS)]
        registered = [{"kind": "chronic_disease", "person_no": p, "disease_code": "M01.1"} for p in patients]
    else:
        kind = "inpatient" if known_by == "stay" else "outpatient"
        rows += [visit(p, 30 + p, 9, p % len(HOMES), diagnosis_code=DISEASE["D1"], kind=kind) for p in RING]
    assert found(DrugStreams(), built(city, [*rows, *town()], registrations=registered)) == []


def test_patients_who_have_had_the_medicine_from_the_beginning_are_no_stream(city):
    before = [buy(p, 3 + p, 9, p % len(HOMES), "D1") for p in RING]
    assert found(DrugStreams(), built(city, [*in_turn(), *before, *own_life(RING), *town()])) == []


def test_a_medicine_that_everybody_has_is_no_stream(city):
    usual = [
        buy(p, 2 + 20 * turn + p % 20, 10, p % len(HOMES), "D1") for p in NEIGHBOURS if p % 20 == 0 for turn in range(9)
    ]
    assert found(DrugStreams(), built(city, [*in_turn(), *own_life(RING), *usual, *town()])) == []


def test_a_family_is_not_enough(city):
    home = [{"person_no": p, "household_no": p % 2} for p in RING]
    assert found(DrugStreams(), built(city, [*in_turn(), *own_life(RING), *town()], persons=home)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = [*in_turn(), *own_life(RING), *town()]
    expected = found(DrugStreams(), built(city, rows))
    assert len(expected) == 1
    assert found(DrugStreams(), built(city, rows, order=shuffled)) == expected


def test_without_lines_nothing_is_found_and_nothing_breaks(city):
    plain = [{name: value for name, value in row.items() if name != "drug"} for row in in_turn()]
    assert found(DrugStreams(), city(plain)) == []
    assert found(DrugStreams(), city([])) == []


def pairs(rows):
    return same_day_pairs(pd.DataFrame(rows, columns=["person", "good", "day"]))


def test_a_calendar_that_two_persons_keep_is_met_in_other_weeks_too():
    # both every fourteen days: two shifts of three weeks in four meet as many
    both, expected = pairs([(p, 0, 14 * n) for p in (1, 2) for n in range(20)])
    assert both == 20
    assert expected == pytest.approx(10, rel=0.1)


def test_irregular_days_in_common_are_not_expected():
    days = (0, 10, 23, 31, 52, 66, 75, 98, 107, 125, 143, 160)
    both, expected = pairs([(p, 0, day) for p in (1, 2) for day in days])
    assert both == len(days)
    assert expected < both / 3


def test_other_goods_and_one_persons_own_purchases_are_no_pairs():
    both, _ = pairs([(1, 0, 0), (1, 0, 1), (2, 1, 0), (2, 1, 200)])
    assert both == 0


def test_a_short_period_tells_nothing():
    assert pairs([(1, 0, 0), (2, 0, 1)]) == (1, float("inf"))
