"""The page on hand-made measurements: every part is there, and says on how many cities it rests."""

from __future__ import annotations

from typing import Any

import pytest

from graphaudit.evaluation import evaluate
from tests.benchmarks.ablations import ALL
from tests.benchmarks.detection_page import METHODS, Measured, page
from tests.benchmarks.measured_cities import OURS, held_out
from tests.benchmarks.perturbed import PERTURBATIONS
from tests.graphaudit.evaluation.handmade import lead, members, ring

RINGS = [
    ring("R1", "hoarded_cards", ["A0", "A1", "A2", "A3"], amount=100.0),
    ring("R2", "insider", ["B0", "B1", "B2"], amount=300.0),
]
FAMILIES = [{"id": "B1", "class": "family", "members": members(["F0", "F1"])}]


def _lead(rank: int, *persons: str, pattern: str, score: float, q_value: float | None = None) -> dict[str, Any]:
    return {**lead(rank, persons, pattern=pattern, q_value=q_value), "score": score}


GOOD = [
    _lead(1, "A0", "A1", "A2", "A3", pattern="hoarded_cards", score=0.95, q_value=0.001),
    _lead(2, "F0", "F1", pattern="hoarded_cards", score=0.55, q_value=0.04),
    _lead(3, "B0", "B1", "B2", pattern="unexplained", score=0.45),
]


@pytest.fixture
def measured() -> Measured:
    """Two ordinary cities, one without rings, and one of everything else."""
    truth = {"rings": RINGS, "benign": FAMILIES}
    all_found, cards = evaluate(GOOD, truth), evaluate(GOOD[:1], truth)
    nothing = evaluate([], truth)
    city = {
        "methods": {**dict.fromkeys(METHODS, nothing), OURS: all_found},
        "ablation": {ALL: all_found, "without a": cards},
    }
    quiet = evaluate(GOOD[1:2], {"rings": [], "benign": FAMILIES})
    planted = [
        {
            "size": size,
            "attendance": 0.6,
            "sessions": 4,
            "spread": "1 hour",
            "traces": "faint traces",
            "found": size > 6,
        }
        for size in (4, 6, 8, 40)
    ]
    week = {
        "rbo": 0.8,
        "jaccard": 0.7,
        "gone": 1,
        "new": 2,
        "variant": "camouflage 1",
        "before": cards,
        "now": all_found,
    }
    unseen = {"rings": [RINGS[0], {**RINGS[1], "pattern": "unexplained"}], "benign": FAMILIES}
    further = {**evaluate(GOOD, unseen), "held_out": held_out(evaluate(GOOD, unseen), unseen)}
    results: list[tuple[str, Any]] = [
        ("camouflage 1", city),
        ("camouflage 1", {"methods": city["methods"]}),
        ("no rings", {"methods": dict.fromkeys(METHODS, quiet)}),
        *((name, {"variant": "camouflage 1", "before": all_found, "after": cards}) for name in PERTURBATIONS),
        ("weeks", week),
        ("planted", planted),
        ("a type of ring held out", further),
    ]
    return Measured("small", (1, 2), (1,), results)


def _row(text: str, heading: str, start: str) -> list[str]:
    """The cells of the first row below `heading` that begins with `start`."""
    below = text[text.index(heading) :].splitlines()
    return [cell.strip() for cell in next(line for line in below if line.startswith(f"| {start} |")).split("|")[1:-1]]


def test_every_method_stands_with_its_precision(measured: Measured) -> None:
    text = page(measured)
    assert "2 cities." in text
    row = _row(text, "## Camouflage 1", OURS)
    assert row[1] == "0.40"  # two hits on five places
    assert row[2].startswith("0.20 (")
    assert [_row(text, "## Camouflage 1", method)[1] for method in METHODS[1:]] == ["0.00"] * (len(METHODS) - 1)


def test_patterns_tell_rings_found_from_leads_that_bear_the_name(measured: Measured) -> None:
    text = page(measured)
    # rings, found, …, its leads, on its rings, on other rings, false
    cards = _row(text, "Each pattern:", "hoarded_cards")
    assert (cards[1], cards[2], cards[6:10]) == ("2", "2", ["4", "2", "0", "2"])
    insider = _row(text, "Each pattern:", "insider")
    assert (insider[1], insider[2], insider[6]) == ("2", "2", "0")
    unexplained = _row(text, "Each pattern:", "unexplained")
    assert (unexplained[1], unexplained[6:10]) == ("0", ["2", "0", "2", "0"])


def test_claims_are_held_against_what_they_were(measured: Measured) -> None:
    text = page(measured)
    honest = text[text.index("## Can its numbers be believed") :]
    assert "| camouflage 1 | 2 | 0.05 | 4 | 2 | 0.500 |" in honest
    assert "| no rings | 1 | 0.05 | 1 | 1 | 1.000 |" in honest
    assert "| no rings | 1 | 0.01 | 0 | 0 | 0.000 |" in honest
    assert "| 0.9–1.0 | 2 | 0.95 | 1.00 |" in honest


def test_changes_are_shown_city_by_city(measured: Measured) -> None:
    text = page(measured)
    assert _row(text, "## What each channel carries", "without a") == ["without a", "-0.05", "-0.50"]
    assert "Cities: 1 of camouflage 1" in text
    lost = _row(text, "## Records lost", "a fifth of the settlements lost")
    assert lost[2:] == ["1", "0.05 (-0.05)", "0.50 (-0.50)", "0.50 (-0.33)", "-1.0"]
    assert _row(text, "## From one week", "camouflage 1") == [
        "camouflage 1",
        "1",
        "0.80",
        "0.70",
        "1.0",
        "2.0",
        "0.05",
        "0.10",
    ]


def test_curves_count_the_rings_behind_each_share(measured: Measured) -> None:
    text = page(measured)
    assert "4 rings of gathered cards planted into 1 city" in text
    below = text[text.index("## What it cannot see") :]
    assert "| persons | 8 | – | 1.00 of 1 |" in below
    assert "| attendance | 0.6 | – | 0.50 of 4 |" in below
    assert "| 4 sessions, 0.6 attend | – | – | 0.33 of 3 | 1.00 of 1 |" in below


def test_the_type_held_out_is_told_by_what_its_leads_are_called(measured: Measured) -> None:
    text = page(measured)
    assert "1 of 1 rings in 1 city were found (1.00); what the leads on them are called: unexplained 1." in text


def test_parts_that_were_not_measured_are_not_there(measured: Measured) -> None:
    bare = Measured(
        measured.size,
        measured.seeds,
        measured.levels,
        [one for one in measured.results if one[0] in {"camouflage 1", "no rings"}],
    )
    text = page(bare)
    assert "## Records lost" not in text
    assert "## What it cannot see" not in text
    assert "nobody tuned on" not in text
