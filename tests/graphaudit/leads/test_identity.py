"""Identity: a lead is recognised in the next build."""

from __future__ import annotations

from graphaudit.leads.identity import assign, mint


def test_a_minted_id_depends_on_pattern_and_settlements_only():
    assert mint("insider", ["b", "a"]) == mint("insider", ["a", "b"])
    assert mint("insider", ["a"]) != mint("hoarded_cards", ["a"])
    assert mint("insider", ["a"]).startswith("L-")


def test_the_same_evidence_keeps_its_id():
    first = assign([("insider", ["a", "b", "c"])], {})
    assert assign([("insider", ["a", "b", "c"])], {first[0]: frozenset("abc")}) == first


def test_a_lead_that_has_grown_inherits_its_id():
    assert assign([("insider", [*"abcdefgh"])], {"L-OLD": frozenset("abc")}) == ["L-OLD"]


def test_a_lead_that_lost_most_settlements_gets_a_new_id():
    assert assign([("insider", ["a"])], {"L-OLD": frozenset("abcde")}) != ["L-OLD"]


def test_a_split_lead_leaves_its_id_to_the_larger_part():
    ids = assign([("insider", ["a", "b"]), ("insider", ["c", "d", "e"])], {"L-OLD": frozenset("abcde")})
    assert ids[1] == "L-OLD"
    assert ids[0] != "L-OLD"


def test_two_merged_leads_keep_one_id():
    ids = assign([("insider", [*"abcd"])], {"L-ONE": frozenset("ab"), "L-TWO": frozenset("cd")})
    assert ids[0] in {"L-ONE", "L-TWO"}
    assert ids == assign([("insider", [*"dcba"])], {"L-TWO": frozenset("cd"), "L-ONE": frozenset("ab")})


def test_ids_are_never_given_twice():
    heir = mint("insider", ["x"])
    ids = assign([("insider", ["a", "b"]), ("insider", ["x"])], {heir: frozenset("ab")})
    assert ids[0] == heir
    assert len(set(ids)) == 2
