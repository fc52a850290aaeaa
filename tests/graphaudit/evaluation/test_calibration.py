"""Claims held against what they were: every expected value is written as the fraction it is."""

from __future__ import annotations

from typing import Any

import pytest

from graphaudit.evaluation import evaluate, honesty, reliability
from tests.graphaudit.evaluation.handmade import lead, ring


def _result(*claims: tuple[str, float | None, float | None], rings: bool = True) -> dict[str, Any]:
    """One world: leads as (hit | false, score, q), every hit on a ring of its own."""
    leads = []
    for rank, (kind, score, q_value) in enumerate(claims, start=1):
        one = lead(rank, [f"{kind}{rank}a", f"{kind}{rank}b"], q_value=q_value)
        leads.append({**one, "score": score})
    made = [
        ring(f"R{n}", "insider", [f"hit{n}a", f"hit{n}b"])
        for n, (kind, _, _) in enumerate(claims, start=1)
        if kind == "hit" and rings
    ]
    return evaluate(leads, {"rings": made, "benign": []})


def test_nominal_rates_are_held_against_the_false_share_of_each_world() -> None:
    one = _result(("hit", None, 0.001), ("false", None, 0.04), ("hit", None, 0.04), ("hit", None, None))
    two = _result(("hit", None, 0.01), ("false", None, 0.15))
    rows = {row["nominal"]: row for row in honesty([one, two])}
    assert [(rows[q]["claimed"], rows[q]["false"]) for q in (0.01, 0.05, 0.1, 0.2)] == [(2, 0), (4, 1), (4, 1), (5, 2)]
    assert rows[0.05]["realised"] == pytest.approx((1 / 3 + 0) / 2)
    assert rows[0.05]["pooled"] == 1 / 4
    assert rows[0.2]["realised"] == pytest.approx((1 / 3 + 1 / 2) / 2)


def test_without_rings_it_is_the_share_of_worlds_that_claim_anything() -> None:
    quiet, loud = _result(("false", 0.4, None)), _result(("false", 0.4, 0.03), ("false", 0.4, 0.02))
    row = honesty([quiet, loud, quiet, quiet], nominal=(0.05,))[0]
    assert row["realised"] == 1 / 4
    assert row["pooled"] == 1.0
    assert honesty([quiet], nominal=(0.05,))[0]["pooled"] is None


def test_scores_are_read_as_chances() -> None:
    found = reliability([_result(("hit", 0.95, None), ("false", 0.91, None)), _result(("false", 0.3, None))])
    assert [(row["from"], row["leads"]) for row in found["bins"]] == [(0.3, 1), (0.9, 2)]
    assert found["bins"][1]["mean_score"] == pytest.approx(0.93)
    assert found["bins"][1]["on_ring"] == 0.5
    assert found["ece"] == pytest.approx((1 * 0.3 + 2 * 0.43) / 3)
    assert found["brier"] == pytest.approx((0.05**2 + 0.91**2 + 0.3**2) / 3)
    assert found["leads"] == 3


def test_a_score_of_one_lies_in_the_last_bin_and_leads_without_score_in_none() -> None:
    found = reliability([_result(("hit", 1.0, None), ("hit", None, None))])
    assert [(row["to"], row["leads"]) for row in found["bins"]] == [(1.0, 1)]
    assert (found["ece"], found["brier"]) == (0.0, 0.0)
    assert reliability([_result(("hit", None, None))]) == {"bins": [], "ece": None, "brier": None, "leads": 0}


def test_a_second_lead_on_a_ring_is_not_a_false_claim() -> None:
    leads = [{**lead(n, ["A", "B"], q_value=0.01), "score": 0.5} for n in (1, 2)]
    result = evaluate(leads, {"rings": [ring("R1", "insider", ["A", "B"])], "benign": []})
    assert honesty([result], nominal=(0.05,))[0]["false"] == 0
    assert reliability([result])["bins"][0]["on_ring"] == 1.0
