"""What holds for any truth and any list."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graphaudit.evaluation import evaluate
from tests.graphaudit.evaluation.handmade import lead, members, ring

PERSONS = [f"P{n}" for n in range(24)]
GROUPS = st.lists(st.sampled_from(PERSONS), min_size=1, max_size=9, unique=True)


@st.composite
def truths(draw: st.DrawFn) -> dict[str, Any]:
    rings = draw(st.lists(st.tuples(GROUPS, st.integers(0, 900)), max_size=5))
    benign = draw(st.lists(st.tuples(GROUPS, st.sampled_from(["family", "companions"])), max_size=4))
    return {
        "rings": [
            ring(f"R{n}", "insider", who, amount=float(amount), settlements=[f"S{n}"])
            for n, (who, amount) in enumerate(rings)
        ],
        "benign": [{"id": f"B{n}", "class": name, "members": members(who)} for n, (who, name) in enumerate(benign)],
    }


@st.composite
def lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    groups = draw(st.lists(st.tuples(GROUPS, st.none() | st.floats(0, 1)), max_size=8))
    return [lead(rank, who, q_value=q) for rank, (who, q) in enumerate(groups, start=1)]


@given(lists(), truths())
def test_every_lead_has_one_verdict_and_every_share_is_a_share(leads: list[Any], truth: dict[str, Any]) -> None:
    found = evaluate(leads, truth)
    assert found["hits"] + found["duplicates"] + found["false"] == found["leads"] == len(leads)
    assert sum(found["false_by_class"].values()) == found["false"]
    assert found["hits"] == len({v["ring"] for v in found["verdicts"]} - {None})
    shares = ["ring_recall", "average_precision", "member_f1", "member_jaccard", "role_accuracy", "q_false_share"]
    values = [found[name] for name in shares]
    values += [row[name] for row in found["at"].values() for name in ("precision", "money", "duplicates")]
    assert all(value is None or -1e-9 <= value <= 1 + 1e-9 for value in values)
    for row in found["at"].values():
        assert row["precision"] <= row["ceiling"] + 1e-9


@given(lists(), truths())
def test_a_match_agrees_with_the_rule_written_out(leads: list[Any], truth: dict[str, Any]) -> None:
    found = evaluate(leads, truth)
    open_rings = [{m["id"] for m in one["members"]} for one in truth["rings"]]
    for verdict, one in zip(found["verdicts"], leads, strict=True):
        mine = {m["id"] for m in one["members"]}
        fits = [len(mine & r) / len(mine) >= 0.6 and len(mine & r) / len(r) >= 0.3 for r in open_rings]
        assert (verdict["verdict"] == "false") == (not any(fits))


@given(lists(), truths(), st.randoms())
def test_order_in_the_file_never_matters(leads: list[Any], truth: dict[str, Any], chance: Any) -> None:
    expected = evaluate(copy.deepcopy(leads), truth)
    chance.shuffle(leads)
    assert evaluate(leads, truth) == expected


@given(lists(), truths(), GROUPS)
def test_a_further_lead_at_the_bottom_changes_nothing_above_it(
    leads: list[Any], truth: dict[str, Any], more: list[str]
) -> None:
    before = evaluate(leads, truth, ks=range(1, len(leads) + 1))
    after = evaluate([*leads, lead(len(leads) + 1, more)], truth, ks=range(1, len(leads) + 1))
    assert after["at"] == before["at"]
    assert after["verdicts"][:-1] == before["verdicts"]


@given(truths())
def test_the_truth_itself_as_a_list_of_leads_is_perfect(truth: dict[str, Any]) -> None:
    apart, taken = [], set()
    for one in truth["rings"]:
        who = {m["id"] for m in one["members"]}
        if not who & taken:
            apart.append(one)
            taken |= who
    truth["rings"] = apart
    leads = [{"rank": n, "members": one["members"], "pattern": one["pattern"]} for n, one in enumerate(apart, start=1)]
    found = evaluate(leads, truth, ks=(1, 50))
    assert found["hits"] == found["strict_hits"] == len(apart)
    if apart:
        assert found["at"]["1"]["precision"] == 1.0
        for name in ("ring_recall", "average_precision", "member_f1", "role_accuracy", "pattern_accuracy"):
            assert found[name] == 1.0
        assert found["at"]["50"]["money"] in {None, 1.0}
