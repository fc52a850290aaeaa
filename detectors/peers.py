"""What peers do: a negative-binomial model of counts whose mean is a product of factors, fitted by moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from detectors.chance import Floats
from detectors.communities import Ints

#: Counts that every level of a factor is taken to have brought as the rest lets expect: few cases make no level special.
PRIOR = 20.0
#: No level is taken to differ upwards from the typical one by more than this: all of its few cases may be in question.
MOST_FACTOR = 1.5
#: Rounds in which the factors find each other; the change is below a thousandth long before.
ROUNDS = 30
#: With fewer expected counts a level says nothing about the spread.
LEAST_TOLD = 5.0


@dataclass(frozen=True, slots=True)
class Peers:
    """Means of the cells that were fitted, in their order, and the spread: variance = m + spread·m²."""

    means: Floats
    spread: float

    def least_rare(self, share: float) -> Ints:
        """For each cell the least count that at most a share 1 − `share` of peers reach."""
        if self.spread < 1e-6:
            most = stats.poisson.isf(1 - share, self.means)
        else:
            most = stats.nbinom.isf(1 - share, 1 / self.spread, 1 / (1 + self.spread * self.means))
        return np.asarray(most, np.int64) + 1


def fit(cells: pd.DataFrame, factors: Sequence[str]) -> Peers:
    """The model of `cells`: columns n (cases), total and squares (sums of counts and of their squares), and `factors`.

    The mean of a cell is the city's mean times one factor for each level: what the level's counts are to what the other
    factors expect of it, drawn towards 1 and bounded above by the typical level's. The first of `factors` groups the
    cells for the spread, whose median over its levels stands: a level full of cases in question does not set it.
    """
    if cells.empty:
        return Peers(np.zeros(0), 0.0)
    n, total = cells["n"].to_numpy(np.float64), cells["total"].to_numpy(np.float64)
    city = max(float(total.sum() / n.sum()), 1e-6)
    levels = [pd.factorize(cells[name], sort=True)[0] for name in factors]
    effects = [np.ones(int(level.max()) + 1) for level in levels]
    for _ in range(ROUNDS):
        for place, level in enumerate(levels):
            others = np.full(len(n), city)
            for other, (at, effect) in enumerate(zip(levels, effects, strict=True)):
                if other != place:
                    others *= effect[at]
            seen, expected = np.bincount(level, total), np.bincount(level, n * others)
            effect = (seen + PRIOR) / (expected + PRIOR)
            effects[place] = np.minimum(effect, MOST_FACTOR * float(np.median(effect)))
    means = np.full(len(n), city)
    for at, effect in zip(levels, effects, strict=True):
        means *= effect[at]
    return Peers(means, _spread(cells, means, levels[0]))


def _spread(cells: pd.DataFrame, means: Floats, level: Ints) -> float:
    """By moments: Σ((y − m)² − m) / Σm² in each level, the median over the levels."""
    n, total, squares = (cells[name].to_numpy(np.float64) for name in ("n", "total", "squares"))
    excess = squares - 2 * means * total + n * means**2 - n * means
    over, under = np.bincount(level, excess), np.bincount(level, n * means**2)
    told = np.bincount(level, n * means) >= LEAST_TOLD
    return max(float(np.median(over[told] / under[told])), 0.0) if told.any() else 0.0
