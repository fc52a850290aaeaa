"""What one detector alone finds again and again says little of each; what few show, or others see too, does not."""

from __future__ import annotations

import pytest

from graphaudit.findings import Finding, Member, Signal, Text
from graphaudit.leads.found_often import EXPLAINS, RULES, TESTS, causes
from graphaudit.leads.fuse import Fused
from tests.table_builder import tables_of

SAID = Text("说明", "said")


def finding(detector="shared_payee_account", p_value=None, evidence=5.0):
    signals = (Signal("s", evidence, 1.0, SAID),)
    return Finding(detector, "insider", "k", (Member("person", 0, "claimant"),), (0,), signals, SAID, p_value=p_value)


def group(*findings):
    return Fused("insider", findings, findings[0].members, (0,))


def weights(groups, listed=None, persons=10):
    tables = tables_of({"persons": [{} for _ in range(persons)]})
    told = causes(tables, groups, listed or [True] * len(groups))
    return [0.0 if cause is None else cause.weight for cause in told]


@pytest.mark.parametrize(
    ("number", "explained"),
    [(RULES, 0.0), (RULES + 1, EXPLAINS / 3), (2 * RULES, EXPLAINS), (5 * RULES, EXPLAINS)],
)
def test_the_more_groups_one_rule_finds_by_itself_the_less_it_says_of_each(number, explained):
    assert weights([group(finding())] * number) == pytest.approx([explained] * number, abs=1e-4)


def test_a_test_may_find_more_by_itself():
    alone = [group(finding("co_presence_groups", 1e-6))]
    assert weights(alone * TESTS) == [0.0] * TESTS
    assert weights(alone * 2 * TESTS) == [EXPLAINS] * 2 * TESTS


def test_in_a_larger_city_more_are_none():
    assert weights([group(finding())] * 2 * RULES, persons=60_000) == pytest.approx([0.0] * 2 * RULES, abs=0.17)


def test_what_a_sure_test_stands_by_is_neither_counted_nor_explained():
    backed = [group(finding(), finding("admission_groups", 1e-6))] * 10
    assert weights(backed) == [0.0] * 10
    assert weights([*backed, group(finding())])[-1] == 0.0
    # a weak one stands by nothing
    weak = [group(finding(), finding("admission_groups", 0.01))] * 10
    assert weights(weak) == [EXPLAINS] * 10


def test_the_rarest_rule_of_a_group_speaks_for_it():
    several = group(finding(), finding("same_handler_enters_and_reviews"))
    assert weights([group(finding())] * 10 + [several])[-1] == 0.0


def test_what_stands_far_above_the_rest_of_its_rule_is_not_like_them():
    assert weights([group(finding())] * 10 + [group(finding(evidence=12.0))])[-1] == 0.0
    # a test has weighed the strength itself
    alone = [group(finding("co_presence_groups", 1e-6))] * 12
    assert weights([*alone, group(finding("co_presence_groups", 1e-6, evidence=12.0))])[-1] == EXPLAINS


def test_what_is_not_listed_does_not_count():
    groups = [group(finding())] * 10
    assert weights(groups, [True] * 2 + [False] * 8) == [0.0] * 10
