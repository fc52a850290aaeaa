"""Several worlds together: means with bootstrap intervals, and figures a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from graphaudit.errors import SourceError

DRAWS = 2_000
CONFIDENCE = 0.95

#: Figures that are summarised, besides those at k.
FIGURES = (
    "average_precision", "ring_recall", "small_ring_recall", "member_f1", "member_jaccard", "member_precision",
    "member_recall", "role_accuracy", "pattern_accuracy", "duplicate_share", "hits_per_hour", "q_false_share", "leads",
    "hits", "strict_hits", "false",
)  # fmt: skip
AT_K = ("precision", "ceiling", "ring_recall", "money", "settlements_named", "duplicates", "hits_per_hour")
OF_PATTERN = ("recall", "member_f1", "role_accuracy", "money", "precision", "average_precision", "leads", "false")


def _interval(values: Sequence[float], rng: np.random.Generator) -> dict[str, Any]:
    observed = np.array(values, dtype=np.float64)
    draws = observed[rng.integers(0, len(observed), (DRAWS, len(observed)))].mean(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return {"mean": float(observed.mean()), "low": float(low), "high": float(high), "worlds": len(observed)}


def _figures(result: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name in FIGURES:
        if result.get(name) is not None:
            yield name, float(result[name])
    for k, row in result["at"].items():
        for name in AT_K:
            if row[name] is not None:
                yield f"{name}@{k}", float(row[name])
    for pattern, row in result["by_pattern"].items():
        for name in OF_PATTERN:
            if row[name] is not None:
                yield f"{name}:{pattern}", float(row[name])
        for k, at in row["at"].items():
            if row["rings"]:
                yield f"precision@{k}:{pattern}", float(at["precision"])
                yield f"ceiling@{k}:{pattern}", float(at["ceiling"])


def summarise(results: list[dict[str, Any]], seed: int = 0) -> dict[str, Any]:
    """Mean and bootstrap interval of every figure over worlds; figures missing in a world are left out of it.

    The worlds are the unit that is drawn again, so figures of two methods on the same worlds compare pairwise
    under the same seed. SourceError when there are no results.
    """
    if not results:
        raise SourceError("no results to summarise", hint="evaluate at least one world")
    values: dict[str, list[float]] = {}
    for result in results:
        for name, value in _figures(result):
            values.setdefault(name, []).append(value)
    false: Counter[str] = Counter()
    for result in results:
        false.update(result["false_by_class"])
    return {
        "worlds": len(results),
        "figures": {name: _interval(values[name], np.random.default_rng(seed)) for name in sorted(values)},
        "false_by_class": {name: count / len(results) for name, count in sorted(false.items())},
    }


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def readable(result: dict[str, Any]) -> str:
    """The figures of one world as a few lines of text."""
    lines = [
        f"leads {result['leads']}   rings {result['rings']}   hits {result['hits']} (strict {result['strict_hits']})   "
        f"duplicates {result['duplicates']}   false {result['false']}",
        "",
        f"{'top':>5} {'precision':>9} {'ceiling':>8} {'rings':>6} {'money':>6} "
        f"{'duplicates':>10} {'hours':>7} {'hits/hour':>9}",
    ]
    for k, row in result["at"].items():
        lines.append(
            f"{k:>5} {row['precision']:>9.2f} {row['ceiling']:>8.2f} "
            f"{_text(row['ring_recall']):>6} {_text(row['money']):>6} "
            f"{_text(row['duplicates']):>10} {row['hours']:>7.1f} {_text(row['hits_per_hour']):>9}"
        )
    lines += [
        "",
        f"average precision {_text(result['average_precision'])}   ring recall {_text(result['ring_recall'])}   "
        f"of rings up to 8 persons {_text(result['small_ring_recall'])}",
        f"on hits: member F1 {_text(result['member_f1'])}   Jaccard {_text(result['member_jaccard'])}   "
        f"roles {_text(result['role_accuracy'])}   pattern {_text(result['pattern_accuracy'])}",
        f"leads with q ≤ 0.05: {result['q_claimed']}, of them false {_text(result['q_false_share'])}",
        "",
        "found by pattern: "
        + (
            ", ".join(
                f"{name} {row['found']}/{row['rings']}" for name, row in result["by_pattern"].items() if row["rings"]
            )
            or "no rings"
        ),
        "false leads by class: "
        + (", ".join(f"{name} {count}" for name, count in result["false_by_class"].items()) or "none"),
    ]
    return "\n".join(lines)
