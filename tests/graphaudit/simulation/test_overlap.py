"""Honest companions and rings that hide look alike in every single channel, and in all of them to a boosted tree."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from tests.graphaudit.simulation.overlap import planned, table

SEED = 1
COMPANIONS, RINGS = 120, 50

#: Above this the world would be too easy to learn from.
MOST = 0.95
MOST_ALONE = 0.9


def _told_apart(channels: np.ndarray, is_ring: np.ndarray) -> float:
    """Area under the curve of a boosted tree on groups that it was not grown on."""
    tree = GradientBoostingClassifier(
        n_estimators=60, max_depth=3, subsample=0.7, learning_rate=0.12, max_features=12, random_state=0
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    chance = cross_val_predict(tree, channels, is_ring, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(is_ring, chance))


@pytest.mark.parametrize("level", [1, 2])
def test_single_channels_do_not_tell_hidden_rings_from_companions(level: int) -> None:
    names, channels, is_ring = table([planned(level, SEED, COMPANIONS, RINGS)])
    assert is_ring.sum() >= 0.9 * RINGS
    alone = {name: roc_auc_score(is_ring, column) for name, column in zip(names, channels.T, strict=True)}
    assert {n: round(float(a), 3) for n, a in alone.items() if max(a, 1 - a) > MOST_ALONE} == {}
    assert _told_apart(channels, is_ring) <= MOST


def test_the_measure_sees_rings_that_do_not_hide() -> None:
    _, channels, is_ring = table([planned(0, SEED, COMPANIONS // 2, RINGS // 2)])
    assert _told_apart(channels, is_ring) > MOST
