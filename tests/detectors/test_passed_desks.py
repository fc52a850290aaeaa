"""Whether one desk stands out among those that a group's cases passed."""

from __future__ import annotations

import pytest

from detectors.passed_desks import CAUSE, EXPLAINS, measured, passed_desks
from detectors.pattern_measures import measure
from detectors.pattern_rows import Candidate
from graphaudit.findings import Member
from tests.detectors.agency_town import built, ring, town


def settlements(tables, people):
    rows = tables.execute(
        "SELECT settlement_no FROM manual_cases WHERE list_contains($people::INTEGER[], person_no) ORDER BY ALL",
        {"people": list(people)},
    ).fetchall()
    return [int(no) for (no,) in rows]


def anywhere(_, random):
    return tuple(int(desk) for desk in random.permutation(6)[:3])


def test_a_desk_that_takes_most_of_a_groups_cases_stands_out():
    cases = built(town() + ring(lambda n, _: (2, 4, 5)))
    ((number, nats),) = measured(cases, [settlements(cases, range(12))]).values()
    assert number >= 48
    assert nats > 30
    assert passed_desks(number, nats).weight == 0.0


def test_cases_that_fall_to_the_desks_as_all_cases_do_are_explained():
    cases = built(town() + ring(anywhere))
    ((number, nats),) = measured(cases, [settlements(cases, range(12))]).values()
    assert nats < 4
    cause = passed_desks(number, nats)
    assert cause.cause == CAUSE
    assert 0.4 < cause.weight <= EXPLAINS


def test_an_office_of_two_shows_nothing():
    cases = built(town(desks=(0, 1)) + ring(lambda n, _: (n % 2, 1 - n % 2, n % 2)))
    ((_, nats),) = measured(cases, [settlements(cases, range(12))]).values()
    assert nats < 3


def test_settlements_that_passed_no_desk_are_left_out():
    cases = built(town())
    assert measured(cases, [[]]) == {}


@pytest.mark.parametrize(("hands", "named"), [(anywhere, [CAUSE]), (lambda n, _: (2, 4, 5), [])])
def test_a_pattern_that_weighs_it_names_it_where_it_explains_anything(hands, named):
    cases = built(town() + ring(hands))
    candidate = Candidate((Member("person", 0, "claimant"),), tuple(settlements(cases, range(12))))
    (asked,) = measure(cases, [candidate], weighs=(CAUSE,))
    assert [cause.cause for cause in asked.benign] == named
    (unasked,) = measure(cases, [candidate])
    assert unasked.benign == ()
