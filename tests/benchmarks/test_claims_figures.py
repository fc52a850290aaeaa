"""The figures of the measurement on labelled claims, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.bench_claims import evidence, scores_of_leads
from tests.benchmarks.dense_blocks import densest
from tests.benchmarks.ranking_figures import auc, average_precision, beyond, precision_at, predicted, within_strata

LABEL = np.array([True, False, True, False, False])


def test_a_ranking_is_measured_as_by_hand() -> None:
    score = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    assert auc(score, LABEL) == pytest.approx(5 / 6)
    assert average_precision(score, LABEL) == pytest.approx((1 + 2 / 3) / 2)
    assert precision_at(score, LABEL, 3) == pytest.approx(2 / 3)


def test_equal_scores_share_their_places() -> None:
    same = np.ones(5)
    assert auc(same, LABEL) == pytest.approx(0.5)
    assert average_precision(same, LABEL) == pytest.approx(2 / 5)
    assert precision_at(same, LABEL, 2) == pytest.approx(2 / 5)


def test_a_score_that_is_size_again_adds_nothing_and_one_of_its_own_does() -> None:
    random = np.random.default_rng(3)
    size = np.exp(random.normal(size=600))
    own = random.normal(size=600)
    label = np.log(size) + own + random.normal(size=600) > 1
    assert beyond(np.log(size) * 3, label, size)[1] > 0.9
    weight, p = beyond(own, label, size)
    assert weight > 0.5
    assert p < 1e-6
    assert within_strata(own, label, size)[0] > 0.7
    assert auc(predicted([np.log(size), own], label), label) > auc(size, label) + 0.05


def test_the_densest_block_is_the_planted_one() -> None:
    planted = [(person, provider) for person in range(12) for provider in range(4)]
    thin = [(100 + n, 10 + n % 30) for n in range(60)]
    _, providers = densest(np.array(planted + thin))
    assert set(providers.tolist()) == {0, 1, 2, 3}


def test_evidence_is_shared_out_by_settlements_and_leads_by_their_best() -> None:
    finding = {
        "benign": [{"weight": 0.5}], "signals": [{"value": 4.0, "weight": 2.0}], "settlements": [1, 2, 3, 4],
    }  # fmt: skip
    assert evidence([finding], {1: "A", 2: "A", 3: "A", 4: "B"}) == pytest.approx({"A": 1.5, "B": 0.5})
    leads = [
        {"score": 0.4, "members": [{"type": "institution", "id": "A"}], "evidence": [{"settlements": ["s"]}]},
        {"score": 0.7, "members": [{"type": "person", "id": "p"}], "evidence": [{"settlements": ["s"]}]},
    ]
    assert scores_of_leads(leads, {"s": "B"}) == {"A": 0.4, "B": 0.7}
