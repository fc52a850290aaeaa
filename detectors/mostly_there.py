"""Persons whose visits lie in certain hours, days or hands beyond what everybody's do: how many by luck, and who they are."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from detectors.chance import Floats, log_tail

#: Visits of one person that are told of at the least: one is a coincidence.
LEAST_TIMES = 2
#: Persons that chance is taken to bring at the least.
LEAST_EXPECTED = 0.3
#: Rounds in which members and the share of their visits that is told of are known by one another; they settle in a few.
ROUNDS = 10


def beyond_chance(persons: pd.DataFrame, most_p: float) -> tuple[list[int], float]:
    """Persons with more visits that are told of than chance brings, and the log chance of so many households of them.

    `persons` has a row a person (its index): n visits, k of them told of, the chance `usual` that one is, unit_no. A
    person stands out with so many that chance brings them in `most_p` of the cases or less.
    """
    usual = persons["usual"].clip(1e-6, 1 - 1e-6)
    # the fewest visits of so many that chance brings in `most_p` of the cases or less
    fewest = np.maximum(stats.binom.isf(most_p, persons["n"], usual) + 1, LEAST_TIMES)
    expected = max(float(np.sum(stats.binom.sf(fewest - 1, persons["n"], usual))), LEAST_EXPECTED)
    standing = persons[persons["k"] >= fewest]
    if standing.empty:
        return [], 0.0
    # a household comes together and counts once
    return [int(person) for person in standing.index], float(log_tail(standing["unit_no"].nunique(), expected))


def log_odds(k: Floats, n: Floats, share: Floats | float, usual: Floats | float) -> Floats:
    """Nats by which k of n visits told of speak for a `share` of such visits and against the `usual` one, both in (0, 1)."""
    odds: Floats = k * np.log(share / usual) + (n - k) * np.log((1 - share) / (1 - usual))
    return odds


def belonging(persons: pd.DataFrame, usual: float) -> list[int]:
    """Those of `persons` (index; n visits, k told of) whose visits are told of as the group's are, not at the `usual` rate.

    The group's share is that of those who came back, then that of those who belong: where the log of the odds over all
    of a person's visits outweighs that most others come there too. Who came once belongs to nothing.
    """
    k, n = persons["k"].to_numpy(np.float64), persons["n"].to_numpy(np.float64)
    usual = min(max(usual, 1e-6), 0.5)
    member = k >= LEAST_TIMES
    for _ in range(ROUNDS):
        if not member.any():
            break
        share = (k[member].sum() + 0.5) / (n[member].sum() + 1)
        others = max(int((~member).sum()), 1)
        belongs = (k >= LEAST_TIMES) & (
            log_odds(k, n, share, usual).round(6) > max(0.0, math.log(others / member.sum()))
        )
        if np.array_equal(belongs, member):
            break
        member = belongs
    return [int(person) for person in persons.index[member]]
