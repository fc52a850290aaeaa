"""Log tails: the library's where it has one, an expansion of the same law where it underflows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from detectors.chance import log_tail, log_tail_of_mixture


@pytest.mark.parametrize("expected", [1e-3, 0.1, 1.0, 7.5, 120.0])
def test_it_is_the_tail_of_the_poisson_law(expected):
    counts = np.arange(0, 60)
    tail = stats.poisson.sf(counts - 1, expected)
    inside = tail > 1e-250
    assert inside.sum() > 40
    assert log_tail(counts[inside], expected) == pytest.approx(np.log(tail[inside]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("count", "expected"), [(400, 1.0), (2000, 10.0), (100, 1e-6), (5000, 700.0)])
def test_far_out_it_is_the_sum_of_the_terms_which_the_library_loses(count, expected):
    assert stats.poisson.sf(count - 1, expected) == 0.0
    terms = np.arange(count, count + 2000)
    exact = special.logsumexp(terms * math.log(expected) - expected - special.gammaln(terms + 1))
    assert log_tail(count, expected) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("expected", [1e-9, 1e-3, 0.3, 5.0, 300.0])
def test_it_is_finite_and_falls_with_every_further_one(expected):
    counts = np.unique(np.geomspace(1, 100_000, 400).astype(int))
    tails = log_tail(counts, expected)
    assert np.isfinite(tails).all()
    assert (tails <= 1e-12).all()
    beyond = counts > expected + 1
    assert (np.diff(tails[beyond]) < 0).all()


def test_nothing_jumps_where_the_expansion_takes_over():
    counts = np.arange(1, 400)
    steps = np.diff(log_tail(counts, 0.5))
    lost = np.flatnonzero(~np.isfinite(stats.poisson.logsf(counts - 1, 0.5)))
    assert len(lost) > 0
    # each further one costs log(expected / count): the second differences are small everywhere but at the start
    assert np.abs(np.diff(steps)[10:]).max() < 0.2


def test_more_expected_makes_the_same_number_less_surprising():
    assert (np.diff(log_tail(50, np.geomspace(1e-6, 60, 50))) > 0).all()


def test_at_least_none_is_certain():
    assert log_tail(0, 3.0) == 0.0


def test_scalars_give_a_float_and_arrays_an_array_of_the_same_shape():
    assert isinstance(log_tail(3, 1.0), float)
    assert isinstance(log_tail(900, 1.0), float)
    many = log_tail([1, 2, 900], [[0.5], [1.5]])
    assert isinstance(many, np.ndarray)
    assert many.shape == (2, 3)
    assert many[1, 2] == log_tail(900, 1.5)


def test_a_mixture_of_poisson_laws_has_a_longer_tail_and_without_spread_the_same() -> None:
    counts, means = np.array([0.0, 3.0, 12.0]), np.array([0.5, 1.0, 2.0])
    assert log_tail_of_mixture(counts, means, 0.0) == pytest.approx(log_tail(counts, means))
    assert np.all(log_tail_of_mixture(counts[1:], means[1:], 0.5) > log_tail(counts[1:], means[1:]))
    # P(X ≥ 1) = 1 − (1 + spread·m)^(−1/spread)
    assert log_tail_of_mixture(1, 2.0, 0.5) == pytest.approx(math.log(1 - 2.0**-2))
    assert math.isfinite(log_tail_of_mixture(5000, 0.1, 0.01))
