"""A pattern by itself: its rings whoever found them, and the list of leads that bear its name."""

from __future__ import annotations

from typing import Any

import pytest

from graphaudit.evaluation import evaluate
from tests.graphaudit.evaluation.handmade import lead, ring


@pytest.fixture
def found() -> dict[str, Any]:
    """Three rings of cards and one of an insider; five leads that say cards, one that says insider, one unexplained."""
    rings = [
        ring("R1", "hoarded_cards", ["A0", "A1", "A2", "A3"], amount=100.0),
        ring("R2", "hoarded_cards", ["B0", "B1", "B2", "B3"], amount=300.0),
        ring("R3", "hoarded_cards", ["C0", "C1", "C2", "C3"], amount=0.0),
        ring("R4", "insider", ["D0", "D1"], amount=50.0),
    ]
    leads = [
        lead(1, ["Z0", "Z1"], pattern="hoarded_cards"),
        lead(2, ["A0", "A1", "A2"], pattern="hoarded_cards"),
        lead(3, ["D0", "D1"], pattern="hoarded_cards"),  # a ring, but wrongly named
        lead(4, ["A1", "A2", "A3"], pattern="hoarded_cards"),
        lead(5, ["B0", "B1", "B2", "B3"], pattern="insider"),  # likewise
        lead(6, ["C0", "C1", "C2", "C3"], pattern="hoarded_cards", role="card_holder"),
        lead(7, ["C0", "C1"], pattern="unexplained"),
    ]
    figures: dict[str, Any] = evaluate(leads, {"rings": rings, "benign": []})["by_pattern"]
    return figures


def test_rings_of_a_pattern_count_as_found_whatever_the_lead_is_called(found: dict[str, Any]) -> None:
    cards = found["hoarded_cards"]
    assert (cards["rings"], cards["found"], cards["recall"]) == (3, 3, 1.0)
    assert cards["money"] == 1.0
    assert cards["member_f1"] == pytest.approx((2 * 0.75 / 1.75 + 1 + 1) / 3)
    assert cards["role_accuracy"] == pytest.approx((3 + 4 + 0) / 11)


def test_its_own_list_holds_the_leads_that_bear_its_name(found: dict[str, Any]) -> None:
    cards = found["hoarded_cards"]
    # false, hit, a ring of another pattern, duplicate, hit
    assert (cards["leads"], cards["hits"], cards["other_rings"], cards["duplicates"], cards["false"]) == (5, 2, 1, 1, 1)
    assert cards["precision"] == 2 / 5
    assert cards["at"]["5"] == {"precision": 2 / 5, "ceiling": 3 / 5}
    assert cards["average_precision"] == pytest.approx((1 / 2 + 2 / 5) / 3)


def test_a_pattern_that_no_ring_has_shows_what_its_leads_hit(found: dict[str, Any]) -> None:
    row = found["unexplained"]
    assert (row["rings"], row["leads"], row["hits"], row["other_rings"], row["false"]) == (0, 1, 0, 1, 0)
    for name in ("recall", "average_precision", "money", "member_f1", "role_accuracy"):
        assert row[name] is None


def test_a_pattern_without_leads_has_no_precision(found: dict[str, Any]) -> None:
    row = found["insider"]
    assert (row["rings"], row["found"], row["leads"], row["other_rings"]) == (1, 1, 1, 1)
    assert row["precision"] == 0.0
    alone = evaluate([], {"rings": [ring("R1", "insider", ["A"])], "benign": []})["by_pattern"]["insider"]
    assert alone["precision"] is None
    assert alone["average_precision"] == 0.0
