"""Handlers and their clientele: hired claimants who come back to one or two desks are found, duty rosters are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.staff import HandlerClientele, HandlerPairs
from tests.detectors.agency_town import DESKS, RING, SPAN, TIMES, built, case, ring, shuffled, town
from tests.detectors.finding_reader import found, others, persons, signals
from tests.table_builder import tables_of


def any_two_others(random, *taken):
    return [int(desk) for desk in random.permutation([d for d in DESKS if d not in taken])[:2]]


def to_one_desk(n, random):
    return (0, *any_two_others(random, 0))


def to_two_desks(n, random):
    one = n % 2
    return (one, 1 - one, int(random.choice(DESKS[2:])))


def test_claimants_who_come_back_to_one_desk_are_found():
    (finding,) = found(HandlerClientele(), built(ring(to_one_desk) + town()))
    assert set(persons(finding)) <= set(RING)
    assert len(persons(finding)) >= 10
    assert others(finding) == {("handler", 0, "handler")}
    assert (finding.pattern, finding.kind) == ("insider", "handler_clientele")
    assert signals(finding) == {"returns_to_one_handler"}
    assert finding.p_value < 1e-6
    assert finding.settlements == tuple(no for no in range(len(RING) * TIMES) if no // TIMES in persons(finding))


def test_claimants_who_go_round_between_two_desks_are_found_with_both():
    (finding,) = found(HandlerPairs(), built(ring(to_two_desks) + town()))
    assert set(persons(finding)) <= set(RING)
    assert len(persons(finding)) >= 10
    assert others(finding) == {("handler", 0, "handler"), ("handler", 1, "handler")}
    assert signals(finding) == {"returns_to_two_handlers"}


def test_who_takes_part_by_chance_is_no_partner():
    # one handler enters and reviews all of it; the second reviewer is whoever is there
    alone = ring(lambda n, random: (0, 0, int(random.choice(DESKS[1:]))))
    assert found(HandlerPairs(), built(alone + town())) == []


def test_accounts_that_come_back_to_one_desk_are_found_though_everybody_claims_once():
    random = np.random.default_rng(4)
    once = [
        case(person, int(random.integers(SPAN)), *to_one_desk(person, random), account=person // 4)
        for person in range(32)
    ]
    (finding,) = found(HandlerClientele(), built(once + town()))
    assert set(persons(finding)) <= set(range(32))
    assert len(persons(finding)) >= 24
    assert {role for kind, _, role in others(finding) if kind == "bank_account"} == {"payee"}


def nothing(tables):
    """Neither detector finds anything."""
    return found(HandlerClientele(), tables) == [] == found(HandlerPairs(), tables)


def test_a_town_without_a_ring_gives_nothing():
    assert nothing(built(town(cases=900, claimants=200)))


def test_a_specialist_window_that_takes_one_kind_of_case_is_none():
    # the same patients come again and again to it, for that kind of case is theirs
    special = ring(lambda n, random: (0, 1, 2), reason="03")
    other_patients = ring(lambda n, random: (0, 1, 2), people=range(100, 140), seed=5, reason="03")
    assert nothing(built(special + other_patients + town()))


def test_an_office_of_two_handlers_is_none():
    pair = ring(lambda n, random: (n % 2, 1 - n % 2, n % 2))
    rows = pair + town(desks=(0, 1), cases=100, claimants=60) + town(desks=(2, 3, 4, 5), seed=9, cases=200)
    assert nothing(built(rows, dict.fromkeys((0, 1), "small")))


def test_cover_while_colleagues_are_on_leave_is_none():
    # for five weeks only two desks are open; who claims every week meets them every time
    weekly = [case(person, 60 + 8 * n, 0, 1, 0) for person in RING for n in range(4)]
    rows = [row for row in town() if not 58 <= row["day"] <= 97]
    leave = [case(2000 + n, 58 + n % 36, n % 2, 1 - n % 2, n % 2) for n in range(70)]
    assert nothing(built(weekly + leave + rows))


def test_a_backlog_entered_together_after_an_outage_is_none():
    # on two evenings the papers of a fortnight, several to a person, are entered at one desk and reviewed at another
    backlog = [case(2000 + n % 25, day, 0, 1, 1, hour=20.0, wait=0) for day in (80, 81) for n in range(75)]
    assert nothing(built(backlog + town()))


def test_two_who_are_partners_for_everybody_are_no_pair():
    random = np.random.default_rng(6)
    partner = {0: 1, 1: 0, 2: 3, 3: 2, 4: 5, 5: 4}
    rows = [
        case(1000 + int(random.integers(200)), int(random.integers(SPAN)), desk, partner[desk], partner[desk])
        for desk in random.choice(DESKS, 700).tolist()
    ]
    assert nothing(built(rows))


def test_a_family_is_one_claimant():
    home = [{"person_no": person, "household_no": person % 3} for person in RING]
    assert nothing(built(ring(to_one_desk) + ring(to_two_desks, seed=3) + town(), people=home))


def test_without_offices_nothing_is_found_and_nothing_breaks():
    rows = ring(to_one_desk) + town(cases=50)
    assert nothing(built(rows, dict.fromkeys(DESKS)))
    assert nothing(tables_of({}))


@pytest.mark.parametrize(
    ("detector", "hands"), [(HandlerClientele(), to_one_desk), (HandlerPairs(), to_two_desks)], ids=["one", "two"]
)
def test_the_row_order_leaves_no_trace(detector, hands):
    rows = ring(hands) + town()
    expected = found(detector, built(rows))
    assert len(expected) == 1
    assert found(detector, built(rows, shuffle=shuffled)) == expected
