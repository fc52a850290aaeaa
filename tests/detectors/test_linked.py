"""What belongs together because it shares persons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from detectors.linked import joined, linked


def served(**persons_at):
    return pd.DataFrame(
        [(int(place[1:]), person) for place, persons in persons_at.items() for person in persons],
        columns=["place", "person"],
    )


def test_places_that_share_enough_persons_are_one():
    rows = served(p4=[1, 2, 3], p7=[2, 3, 9], p9=[20, 21])
    assert linked(rows, node="place", by="person", least_shared=2) == [[4, 7], [9]]


def test_one_shared_person_links_nothing_when_two_are_asked_for():
    rows = served(p4=[1, 2], p7=[2, 3])
    assert linked(rows, node="place", by="person", least_shared=2) == [[4], [7]]
    assert linked(rows, node="place", by="person", least_shared=1) == [[4, 7]]


def test_a_chain_is_one_though_its_ends_share_nobody():
    rows = served(p1=[1, 2], p2=[1, 2, 5, 6], p3=[5, 6])
    assert linked(rows, node="place", by="person", least_shared=2) == [[1, 2, 3]]


def test_a_person_seen_twice_at_a_place_is_one_person():
    rows = served(p1=[1, 1, 1], p2=[1, 1])
    assert linked(rows, node="place", by="person", least_shared=2) == [[1], [2]]


def test_a_place_with_fewer_persons_than_asked_for_still_stands_alone():
    assert linked(served(p3=[8]), node="place", by="person", least_shared=2) == [[3]]


def test_the_order_of_rows_leaves_no_trace():
    rows = served(p9=[1, 2, 3], p4=[2, 3], p5=[7, 8], p2=[7, 8, 11], p6=[30])
    expected = [[2, 5], [4, 9], [6]]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(rows))
        assert linked(rows.iloc[order], node="place", by="person", least_shared=2) == expected


def test_no_rows_give_nothing():
    assert linked(served(), node="place", by="person", least_shared=2) == []


def most(rows):
    return joined(rows, node="place", by="person", least_shared=2, least_share=0.5)


def test_a_place_most_of_whose_persons_are_at_another_joins_it():
    assert most(served(p4=[1, 2, 3, 4, 5, 6], p7=[5, 6, 20], p9=[20, 21])) == [[4, 7], [9]]


def test_a_busy_place_does_not_chain_those_who_have_but_it_in_common():
    left, right = list(range(10)), list(range(20, 30))
    rows = served(p1=left, p2=right, p3=[*left[:3], *right[:6]])
    assert most(rows) == [[1], [2, 3]]


def test_a_few_persons_between_two_large_sets_do_not_chain_them():
    left, right = list(range(10)), list(range(20, 30))
    assert most(served(p1=left, p2=right, p3=[0, 1, 20, 21])) == [[1], [2], [3]]
    assert most(served(p1=left, p2=right, p3=[0, 1, 2, 20, 21])) == [[1, 3], [2]]


def test_two_persons_are_asked_for_whatever_their_share():
    assert most(served(p1=[1], p2=[1])) == [[1], [2]]


def test_the_order_of_rows_leaves_no_trace_in_sets():
    rows = served(p9=[1, 2, 3], p4=[2, 3, 9], p5=[7, 8], p2=[7, 8, 11], p6=[30])
    expected = [[2, 5], [4, 9], [6]]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(rows))
        assert most(rows.iloc[order]) == expected
    assert most(served()) == []
