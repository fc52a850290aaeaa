"""Two lists of the same city, a build apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphaudit.evaluation.stability import matched, rank_biased_overlap, stability
from tests.graphaudit.evaluation.handmade import lead

ORDERS = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10)


def _list(*groups: str) -> list[dict[str, Any]]:
    return [lead(rank, list(group)) for rank, group in enumerate(groups, start=1)]


def test_leads_are_the_same_when_half_of_their_persons_are() -> None:
    assert matched(_list("abcd", "wxyz"), _list("wxy", "abef", "abcde")) == [(0, 2), (1, 0)]


def test_each_lead_is_matched_once_and_the_closest_goes_first() -> None:
    assert matched(_list("abcd", "abce"), _list("abcd")) == [(0, 0)]
    assert matched(_list("abce", "abcd"), _list("abcd")) == [(1, 0)]


def test_leads_without_persons_are_compared_by_all_members() -> None:
    doctor = [("doctor", "Y", "doctor"), ("institution", "X", "site")]
    one, other = [lead(1, [], others=doctor)], [lead(1, ["a"], others=doctor)]
    assert matched(one, other) == [(0, 0)]
    assert matched(one, [lead(1, ["a"], others=doctor[:1])]) == []


def test_equal_lists_are_stable_and_unlike_ones_are_not() -> None:
    assert stability(_list("abc", "def"), _list("abc", "def")) == {"rbo": 1.0, "jaccard": 1.0, "gone": 0, "new": 0}
    assert stability(_list("abc"), _list("xyz")) == {"rbo": 0.0, "jaccard": 0.0, "gone": 1, "new": 1}
    assert stability([], []) == {"rbo": 1.0, "jaccard": 1.0, "gone": 0, "new": 0}
    assert stability([], _list("abc"))["rbo"] == 0.0


def test_the_top_is_compared_as_sets_and_what_fell_below_is_not_gone() -> None:
    found = stability(_list("abc", "def", "ghi"), _list("abc", "ghi", "def", "xyz"), top=2)
    assert found["jaccard"] == 1 / 3  # abc of abc, def, ghi
    assert (found["gone"], found["new"]) == (0, 0)
    assert stability(_list("abc", "def"), _list("xyz", "abc"), top=2)["new"] == 1


def test_overlap_by_hand() -> None:
    # Depths 1 and 2 agree by 0 and 1: (1 - p)/p · (0·p + 1·p²) + 1·p².
    p = 0.9
    assert rank_biased_overlap("ab", "ba", p) == pytest.approx((1 - p) / p * p**2 + p**2)
    # Lists of one and two: X = 1, 1; beyond the short one the agreement is 1/2 + 1·(2-1)/(1·2).
    expected = (1 - p) / p * (p + (1 / 2 + 1 / 2) * p**2) + ((1 - 1) / 2 + 1 / 1) * p**2
    assert rank_biased_overlap("a", "ab", p) == pytest.approx(expected)


@given(ORDERS, ORDERS)
def test_overlap_is_a_symmetric_share(one: list[str], other: list[str]) -> None:
    found = rank_biased_overlap(one, other)
    assert -1e-12 <= found <= 1.0
    assert found == pytest.approx(rank_biased_overlap(other, one))
    assert rank_biased_overlap(one, one) == pytest.approx(1.0)


@given(ORDERS.filter(lambda order: len(order) > 2))
def test_a_swap_at_the_top_costs_more_than_one_at_the_bottom(order: list[str]) -> None:
    top, bottom = [order[1], order[0], *order[2:]], [*order[:-2], order[-1], order[-2]]
    assert rank_biased_overlap(order, top) <= rank_biased_overlap(order, bottom) + 1e-12
