"""Change points in weekly counts: a CUSUM of negative-binomial likelihood ratios against what peers and the past expect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import special

from detectors.chance import Floats
from detectors.communities import Ints

#: The peers' own count that stands for a site's share where its past is short.
PRIOR = 10.0
#: No expected count is less: a site where nobody is expected has a past too short to say so.
LEAST_EXPECTED = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """A rise of a row's counts from week `begin` up to `end` (exclusive), by how many nats the shifted mean fits better."""

    row: int
    begin: int
    end: int
    llr: float
    seen: float
    expected: float


@dataclass(frozen=True, slots=True)
class Expectation:
    """What rows × weeks expect: `base`, what others do in that week, times `share`, what the row's own past has of it.

    Within a rise the share is that of the week in which it begins, so that a rise is not held against itself.
    """

    base: Floats
    share: Floats

    @property
    def means(self) -> Floats:
        """Each week against all weeks before it."""
        return np.maximum(self.base * self.share, LEAST_EXPECTED)

    def row(self, row: int) -> Expectation:
        """That of one row alone."""
        return Expectation(self.base[[row]], self.share[[row]])

    def within(self, begin: int, end: int) -> Floats:
        """The means of the weeks from `begin` up to `end` by what was known when the first of them began."""
        return np.maximum(self.base[:, begin:end] * self.share[:, begin : begin + 1], LEAST_EXPECTED)


def expected_by_peers(counts: Floats, sizes: Floats, groups: Ints, *, ahead: int | None = None) -> Expectation:
    """What each row expects in each week: its share of its group's counts so far times what the others had that week.

    `counts` is rows × weeks, `sizes` a row's weight before its past is known, `groups` who are peers. The common movement
    of peers carries season, holidays and what the end of the data hides. For what comes in a burst, the share that a row
    has from `ahead` weeks later on counts too, the larger of the two: what it goes on to have is no burst.
    """
    base, shares = np.zeros_like(counts), np.zeros_like(counts)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        own = counts[rows]
        others = own.sum(axis=0) - own
        past_own, past_others = (np.cumsum(x, axis=1) - x for x in (own, others))
        weight = sizes[rows, None] / np.maximum(sizes[rows].sum() - sizes[rows, None], 1e-9)
        share = (past_own + PRIOR * weight) / (past_others + PRIOR)
        if ahead is not None:
            later_own, later_others = (from_week(x, ahead) for x in (own, others))
            share = np.maximum(share, (later_own + PRIOR * weight) / (later_others + PRIOR))
        base[rows], shares[rows] = others, share
    return Expectation(base, shares)


def from_week(counts: Floats, ahead: int) -> Floats:
    """Sums along the last axis of what comes `ahead` weeks later or after; 0 where the data end before."""
    later = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]
    result = np.zeros_like(counts)
    result[..., : max(counts.shape[-1] - ahead, 0)] = later[..., ahead:]
    return result


def spread_of(counts: Floats, expected: Floats) -> float:
    """Over-dispersion by moments, the median over rows: variance = m + spread·m²."""
    over = ((counts - expected) ** 2 - expected).sum(axis=1)
    under = (expected**2).sum(axis=1)
    told = expected.sum(axis=1) >= 1
    return max(float(np.median(over[told] / under[told])), 0.0) if told.any() else 0.0


def rises(
    counts: Floats,
    expected: Expectation,
    spread: float,
    *,
    begins: range,
    longest: int,
    least_llr: float,
) -> Iterable[Step]:
    """Each row's best rise of at most `longest` weeks from one of `begins` on, where it beats `least_llr`.

    The generalised likelihood ratio of a negative-binomial CUSUM (Höhle & Paul 2008, eq. 5 ff.): the sum over the weeks
    of log f(y; κm) − log f(y; m), the largest over the change point, the end and κ ≥ 1.
    """
    weeks = counts.shape[1]
    best = np.full(len(counts), -np.inf)
    where = np.zeros((len(counts), 2), np.int64)
    for begin in begins:
        end_most = min(begin + longest, weeks)
        y = counts[:, begin:end_most]
        m = expected.within(begin, end_most)
        seen, mean = np.cumsum(y, axis=1), np.cumsum(m, axis=1)
        kappa = np.maximum(seen / mean, 1.0)
        for length in range(1, end_most - begin + 1):
            shift = kappa[:, length - 1 : length]
            llr = _log_ratio(y[:, :length], m[:, :length], shift, spread).sum(axis=1)
            # a rise begins in a week in which somebody comes
            better = (llr > best + 1e-9) & (y[:, 0] > 0)
            best[better] = llr[better]
            where[better] = begin, begin + length
    for row in np.flatnonzero(best >= least_llr).tolist():
        begin, end = where[row].tolist()
        by_past = float(expected.within(begin, end)[row].sum())
        yield Step(row, begin, end, float(best[row]), float(counts[row, begin:end].sum()), by_past)


def _log_ratio(y: Floats, m: Floats, kappa: Floats, spread: float) -> Floats:
    """log f(y; κm) − log f(y; m) for the negative binomial law with `spread`, for the Poisson law without one."""
    if spread < 1e-6:
        return special.xlogy(y, kappa) - (kappa - 1) * m
    result: Floats = special.xlogy(y, kappa) - (y + 1 / spread) * (np.log1p(spread * kappa * m) - np.log1p(spread * m))
    return result
