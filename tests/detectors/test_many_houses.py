"""Whether the stays that name one contact are gathered at a few houses or lie anywhere."""

from __future__ import annotations

import pytest

from detectors.many_houses import CAUSE, EXPLAINS, many_houses, measured
from detectors.pattern_measures import measure
from detectors.pattern_rows import Candidate
from graphaudit.findings import Member
from tests.detectors.finding_reader import START
from tests.table_builder import tables_of

HOUSES = 20


def hospital_city(houses=HOUSES):
    """Two hundred stays, ten at each house where there are twenty, and a visit that is no stay."""
    stays = [
        {
            "settlement_no": n, "person_no": n, "site_no": n % houses, "kind": "inpatient", "settled_at": START,
        }
        for n in range(200)
    ]  # fmt: skip
    return tables_of({"settlements": [*stays, {"settlement_no": 200, "person_no": 0, "settled_at": START}]})


def cause(held, houses=HOUSES):
    ((stays, sites, own, city),) = measured(hospital_city(houses), [held]).values()
    return many_houses(stays, sites, own, city)


def test_stays_at_two_houses_are_gathered():
    assert cause([0, 20, 40, 60, 1, 21, 41, 61]).weight == 0.0


def test_stays_at_four_houses_are_gathered():
    assert cause([n + step for n in range(4) for step in (0, 20, 40, 60)]).weight < 0.3


def test_stays_anywhere_are_explained():
    assert cause(range(12)).weight == EXPLAINS


def test_a_city_of_few_hospitals_explains_nothing():
    assert cause(range(12), houses=2).weight == 0.0


def test_a_visit_or_a_single_stay_is_left_out():
    assert measured(hospital_city(), [[200], [3], [3, 200]]) == {}


@pytest.mark.parametrize(("weighs", "expected"), [((CAUSE,), [CAUSE]), ((), [])])
def test_a_query_asks_for_it_by_name(weighs, expected):
    members = tuple(Member("person", no, "patient") for no in range(12))
    (result,) = measure(hospital_city(), [Candidate(members, tuple(range(12)))], weighs=weighs)
    assert [each.cause for each in result.benign] == expected
