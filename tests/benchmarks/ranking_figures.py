"""How well a score orders labelled things, alone and beyond another measure. Ties are shared out, never broken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import chi2, rankdata

Numbers = NDArray[np.float64]
Labels = NDArray[np.bool_]

STRATA = 10
FOLDS = 10


def auc(score: Numbers, label: Labels) -> float:
    """Chance that a labelled one stands above another; equals count half."""
    positive = int(label.sum())
    above = rankdata(score)[label].sum() - positive * (positive + 1) / 2
    return float(above / (positive * (len(label) - positive)))


def average_precision(score: Numbers, label: Labels) -> float:
    """Mean over the labelled ones of the precision of all that score at least as much."""
    at_least = len(score) + 1 - rankdata(score, method="min")
    labelled_at_least = int(label.sum()) + 1 - rankdata(score[label], method="min")
    return float(np.mean(labelled_at_least / at_least[label]))


def precision_at(score: Numbers, label: Labels, k: int) -> float:
    """Share of labelled ones among the first `k`; where equals reach over the edge, their mean counts."""
    least = np.sort(score)[-k]
    above, edge = score > least, score == least
    return float((label[above].sum() + (k - above.sum()) * label[edge].mean()) / k)


def strata_of(size: Numbers) -> NDArray[np.int64]:
    """The tenth of the sizes that each belongs to."""
    return ((rankdata(size, method="ordinal") - 1) * STRATA // len(size)).astype(np.int64)


def within_strata(score: Numbers, label: Labels, size: Numbers) -> tuple[float, float, float]:
    """(AUC, average precision, share of labelled) inside tenths of size, weighted by pairs and by labelled ones."""
    tenths = strata_of(size)
    ranked = precise = shared = pairs = labelled = 0.0
    for tenth in range(STRATA):
        s, y = score[tenths == tenth], label[tenths == tenth]
        positive = int(y.sum())
        if 0 < positive < len(y):
            weight = positive * (len(y) - positive)
            ranked, pairs = ranked + weight * auc(s, y), pairs + weight
            precise, labelled = precise + positive * average_precision(s, y), labelled + positive
            shared += positive * y.mean()
    return ranked / pairs, precise / labelled, shared / labelled


def beyond(score: Numbers, label: Labels, size: Numbers) -> tuple[float, float]:
    """Does `score` say anything that size does not: (coefficient per standard deviation, p of its likelihood ratio).

    Size stands in the model as its logarithm and the square of it, so that a bend is not taken for the score's merit.
    """
    base = _columns(np.log(size), _standard(np.log(size)) ** 2)
    without, _ = _fit(base, label)
    with_score, weights = _fit(np.column_stack([base, _standard(score)]), label)
    return float(weights[-1]), float(chi2.sf(max(2 * (without - with_score), 0.0), 1))


def predicted(columns: list[Numbers], label: Labels, seed: int = 0) -> Numbers:
    """Logistic prediction of each one by a model that never saw it."""
    design = _columns(*columns)
    fold = np.random.default_rng(seed).permutation(len(label)) % FOLDS
    result = np.zeros(len(label))
    for one in range(FOLDS):
        _, weights = _fit(design[fold != one], label[fold != one])
        result[fold == one] = design[fold == one] @ weights
    return result


def _standard(column: Numbers) -> Numbers:
    return (column - column.mean()) / (column.std() or 1.0)


def _columns(*columns: Numbers) -> Numbers:
    return np.column_stack([np.ones(len(columns[0])), *(_standard(column) for column in columns)])


def _fit(design: Numbers, label: Labels) -> tuple[float, Numbers]:
    """(negative log likelihood, weights) of the logistic regression."""
    sign = np.where(label, 1.0, -1.0)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        margin = sign * (design @ weights)
        return float(np.logaddexp(0, -margin).sum()), -(design.T @ (sign * expit(-margin)))

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B")
    return float(found.fun), found.x
