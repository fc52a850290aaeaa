"""Several worlds together, and figures a person can read."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from graphaudit.errors import SourceError
from graphaudit.evaluation import evaluate, readable, summarise


@pytest.fixture
def results(ranked: list[Any], truth: dict[str, Any]) -> list[dict[str, Any]]:
    """Two worlds with rings, one without."""
    no_rings = copy.deepcopy(truth)
    no_rings["rings"] = []
    return [evaluate(ranked, truth), evaluate(ranked[:1], truth), evaluate(ranked, no_rings)]


def test_a_mean_is_over_the_worlds_that_have_the_figure(results: list[dict[str, Any]]) -> None:
    figures = summarise(results)["figures"]
    assert figures["hits"]["mean"] == pytest.approx((2 + 1 + 0) / 3)
    assert figures["ring_recall"]["mean"] == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert figures["ring_recall"]["worlds"] == 2
    assert figures["precision@5"]["mean"] == pytest.approx((2 / 5 + 1 / 5 + 0) / 3)
    assert figures["recall:sham_stay"]["mean"] == 0.0


def test_false_leads_are_a_mean_over_all_worlds(results: list[dict[str, Any]]) -> None:
    assert summarise(results)["false_by_class"] == {
        "chance": pytest.approx((1 + 0 + 5) / 3),
        "dialysis_shift": pytest.approx((1 + 0 + 1) / 3),
        "ring_fragment": pytest.approx(1 / 3),
    }


def test_an_interval_holds_its_mean_and_repeats_under_the_same_seed(results: list[dict[str, Any]]) -> None:
    first, again, other = summarise(results), summarise(results), summarise(results, seed=1)
    assert first == again
    for figure in first["figures"].values():
        assert figure["low"] <= figure["mean"] <= figure["high"]
    assert first["figures"]["hits"]["low"] < first["figures"]["hits"]["high"]
    assert {n: f["mean"] for n, f in other["figures"].items()} == {n: f["mean"] for n, f in first["figures"].items()}


def test_equal_worlds_leave_no_doubt(results: list[dict[str, Any]]) -> None:
    figure = summarise([results[0]] * 4)["figures"]["ring_recall"]
    assert figure["low"] == figure["mean"] == figure["high"] == pytest.approx(2 / 3)


def test_no_worlds_cannot_be_summarised() -> None:
    with pytest.raises(SourceError, match="no results"):
        summarise([])


def test_the_readable_text_says_the_figures(results: list[dict[str, Any]]) -> None:
    text = readable(results[0])
    assert "leads 6   rings 3   hits 2 (strict 2)   duplicates 1   false 3" in text
    assert "found by pattern: hoarded_cards 1/1, insider 1/1, sham_stay 0/1" in text
    assert "false leads by class: chance 1, dialysis_shift 1, ring_fragment 1" in text
    top_five = next(line for line in text.splitlines() if line.split()[:1] == ["5"])
    assert top_five.split()[1:5] == ["0.40", "0.60", "0.67", "0.89"]


def test_the_readable_text_of_a_world_without_rings_has_no_figure_for_what_is_not_there(
    results: list[dict[str, Any]],
) -> None:
    text = readable(results[2])
    assert "no rings" in text
    assert "None" not in text
