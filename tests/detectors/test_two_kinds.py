"""Persons of one group whose marks are of two kinds, and groups of one kind however varied."""

from __future__ import annotations

import numpy as np

from detectors.two_kinds import second_kind


def group(random, rates, persons, stays=3):
    """Marks of `persons`, each with so many stays, every kind at its rate."""
    occasions = np.full(persons, float(stays))
    return random.binomial(stays, np.asarray(rates), size=(persons, len(rates))).astype(float), occasions


def test_two_kinds_are_told_apart():
    random = np.random.default_rng(1)
    marks, occasions = group(random, (0.1, 0.8, 0.1), 9)
    other, more = group(random, (0.1, 0.05, 0.9), 5)
    second = second_kind(np.vstack([marks, other]), np.concatenate([occasions, more]))
    assert second.tolist() == [False] * 9 + [True] * 5


def test_one_kind_is_hardly_ever_divided():
    divided = 0
    for seed in range(60):
        marks, occasions = group(np.random.default_rng(seed), (0.5, 0.4, 0.3, 0.8), 5 + seed % 40)
        divided += bool(second_kind(marks, occasions).any())
    assert divided <= 3


def test_persons_who_bear_every_mark_are_of_one_kind():
    assert not second_kind(np.full((8, 3), 2.0), np.full(8, 2.0)).any()
    assert not second_kind(np.zeros((8, 3)), np.full(8, 2.0)).any()


def test_one_person_is_of_one_kind():
    assert not second_kind(np.array([[1.0, 0.0]]), np.array([2.0])).any()
