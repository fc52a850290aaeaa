"""The CUSUM of likelihood ratios: a rise of one row is found with its weeks; what all rows see, and noise, are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.steps import Expectation, expected_by_peers, rises, spread_of

ROWS, WEEKS = 30, 80


def city(spread=0.2, seed=2, mean=6.0):
    """Counts of rows of different sizes that share a season."""
    random = np.random.default_rng(seed)
    season = 1 + 0.5 * np.sin(np.arange(WEEKS) / 8)
    means = mean * np.linspace(0.5, 2, ROWS)[:, None] * season
    return random.poisson(means * (random.gamma(1 / spread, spread, means.shape) if spread else 1.0)).astype(float)


def looked_at(counts, least=13.0, longest=10):
    expected = expected_by_peers(counts, counts.sum(axis=1), np.zeros(len(counts), np.int64))
    spread = spread_of(counts, expected.means)
    return spread, list(rises(counts, expected, spread, begins=range(16, WEEKS), longest=longest, least_llr=least))


def test_a_rise_of_one_row_is_found_with_its_weeks():
    counts = city()
    counts[7, 50:58] += 25
    spread, (step,) = looked_at(counts)
    assert step.row == 7
    assert abs(step.begin - 50) <= 1
    assert abs(step.end - 58) <= 2
    assert step.seen > 2 * step.expected
    assert spread == pytest.approx(0.2, abs=0.1)


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_a_season_and_what_all_rows_see_are_no_rise_of_one(spread):
    counts = city(spread)
    counts[:, 50:55] *= 3
    assert looked_at(counts)[1] == []


def test_a_noisy_city_needs_more_than_a_quiet_one():
    def llr(spread):
        counts = city(spread, mean=20)
        counts[15, 50:53] = 60
        return max((step.llr for step in looked_at(counts, least=0.0)[1] if step.row == 15), default=0.0)

    assert llr(0.0) > 2 * llr(0.5)


def test_the_ratio_is_that_of_the_law():
    # one week, twice the mean or the count itself: log f(y; y) - log f(y; m) of the Poisson law by hand
    (step,) = rises(
        np.array([[6.0]]),
        Expectation(np.array([[3.0]]), np.ones((1, 1))),
        0.0,
        begins=range(1),
        longest=1,
        least_llr=0.0,
    )
    assert step.llr == pytest.approx(6 * np.log(2) - 3)


def test_what_a_row_goes_on_to_have_is_no_burst():
    counts = city(0.0)
    counts[7, 40:] += 20
    groups = np.zeros(ROWS, np.int64)
    burst = expected_by_peers(counts, counts.sum(axis=1), groups, ahead=10)
    lasting = expected_by_peers(counts, counts.sum(axis=1), groups)
    assert burst.means[7, 40:45].sum() > 2 * lasting.within(40, 45)[7].sum()


def test_a_rise_is_not_held_against_itself():
    counts = np.full((4, 30), 5.0)
    counts[0, 20:] = 20.0
    expected = expected_by_peers(counts, counts.sum(axis=1), np.zeros(4, np.int64))
    assert expected.within(20, 30)[0] == pytest.approx(np.full(10, expected.means[0, 20]))
    assert expected.means[0, 29] > 1.2 * expected.means[0, 20]
