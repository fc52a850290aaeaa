"""Streams: persons who could share one patient's rhythm belong together, persons who meet do not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from detectors.rhythm import streams


def uses(days_of):
    """Rows of person_no and day from the days of each person."""
    return pd.DataFrame(
        [(person, day) for person, days in days_of.items() for day in days], columns=["person_no", "day"]
    )


def test_persons_who_take_turns_are_one_stream():
    assert streams(uses({7: [0, 6, 12], 3: [2, 8, 14], 5: [4, 10]}), 2.0) == [[3, 5, 7]]


def test_persons_treated_on_the_same_days_are_several_streams():
    random = np.random.default_rng(1)
    days_of = {}
    for first in (0, 10):
        turns = random.permutation(np.repeat(np.arange(first, first + 5), 8))
        days_of |= {person: np.flatnonzero(turns == person) * 2 for person in range(first, first + 5)}
    assert streams(uses(days_of), 2.0) == [list(range(5)), list(range(10, 15))]


def test_who_fits_nobody_stands_alone():
    assert streams(uses({1: [0, 40], 2: [2, 42], 3: [100, 130]}), 2.0) == [[1, 2], [3]]
    assert streams(uses({1: [0, 40]}), 2.0) == [[1]]


def test_the_row_order_leaves_no_trace():
    random = np.random.default_rng(2)
    rows = uses({person: random.choice(120, 8, replace=False) for person in range(12)})
    expected = streams(rows, 2.5)
    assert 1 < len(expected) < 12
    assert streams(rows.sample(frac=1.0, random_state=3), 2.5) == expected
