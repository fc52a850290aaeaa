"""First groups by likeness: who shares rare goods and strange places; what everybody has in common joins nobody."""

from __future__ import annotations

import numpy as np
import pandas as pd

from detectors.likeness import alike, disjoint

PERSONS = 120
GROUP = range(6)


def purchases(goods=(40, 41, 42, 43), sites=(30, 31), own=0.0, seed=1):
    """Others buy two of forty goods at two of thirty sites, the group one and three of a few at one of two others."""
    random = np.random.default_rng(seed)
    rows = [
        (p, int(random.integers(30)), int(random.integers(40)), int(random.integers(90)), 0.0)
        for p in (*range(PERSONS), *range(len(GROUP), PERSONS))
    ]
    rows += [
        (p, int(random.choice(sites)), int(good), int(random.choice(90)), own)
        for p in GROUP
        for good in random.choice(goods, 3, replace=False)
    ]
    return pd.DataFrame(rows, columns=["person", "site", "good", "day", "own"])


def test_persons_with_one_list_and_common_outlets_are_a_first_group():
    (group,) = alike(purchases(), np.arange(PERSONS), 4, seed=7)
    assert set(group.tolist()) <= set(GROUP)
    assert len(group) >= 4


def test_one_household_is_not_linked():
    units = np.where(np.isin(np.arange(PERSONS), GROUP), 500, np.arange(PERSONS))
    assert alike(purchases(), units, 4, seed=7) == []


def test_places_where_people_go_anyway_say_nothing():
    near = purchases(goods=range(40), own=0.9)
    assert alike(near, np.arange(PERSONS), 4, seed=7) == []


def test_the_order_of_rows_leaves_no_trace():
    rows = purchases()
    mixed = rows.sample(frac=1.0, random_state=3)
    for one, other in zip(
        alike(rows, np.arange(PERSONS), 4, seed=7), alike(mixed, np.arange(PERSONS), 4, seed=7), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_a_person_stays_in_the_first_group_that_has_him():
    groups = disjoint([np.array([1, 2, 3]), np.array([3, 4, 5]), np.array([2, 3, 5])], 2)
    assert [group.tolist() for group in groups] == [[1, 2, 3], [4, 5]]
