"""Whether a list's own numbers can be believed: q-values against false leads, scores against hits, over worlds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from graphaudit.evaluation.verdicts import FALSE

#: Rates at which the claims of q-values are held against what they were.
NOMINAL = (0.01, 0.05, 0.10, 0.20)

#: Bins of the score in [0, 1].
BINS = 10


def honesty(results: Sequence[dict[str, Any]], nominal: Sequence[float] = NOMINAL) -> list[dict[str, Any]]:
    """For each nominal rate, the leads with q ≤ rate and how many of them were false, over worlds of `evaluate`.

    `realised` is the false discovery rate: the mean over worlds of false / claimed, 0 in a world that claims nothing;
    so without rings it is the share of worlds that claim anything. `pooled` is the share over all worlds' claims
    together, None without any. A second lead on a ring is not false. Exact rules (q null) claim nothing.
    """
    rows = []
    for rate in nominal:
        claimed = [[verdict for q, verdict in _claims(result) if q <= rate] for result in results]
        false = [verdicts.count(FALSE) for verdicts in claimed]
        leads = sum(map(len, claimed))
        rows.append(
            {
                "nominal": rate,
                "worlds": len(results),
                "claimed": leads,
                "false": sum(false),
                "pooled": sum(false) / leads if leads else None,
                "realised": float(np.mean([f / max(len(c), 1) for f, c in zip(false, claimed, strict=True)]))
                if results
                else None,
            }
        )
    return rows


def _claims(result: dict[str, Any]) -> Iterator[tuple[float, str]]:
    for verdict in result["verdicts"]:
        if verdict["q_value"] is not None:
            yield float(verdict["q_value"]), verdict["verdict"]


def reliability(results: Sequence[dict[str, Any]], bins: int = BINS) -> dict[str, Any]:
    """Scores read as chances of being on a ring, against how often that was so, over worlds of `evaluate`.

    `bins` holds the equal bins of [0, 1] that have leads: bounds, leads, mean score, share on a ring. `ece` is the
    mean distance between the two weighted by leads, `brier` the mean squared error of the single score; both None
    without scored leads. A second lead on a ring is on a ring.
    """
    pairs = [
        (float(verdict["score"]), verdict["verdict"] != FALSE)
        for result in results
        for verdict in result["verdicts"]
        if verdict["score"] is not None
    ]
    if not pairs:
        return {"bins": [], "ece": None, "brier": None, "leads": 0}
    scores, true = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
    place = np.minimum((scores * bins).astype(np.int64), bins - 1)
    rows, distance = [], 0.0
    for number in np.unique(place).tolist():
        inside = place == number
        mean, hit = float(scores[inside].mean()), float(true[inside].mean())
        distance += int(inside.sum()) * abs(mean - hit)
        rows.append(
            {
                "from": number / bins,
                "to": (number + 1) / bins,
                "leads": int(inside.sum()),
                "mean_score": mean,
                "on_ring": hit,
            }
        )
    brier = float(np.mean((scores - true) ** 2))
    return {"bins": rows, "ece": distance / len(pairs), "brier": brier, "leads": len(pairs)}
