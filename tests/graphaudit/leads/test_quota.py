"""Leads with a quota stand below every tested lead, are few, and say something new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphaudit.findings import BenignCause, Text
from graphaudit.leads import rank_findings
from graphaudit.leads.score import BELOW_TESTED, HALF
from tests.graphaudit.leads.test_rank import finding, view

__all__ = ["view"]


def unforeseen(person, value=50.0, channel="unforeseen", **more):
    benign = more.pop("benign", ())
    made = finding([person], [person], value=value, pattern="unexplained", **more)
    return replace(made, channel=channel, benign=benign)


@pytest.mark.parametrize("least", [0.0, 0.1, 0.25])
def test_no_lead_with_a_quota_stands_above_a_tested_one(view, least):
    tested = [finding([0], [0], value=4.0), finding([1], [1], value=30.0)]
    others = [
        unforeseen(2, 900.0),
        unforeseen(3, 40.0),
        unforeseen(4, 900.0, "exploration"),
        unforeseen(5, 40.0, "exploration"),
    ]
    leads = rank_findings([*others, *tested], view, least_score=least)
    assert [lead["members"][0]["id"] for lead in leads] == ["P-1", "P-0", "P-2", "P-3", "P-4", "P-5"]
    scores = [lead["score"] for lead in leads]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 6
    assert all(0 <= score < 1 for score in scores)


def test_only_so_many_are_listed_and_the_strongest_are(view):
    leads = rank_findings(
        [unforeseen(no, 10.0 + no) for no in range(8)], view, quotas={"unforeseen": 3, "exploration": 0}
    )
    assert [lead["members"][0]["id"] for lead in leads] == ["P-7", "P-6", "P-5"]


@pytest.mark.parametrize("least", [0.0, 0.25])
def test_the_contributions_of_every_lead_sum_to_its_score(view, least):
    cause = (BenignCause("household", 0.3, Text("同户", "household")),)
    found = [finding([0], [0], value=30.0), unforeseen(1, 900.0), unforeseen(2, 12.0, benign=cause)]
    found += [unforeseen(no, 20.0 + no, "exploration") for no in range(3, 10)]
    leads = rank_findings(found, view, least_score=least, quotas={"unforeseen": 5, "exploration": 7})
    assert len(leads) == len(found)
    for lead in leads:
        told = sum(row["value"] * row["weight"] for row in lead["contributions"])
        assert told / (told + HALF) == pytest.approx(lead["score"], abs=1e-4)
    assert [lead["contributions"][-1]["signal"] for lead in leads[1:]] == [BELOW_TESTED] * (len(leads) - 1)


def test_no_quota_no_lead(view):
    assert rank_findings([unforeseen(1)], view, quotas={"unforeseen": 0, "exploration": 5}) == []


def test_who_stands_in_a_tested_lead_already_is_not_told_again(view):
    leads = rank_findings([finding([0, 1, 2], [0, 1, 2]), unforeseen(1), unforeseen(2, channel="exploration")], view)
    assert [lead["pattern"] for lead in leads] == ["hoarded_cards"]


def test_a_tested_lead_gains_and_loses_nothing_by_the_other_channels(view):
    tested = [finding([0, 1], [0, 1], p_value=0.01), finding([3, 4], [3, 4], value=7.0, p_value=0.5)]
    alone = rank_findings(tested, view)
    together = rank_findings([*tested, unforeseen(0, p_value=0.9), unforeseen(7, p_value=0.9)], view)
    assert together[: len(alone)] == alone


def test_weak_or_explained_groups_take_no_place(view):
    cause = (BenignCause("household", 0.6, Text("同户", "household")),)
    assert rank_findings([unforeseen(1, 2.0), replace(unforeseen(2), benign=cause)], view) == []


def test_a_group_that_was_explained_does_not_come_back_by_another_channel(view):
    cause = (BenignCause("household", 0.9, Text("同户", "household")),)
    assert rank_findings([replace(finding([1], [1]), benign=cause), unforeseen(1)], view) == []
