"""Logs of chances: tails of the Poisson law, exact where the library's own underflow, and numbers of choices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special, stats

#: An excess beyond the largest of too few values is taken to have been seen once more, of this size in nats.
PRIOR_EXCESS = 5.0

#: So many of the largest values show how the tail falls: half of a few, a quarter of many.
EXCESSES = 10

Floats = npt.NDArray[np.float64]


def log_tail(count: npt.ArrayLike, expected: npt.ArrayLike) -> Any:
    """Log of P(X ≥ count) for X ~ Poisson(expected), in nats; finite for every positive `expected`.

    Scalars give a float, arrays an array. Far in the tail, where P is below the smallest double, the first term of the
    sum and the geometric bound of the rest stand for it: P ≈ p(count) / (1 − expected / (count + 1)).
    """
    counts, means = np.broadcast_arrays(np.asarray(count, np.float64), np.asarray(expected, np.float64))
    tail: Floats = np.asarray(stats.poisson.logsf(counts - 1, means), np.float64)
    first: Floats = np.asarray(stats.poisson.logpmf(counts, means), np.float64)
    far = ~np.isfinite(tail) & (counts > means)
    rest = np.log1p(-np.where(far, means / (counts + 1), 0.0))
    result: Floats = np.where(far, first - rest, tail)
    return float(result) if result.ndim == 0 else result


def log_tail_of_mixture(count: npt.ArrayLike, expected: npt.ArrayLike, spread: float) -> Any:
    """Log of P(X ≥ count) where X is Poisson with a gamma-distributed mean: variance = m + spread·m², in nats.

    The tail of a negative binomial law; with no spread that of the Poisson law. `expected` must be positive.
    """
    if spread < 1e-6:
        return log_tail(count, expected)
    counts, means = np.broadcast_arrays(np.asarray(count, np.float64), np.asarray(expected, np.float64))
    tail: Floats = np.asarray(stats.nbinom.logsf(counts - 1, 1 / spread, 1 / (1 + spread * means)), np.float64)
    # below the smallest double the first term of the sum is all that is left
    first: Floats = np.asarray(stats.nbinom.logpmf(counts, 1 / spread, 1 / (1 + spread * means)), np.float64)
    result: Floats = np.where(np.isfinite(tail), tail, first)
    return float(result) if result.ndim == 0 else result


def chance(log_p: float) -> float:
    """The chance whose log is given, at most 1; six digits, for sums differ in the last bits from run to run."""
    return six_digits(math.exp(min(log_p, 0.0)))


def six_digits(p_value: float) -> float:
    """A p-value as findings state it: six digits, and never 0."""
    return float(f"{max(p_value, 1e-300):.6g}")


def log_choose(n: int, k: int) -> float:
    """Log of the number of ways to choose `k` of `n`."""
    return float(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def tail_share(null: Sequence[float], value: float) -> float:
    """Share of values at least as large as `value` among those that chance makes, of which `null` (ascending) is a sample.

    Within the sample (1 + number ≥ value) / (1 + number). Beyond the threshold that the largest ones exceed, a
    generalised Pareto tail: the excesses of a log chance are exponential, and not knowing their mean but through k of
    them, with sum s, makes their predictive law (1 + x/s)^-(k + 1): the fewer were seen, the heavier it is.
    """
    values = np.asarray(null, np.float64)
    n = len(values)
    at_least = int(n - np.searchsorted(values, value, side="left"))
    k = max(min(EXCESSES, n // 2), n // 4)
    threshold = float(values[n - 1 - k])
    if at_least > k:
        return (1 + at_least) / (1 + n)
    known = float((values[n - k :] - threshold).sum()) + PRIOR_EXCESS
    return (1 + k) / (1 + n) * float((1.0 + (value - threshold) / known) ** -(k + 1))
