"""Lasting medicines sampled together are found; patients, families, campaigns and unrelated samplers are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.sampled_drugs import SampledDrugs
from tests.detectors import medicine_town
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit
from tests.detectors.medicine_town import customers, with_lines

#: Medicines that patients take month after month, forty patients each, and the pharmacies where everybody goes.
DRUGS = tuple(f"D{n}" for n in range(8))
PATIENTS = 40
HOMES = range(6)
#: Outlets across town, with customers of their own.
OUTLETS = (20, 21, 22)
RING = tuple(range(8))


def courses():
    """Every patient of every medicine, once a month at the pharmacy round the corner."""
    return [
        visit(1000 + PATIENTS * d + p, 2 + 30 * month + p % 25, 10, p % len(HOMES), kind="pharmacy", drug=drug)
        for d, drug in enumerate(DRUGS)
        for p in range(PATIENTS)
        for month in range(6)
    ]


def own_life(people, times=6, seed=3):
    """Visits without a lasting medicine at the pharmacy round the corner."""
    return medicine_town.own_life(people, len(HOMES), times=times, seed=seed, kind="pharmacy")


def samplers(people=range(5000, 5060), seed=4):
    """Persons who try two or three medicines once, anywhere and any time: visitors, and those who change a medicine."""
    random = np.random.default_rng(seed)
    places = (*HOMES, *OUTLETS)
    return [
        visit(p, random.integers(120), 11, random.choice(places), kind="pharmacy", drug=drug)
        for p in people
        for drug in random.choice(DRUGS, 2 + p % 2, replace=False)
    ]


def town():
    return [*courses(), *samplers(), *own_life(range(5000, 5060)), *customers(OUTLETS)]


def rounds(people=RING, days=(6, 15, 29, 38, 52, 61, 70, 85, 93, 104, 118, 127), seed=5, sites=OUTLETS):
    """On each of some days half of the people get one of four medicines each at one of the outlets."""
    random = np.random.default_rng(seed)
    return [
        visit(p, day + int(random.integers(2)), 9 + n / 10, sites[turn % len(sites)], kind="pharmacy", drug=drug)
        for turn, day in enumerate(days)
        for n, (p, drug) in enumerate(
            zip(
                random.choice(people, len(people) // 2, replace=False),
                random.choice(DRUGS[:4], len(people) // 2),
                strict=True,
            )
        )
    ]


def built(city, rows, order=lambda rows: rows, **tables):
    plain, lines = with_lines(rows)
    return city(order(numbered(plain)), lines=order(lines), **tables)


def test_cards_that_take_turns_at_common_outlets_are_found(city):
    ring = rounds()
    (finding,) = found(SampledDrugs(), built(city, ring + own_life(RING) + town()))
    assert set(persons(finding)) <= set(RING)
    assert len(persons(finding)) >= 6
    assert {member.role for member in finding.members if member.kind == "person"} == {"card_holder"}
    assert {(no, role) for _, no, role in others(finding)} <= {(site, "site") for site in OUTLETS}
    assert others(finding)
    assert (finding.pattern, finding.kind) == ("hoarded_cards", "sampled_drugs")
    assert set(finding.settlements) <= set(range(len(ring)))
    assert signals(finding) >= {"sampled_drugs", "several_medicines"}
    assert finding.p_value < 1e-4


def test_two_groups_that_share_an_outlet_stay_two(city):
    second = tuple(range(10, 22))
    other_days = (3, 11, 24, 34, 45, 57, 66, 77, 90, 99, 110, 122)
    ring = rounds() + rounds(second, days=other_days, seed=6, sites=(20, 23, 24))
    findings = found(SampledDrugs(), built(city, ring + own_life((*RING, *second)) + town()))
    assert len(findings) == 2
    assert [set(persons(finding)) <= set(people) for finding, people in zip(findings, (RING, second), strict=True)]


def test_who_samples_as_much_but_alone_is_no_group(city):
    random = np.random.default_rng(8)
    places = (*HOMES, *OUTLETS)
    alone = [{**row, "at": visit(0, random.integers(120), 9, 0)["at"], "site_no": int(random.choice(places))}
             for row in rounds()]  # fmt: skip
    assert found(SampledDrugs(), built(city, alone + own_life(RING) + town())) == []


def test_patients_who_began_lately_and_go_on_are_no_group(city):
    begun = [
        visit(p, 60 + 30 * month + p % 3, 9, OUTLETS[0], kind="pharmacy", drug=drug)
        for p in RING
        for drug in DRUGS[:4]
        for month in range(4)
    ]
    assert found(SampledDrugs(), built(city, begun + own_life(RING) + town())) == []


def test_a_family_that_buys_for_one_another_is_no_group(city):
    homes = [{"person_no": p, "household_no": 70 + p % 3} for p in RING]
    assert found(SampledDrugs(), built(city, rounds() + own_life(RING) + town(), persons=homes)) == []


@pytest.mark.parametrize("crowd", [20, 90])
def test_a_campaign_on_one_day_is_no_group(city, crowd):
    people = range(300, 300 + crowd)
    gifts = [visit(p, 40, 9 + n / 10, OUTLETS[0], kind="pharmacy", drug=drug)
             for p in people for n, drug in enumerate(DRUGS[:3])]  # fmt: skip
    assert found(SampledDrugs(), built(city, gifts + own_life(people) + town())) == []


def test_regular_customers_of_one_pharmacy_are_no_group(city):
    loyal = [
        visit(p, 3 + 30 * month + p % 2, 9, OUTLETS[0], kind="pharmacy", drug=DRUGS[p % 4])
        for p in RING
        for month in range(6)
    ]
    assert found(SampledDrugs(), built(city, loyal + town())) == []


def test_acute_medicines_are_not_sampled(city):
    acute = [{**row, "drug": f"A{row['drug']}"} for row in rounds()]
    assert found(SampledDrugs(), built(city, acute + own_life(RING) + town())) == []


def test_without_fee_lines_there_is_nothing_to_find(city):
    plain = [{name: value for name, value in row.items() if name != "drug"} for row in rounds() + town()]
    assert found(SampledDrugs(), city(numbered(plain))) == []


def test_the_row_order_leaves_no_trace(city):
    rows = rounds() + own_life(RING) + town()
    expected = found(SampledDrugs(), built(city, rows))
    assert expected
    assert found(SampledDrugs(), built(city, rows, order=lambda rows: shuffled(rows, seed=2))) == expected
