"""Who shares more with confirmed persons than the surroundings do is found; the confirmed and neighbours are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.base import Skipped, effective
from detectors.propagation import Propagation
from graphaudit.builds.view import BuildView, ConfirmedCase
from tests.detectors.finding_reader import numbered, persons, shuffled, signals, visit

PEOPLE = 520
HOMES = range(8)
RING = tuple(range(0, 480, 30))
CONFIRMED = RING[:8]
REST = set(RING[8:])


def rows():
    """Everybody's own life; the ring also meets at an outlet, sees one doctor and leaves one phone."""
    random = np.random.default_rng(2)
    own = [
        visit(p, d, 9 + random.integers(8), p % len(HOMES))
        for p in range(PEOPLE)
        for d in random.choice(160, 15 + p % 8, replace=False)
    ]
    ring = [
        visit(p, 5 + 12 * turn, 18 + n / 30, 20, doctor_no=3, phone_no=50 + turn % 3)
        for turn in range(10)
        for n, p in enumerate(random.choice(RING, 10, replace=False))
    ]
    guests = [visit(p, random.integers(160), 11, 20) for p in range(5, 500, 3)]
    return numbered(own + ring + guests)


def asked(tables, *cases):
    view = BuildView("B", tables, None, frozenset(), seed=7, confirmed=cases)  # type: ignore[arg-type]
    return list(Propagation().find(view, effective(Propagation().spec.params, {})))


def test_the_rest_of_a_confirmed_ring_is_found_and_the_case_itself_is_not(city):
    findings = asked(city(rows()), ConfirmedCase("L-1", CONFIRMED))
    assert findings
    named = {person for finding in findings for person in persons(finding)}
    assert len(named & REST) >= 6
    assert not named & set(CONFIRMED)
    assert len(named & REST) >= 0.6 * len(named)
    assert all(finding.channel == "exploration" and "lift_by_confirmed" in signals(finding) for finding in findings)


def test_nobody_is_a_result_of_any_confirmed_case(city):
    cases = (ConfirmedCase("L-1", RING[:8]), ConfirmedCase("L-2", RING[8:12]))
    named = {person for finding in asked(city(rows()), *cases) for person in persons(finding)}
    assert not named & set(RING[:12])


def test_neighbours_of_confirmed_persons_are_no_result(city):
    # a case of people who share nothing beyond the clinic round the corner
    assert asked(city(rows()), ConfirmedCase("L-1", tuple(range(1, 120, 16)))) == []


def test_without_a_verdict_the_detector_says_why_it_does_not_run(city):
    with pytest.raises(Skipped, match="no lead has been confirmed"):
        asked(city(rows()))


def test_a_case_that_this_build_does_not_know_is_said_too(city):
    with pytest.raises(Skipped, match="nobody of a confirmed lead"):
        asked(city(rows()), ConfirmedCase("L-1", (99_999,)))


def test_the_row_order_leaves_no_trace(city):
    case = ConfirmedCase("L-1", CONFIRMED)
    assert asked(city(rows()), case) == asked(city(shuffled(rows(), seed=3)), case)
