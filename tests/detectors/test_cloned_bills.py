"""Bills that clone one another at one house; paths, packages, courses, order sets and short stays are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.cloned_bills import ClonedBills
from tests.detectors.finding_reader import found, held_by, moment, numbered, others, persons, shuffled, signals

HOUSES = range(5)
DIAGNOSES = ("I10", "J18", "E11")
RING = tuple(range(8))
#: The house of the ring.
SITE = 1


class Bills:
    """Stays of six nights and their bills, grown row by row; numbers of stays are their places in `stays`."""

    def __init__(self, seed=1):
        self.random = np.random.default_rng(seed)
        self.stays = []
        self.lines = []

    def stay(self, person, site, day, *, diagnosis="I10", bill=None, touched=0, nights=6, items=10, price=0):
        """One stay: `items` of forty in any quantity, or those of the seed `bill` with `touched` quantities changed."""
        number = len(self.stays)
        random = self.random if bill is None else np.random.default_rng(bill)
        chosen = random.choice(40, items, replace=False)
        quantities = random.integers(1, 30, items)
        quantities[self.random.choice(items, touched, replace=False)] += 3
        self.lines += [
            {
                "line_id": f"L{number}-{item}", "settlement_no": number, "item_code": f"I{item}", "is_drug": False,
                "quantity": float(quantity), "amount_fen": 100 * int(quantity), "occurred_at": moment(day, 10),
            }
            for item, quantity in zip(chosen, quantities, strict=True)
        ]  # fmt: skip
        if price:
            self.lines.append({
                "line_id": f"package {number}", "settlement_no": number, "item_code": "package", "is_drug": False,
                "quantity": 1.0, "amount_fen": price, "occurred_at": moment(day, 10),
            })  # fmt: skip
        self.stays.append({
            "person_no": int(person), "site_no": int(site), "doctor_no": int(site), "kind": "inpatient",
            "diagnosis_code": diagnosis, "bed": f"own {number}", "at": moment(day, 9),
            "until": moment(day + nights, 15),
            "total_fen": int(400_000 * np.exp(self.random.normal(0, 0.4))),
        })  # fmt: skip

    def city(self, build, order=lambda rows: rows, **tables):
        return build(order(numbered(self.stays)), lines=order(self.lines), **tables)


def town(seed=1):
    """Honest stays of every diagnosis at every house."""
    bills = Bills(seed)
    for site in HOUSES:
        for patient in range(36):
            bills.stay(1000 * (site + 1) + patient, site, bills.random.integers(150), diagnosis=DIAGNOSES[patient % 3])
    return bills


def cloned(bills, ring=RING, site=SITE, **more):
    for person in ring:
        bills.stay(person, site, 5 + 13 * person % 150, **{"bill": 77, **more})
    return bills


@pytest.mark.parametrize("touched", [0, 1])
def test_households_with_one_bill_are_found_touched_up_or_not(city, touched):
    bills = cloned(town(), touched=touched)
    (finding,) = found(ClonedBills(), bills.city(city))
    assert persons(finding) == list(RING)
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("sham_stay", "cloned_bills")
    assert finding.settlements == tuple(held_by(bills.stays, RING))
    assert finding.p_value < 1e-3
    assert signals(finding) >= {"cloned_bills", "bills_cloned"}


def test_two_templates_of_the_same_households_are_one_group(city):
    bills = cloned(cloned(town()), bill=78, diagnosis="E11")
    (finding,) = found(ClonedBills(), bills.city(city))
    assert persons(finding) == list(RING)
    assert len(finding.settlements) == 2 * len(RING)


def test_a_clinical_path_of_all_houses_is_no_clone(city):
    bills = town()
    for site in HOUSES:
        cloned(bills, range(8000 + 20 * site, 8020 + 20 * site), site, bill=site + 5, touched=1)
    assert found(ClonedBills(), bills.city(city)) == []


def test_care_of_one_house_alone_is_not_judged(city):
    assert found(ClonedBills(), cloned(town(), diagnosis="Z51").city(city)) == []


def test_a_package_at_one_price_is_no_clone(city):
    assert found(ClonedBills(), cloned(town(), price=500_000).city(city)) == []


def test_a_course_of_one_person_is_no_clone(city):
    bills = town()
    for time in range(12):
        bills.stay(7, SITE, 4 + 12 * time, bill=77)
    assert found(ClonedBills(), bills.city(city)) == []


def test_order_sets_of_one_house_are_no_clones(city):
    bills = town()
    # whatever the illness, this house's patients are ordered the same
    for patient in range(36):
        bills.stay(9000 + patient, SITE, bills.random.integers(150), diagnosis=DIAGNOSES[patient % 3], bill=patient % 3)
    assert found(ClonedBills(), bills.city(city)) == []


@pytest.mark.parametrize("short", [{"nights": 1}, {"items": 4}], ids=["day surgery", "newborns"])
def test_short_stays_and_short_bills_are_no_clones(city, short):
    assert found(ClonedBills(), cloned(town(), **short).city(city)) == []


def test_three_households_are_not_enough(city):
    home = [{"person_no": person, "household_no": person % 3} for person in RING]
    assert found(ClonedBills(), cloned(town()).city(city, persons=home)) == []


def test_honest_houses_have_no_finding(city):
    assert found(ClonedBills(), town(seed=5).city(city)) == []


def test_the_row_order_leaves_no_trace(city):
    bills = cloned(town(), touched=1)
    expected = found(ClonedBills(), bills.city(city))
    assert len(expected) == 1
    assert found(ClonedBills(), bills.city(city, order=shuffled)) == expected


def test_without_lines_nothing_is_found_and_nothing_breaks(city):
    bills = cloned(town())
    bills.lines = []
    assert found(ClonedBills(), bills.city(city)) == []
    assert found(ClonedBills(), city([])) == []
