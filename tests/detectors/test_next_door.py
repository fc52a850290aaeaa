"""Purchases after a visit at the pharmacy nearest to it are counted; without places nothing is said."""

from __future__ import annotations

import pytest

from detectors.gathered import Chosen
from detectors.next_door import measured, next_door, weighed
from detectors.pattern_measures import measure
from detectors.pattern_rows import Candidate
from graphaudit.findings import Member
from tests.detectors.finding_reader import numbered, visit

CLINIC, BESIDE, AS_NEAR, FAR, UNKNOWN = range(5)
PLACES = {CLINIC: (30.0, 110.0), BESIDE: (30.01, 110.0), AS_NEAR: (29.989, 110.0), FAR: (30.02, 110.0)}


def town(city, sites=(BESIDE, BESIDE, AS_NEAR, FAR, UNKNOWN), places=PLACES):
    """One patient who sees a doctor and buys within the hour, each time at the next of `sites`."""
    rows = [
        row
        for n, site in enumerate(sites)
        for row in (visit(0, 10 * n, 9, CLINIC, doctor_no=0), visit(0, 10 * n, 10, site, kind="pharmacy"))
    ]
    known = [
        {
            "site_no": site, "kind": "institution" if site == CLINIC else "pharmacy",
            "latitude": places.get(site, (None, None))[0], "longitude": places.get(site, (None, None))[1],
        }
        for site in (CLINIC, BESIDE, AS_NEAR, FAR, UNKNOWN)
    ]  # fmt: skip
    return city(numbered(rows), sites=known, doctors=[{"doctor_no": 0}])


def test_purchases_at_the_nearest_are_counted_and_so_are_those_hardly_farther(city):
    every = range(10)
    assert measured(town(city), [every, [0, 1], [7], [0, 2]]) == {0: (4, 3), 1: (1, 1), 2: (1, 0)}


def test_where_the_clinic_is_unknown_nothing_is_said(city):
    assert measured(town(city, places={BESIDE: PLACES[BESIDE]}), [range(10)]) == {}


def test_the_weight_is_the_share_made_there_and_little_of_it_where_it_is_dear():
    assert next_door(4, 3).weight == pytest.approx(0.675)
    assert next_door(4, 3, is_dear=True).weight == pytest.approx(0.2025)
    assert "3 of the 4 purchases" in next_door(4, 3).text.en
    assert "4笔购药中3笔" in next_door(4, 3).text.zh


@pytest.mark.parametrize(("sites", "cause"), [((BESIDE,) * 5, ["next_door"]), ((FAR,) * 5, [])])
def test_a_pattern_that_weighs_it_names_it_where_it_explains_anything(city, sites, cause):
    candidate = Candidate((Member("doctor", 0, "doctor"), Member("person", 0, "patient")), tuple(range(10)))
    (asked,) = measure(town(city, sites), [candidate], weighs=("next_door",))
    assert [each.cause for each in asked.benign] == cause
    (unasked,) = measure(town(city, sites), [candidate])
    assert unasked.benign == ()


def test_a_group_of_purchases_bears_it_as_far_as_these_followed_a_visit(city):
    prescribed, alone = Chosen((0,), (1, 3, 5, 7), -30.0), Chosen((0,), (0,), -30.0)
    (with_cause, without) = weighed(town(city), [prescribed, alone])
    assert [(cause.cause, cause.weight) for cause in with_cause.added.benign] == [("next_door", 0.675)]
    assert without == alone
    # what no visit came before is not explained by the way
    (half,) = weighed(town(city), [Chosen((0,), (0, 1, 2, 3), -30.0)])
    assert half.added.benign[0].weight == pytest.approx(0.45)
