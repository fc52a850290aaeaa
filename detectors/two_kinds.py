"""Whether the persons of one group are of two kinds: a Bernoulli mixture of two classes against one."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from detectors.chance import Floats

#: Rounds of expectation and maximisation; the classes mostly settle within twenty.
ROUNDS = 100
#: How surely persons are put into a class before the first round.
FIRST = 0.9


def second_kind(marks: Floats, occasions: Floats) -> npt.NDArray[np.bool_]:
    """For each person whether they are of the smaller of two kinds; nobody where one kind tells the marks as well.

    `marks` are counts by person (row) and kind of mark (column), out of the person's `occasions`. Within a class every
    kind of mark comes at one rate, on its own. Two classes have a rate more for each kind and their sizes, and must be
    likelier by as much as the Bayesian information criterion asks of so many occasions. Each kind of mark proposes a
    first division, those who bear it more often than the group does; the likeliest outcome counts.
    """
    share = marks / occasions[:, None]
    usual = marks.sum(axis=0) / occasions.sum()
    one = float(_bears(marks, occasions, np.ones(len(marks))).sum())
    starts = [np.where(share[:, kind] > usual[kind], FIRST, 1 - FIRST) for kind in range(marks.shape[1])]
    two, sure = max((_fitted(marks, occasions, start) for start in starts), key=lambda fit: round(fit[0], 6))
    price = 0.5 * (marks.shape[1] + 1) * math.log(occasions.sum())
    if two - one <= price:
        return np.zeros(len(marks), np.bool_)
    first = sure > 0.5
    second: npt.NDArray[np.bool_] = first if 2 * first.sum() <= len(first) else ~first
    return second


def _fitted(marks: Floats, occasions: Floats, first: Floats) -> tuple[float, Floats]:
    """Log-likelihood of the two classes that `first` leads to, in nats, and how surely each person is of the one."""
    likelihood = -math.inf
    for _ in range(ROUNDS):
        by_class = [
            _bears(marks, occasions, sure) + math.log(max(float(sure.mean()), 1e-9)) for sure in (first, 1 - first)
        ]
        either = np.logaddexp(by_class[0], by_class[1])
        before, likelihood = likelihood, float(either.sum())
        first = np.exp(by_class[0] - either)
        if likelihood - before < 1e-9:
            break
    return likelihood, first


def _bears(marks: Floats, occasions: Floats, sure: Floats) -> Floats:
    """Log-likelihood of each person's marks in the class that persons are of so surely, in nats."""
    # half a mark on one occasion more: a rate is never 0 or 1
    rate = (sure @ marks + 0.5) / (sure @ occasions + 1)
    bears: Floats = marks @ np.log(rate) + (occasions[:, None] - marks) @ np.log(1 - rate)
    return bears
