"""The model of peers: factors and spread come back from drawn counts, few cases set neither, and rare is rare."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from detectors.peers import MOST_FACTOR, fit

DRUGS = {"A": 1.0, "B": 1.3, "C": 0.6, "D": 1.0, "E": 1.0}
AGES = {"young": 0.8, "old": 1.25}


def drawn(spread=0.5, n=2000, seed=1):
    """Cells of counts whose mean is 2 times a factor for the medicine and one for the age."""
    random = np.random.default_rng(seed)
    rows = []
    for drug, by_drug in DRUGS.items():
        for age, by_age in AGES.items():
            mean = 2 * by_drug * by_age
            counts = random.poisson(mean * random.gamma(1 / spread, spread, n)) if spread else random.poisson(mean, n)
            rows.append((drug, age, n, float(counts.sum()), float((counts**2).sum())))
    return pd.DataFrame(rows, columns=["drug", "age", "n", "total", "squares"])


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.5])
def test_means_and_spread_come_back(spread):
    cells = drawn(spread)
    model = fit(cells, ("drug", "age"))
    wanted = [2 * DRUGS[drug] * AGES[age] for drug, age in zip(cells["drug"], cells["age"], strict=True)]
    assert model.means == pytest.approx(wanted, rel=0.12)
    assert model.spread == pytest.approx(spread, abs=0.15)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_what_is_rare_is_reached_by_so_few(spread):
    model = fit(drawn(spread), ("drug", "age"))
    for mean, least in zip(model.means, model.least_rare(0.9), strict=True):
        law = stats.nbinom(1 / model.spread, 1 / (1 + model.spread * mean)) if model.spread else stats.poisson(mean)
        assert law.sf(least - 1) <= 0.1 < law.sf(least - 2)


def test_a_medicine_whose_few_buyers_all_take_too_much_sets_neither_mean_nor_spread():
    plain = drawn()
    buyers = pd.DataFrame(
        [("X", age, 30, 30 * 12.0, 30 * 12.0**2) for age in AGES], columns=["drug", "age", "n", "total", "squares"]
    )
    model = fit(pd.concat([plain, buyers], ignore_index=True), ("drug", "age"))
    assert model.spread == pytest.approx(fit(plain, ("drug", "age")).spread, abs=0.05)
    assert max(model.means[-2:]) <= 2 * MOST_FACTOR * 1.4
    assert all(model.least_rare(0.9)[-2:] <= 12)


def test_few_cases_make_no_level_special():
    few = pd.DataFrame([("F", "old", 1, 9.0, 81.0)], columns=["drug", "age", "n", "total", "squares"])
    model = fit(pd.concat([drawn(), few], ignore_index=True), ("drug", "age"))
    assert model.means[-1] < 2 * 1.25 * 1.4


def test_without_cells_there_are_no_peers():
    model = fit(drawn().iloc[:0], ("drug", "age"))
    assert (len(model.means), len(model.least_rare(0.9))) == (0, 0)
