"""Handlers and their clientele: hired claimants who come back to one or two desks are found, duty rosters are not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from detectors.staff import HandlerClientele, HandlerPairs
from tests.detectors.finding_reader import START, found, others, persons, signals
from tests.table_builder import as_given, tables_of

DESKS = tuple(range(6))
SPAN = 170
RING = tuple(range(12))
#: Working days of the ring's cases: nobody comes on a fixed date.
TIMES = 4


def case(person, day, entered, first, last, hour=10.0, **more):
    """A manual case entered on `day` and reviewed on the next two."""
    return {
        "person_no": person, "day": day, "hour": hour, "entered": entered, "first": first, "last": last, "reason": "01",
        **more,
    }  # fmt: skip


def town(seed=1, cases=600, claimants=260, desks=DESKS):
    """People of the town, each case at whatever desk is free, reviewed by two others (or whoever there is)."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(cases):
        hands = [int(desk) for desk in random.permutation(desks)[:3]]
        entered, first, last = (hands * 3)[:3]
        rows.append(case(1000 + int(random.integers(claimants)), int(random.integers(SPAN)), entered, first, last))
    return rows


def ring(hands, people=RING, seed=2, **more):
    """Each of `people` claims four times; `hands(n)` are the desks of the n-th case."""
    random = np.random.default_rng(seed)
    order = [(person, int(day)) for person in people for day in random.choice(SPAN, TIMES, replace=False)]
    return [case(person, day, *hands(n, random), **more) for n, (person, day) in enumerate(order)]


def built(rows, offices=None, shuffle=as_given, people=()):
    """Cases of `rows` with their reviews; every desk belongs to one office unless `offices` says otherwise."""
    numbered = list(enumerate(rows))
    desks = sorted({row[who] for row in rows for who in ("entered", "first", "last")})
    known = {person["person_no"]: person for person in people}
    return tables_of(
        {
            "persons": [
                {"person_no": no, **known.get(no, {})} for no in range(max(row["person_no"] for row in rows) + 1)
            ],
            "settlements": [
                {"settlement_no": no, "person_no": row["person_no"], "is_manual": True, "settled_at": at(row["day"])}
                for no, row in numbered
            ],
            "handlers": [
                {"handler_no": no, "kind": "agency", "office": {**dict.fromkeys(DESKS, "O1"), **(offices or {})}[no]}
                for no in range(max(desks) + 1)
            ],
            "manual_cases": [
                {
                    "case_no": no, "settlement_no": no, "person_no": row["person_no"], "accepted_by": row["entered"],
                    "accepted_at": at(row["day"], row["hour"]), "reason": row["reason"],
                    "bank_account_no": row.get("account"),
                }
                for no, row in numbered
            ],
            "reviews": [
                {
                    "review_id": f"R{no}-{step}", "case_no": no, "step": step, "handler_no": row[who],
                    "at": at(row["day"] + row.get("wait", step), row["hour"] + step / 10),
                }
                for no, row in numbered
                for step, who in ((1, "first"), (2, "last"))
            ],
        },
        shuffle,
    )  # fmt: skip


def at(day, hour=0.0):
    return START + timedelta(days=int(day), hours=hour)


def shuffled(rows):
    return [rows[place] for place in np.random.default_rng(0).permutation(len(rows))]


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
