"""Figures that can be worked out on paper: every expected value is written as the fraction it is."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from graphaudit.evaluation import evaluate
from tests.graphaudit.evaluation.handmade import lead

Leads = list[dict[str, Any]]
Truth = dict[str, Any]


def test_every_lead_is_a_hit_a_duplicate_or_false(ranked: Leads, truth: Truth) -> None:
    found = evaluate(ranked, truth)
    assert [(v["rank"], v["verdict"], v["ring"]) for v in found["verdicts"]] == [
        (1, "hit", "R1"),
        (2, "false", None),
        (3, "duplicate", "R1"),
        (4, "hit", "R2"),
        (5, "false", None),
        (6, "false", None),
    ]
    assert (found["leads"], found["hits"], found["duplicates"], found["false"]) == (6, 2, 1, 3)


def test_precision_counts_places_and_not_leads(ranked: Leads, truth: Truth) -> None:
    at = evaluate(ranked, truth, ks=(1, 2, 5, 10, 20))["at"]
    assert [at[k]["precision"] for k in ("1", "2", "5", "10", "20")] == [1 / 1, 1 / 2, 2 / 5, 2 / 10, 2 / 20]
    assert [at[k]["ceiling"] for k in ("1", "2", "5", "10", "20")] == [1.0, 1.0, 3 / 5, 3 / 10, 3 / 20]
    assert [at[k]["leads"] for k in ("1", "2", "5", "10", "20")] == [1, 2, 5, 6, 6]


def test_recall_money_and_duplicates_at_the_top(ranked: Leads, truth: Truth) -> None:
    at = evaluate(ranked, truth, ks=(3, 5))["at"]
    assert at["3"]["ring_recall"] == 1 / 3
    assert at["3"]["money"] == pytest.approx(1_000 / 4_500)
    assert at["3"]["duplicates"] == 1 / 3
    assert at["3"]["settlements_named"] == 1 / 3  # S1 of S1, S2, S3; S9 is nobody's
    assert at["5"]["ring_recall"] == 2 / 3
    assert at["5"]["money"] == pytest.approx(4_000 / 4_500)
    assert at["5"]["duplicates"] == 1 / 5
    assert at["5"]["settlements_named"] == 2 / 3


def test_hours_are_two_a_lead_and_three_tenths_a_member(ranked: Leads, truth: Truth) -> None:
    found = evaluate(ranked, truth, ks=(2,))
    assert found["at"]["2"]["hours"] == pytest.approx(2 * 2 + 0.3 * (5 + 6))
    assert found["hours"] == pytest.approx(6 * 2 + 0.3 * (5 + 6 + 6 + 5 + 3 + 2))
    assert found["hits_per_hour"] == pytest.approx(2 / found["hours"])


def test_average_precision_is_over_all_rings(ranked: Leads, truth: Truth) -> None:
    # Hits at places 1 and 4; the third ring is never found.
    assert evaluate(ranked, truth)["average_precision"] == pytest.approx((1 / 1 + 2 / 4) / 3)


def test_members_are_compared_on_hits_only(ranked: Leads, truth: Truth) -> None:
    found = evaluate(ranked, truth)
    # R1: 5 of 5 named belong, 5 of 10 named. R2: 3 of 5 named belong, 3 of 4 named.
    assert found["member_precision"] == pytest.approx((5 / 5 + 3 / 5) / 2)
    assert found["member_recall"] == pytest.approx((5 / 10 + 3 / 4) / 2)
    assert found["member_f1"] == pytest.approx((2 * 1.0 * 0.5 / 1.5 + 2 * 0.6 * 0.75 / 1.35) / 2)
    assert found["member_jaccard"] == pytest.approx((5 / 10 + 3 / 6) / 2)
    assert found["strict_hits"] == 2


def test_false_leads_are_counted_by_what_they_are_about(ranked: Leads, truth: Truth) -> None:
    assert evaluate(ranked, truth)["false_by_class"] == {"chance": 1, "dialysis_shift": 1, "ring_fragment": 1}


def test_recall_is_told_by_pattern_and_for_small_rings(ranked: Leads, truth: Truth) -> None:
    found = evaluate(ranked, truth)
    recalls = {name: (row["rings"], row["found"], row["recall"]) for name, row in found["by_pattern"].items()}
    assert recalls == {"hoarded_cards": (1, 1, 1.0), "insider": (1, 1, 1.0), "sham_stay": (1, 0, 0.0)}
    assert found["ring_recall"] == 2 / 3
    assert found["small_ring_recall"] == 1.0  # the insider ring of four; a ring without persons has no size


def test_pattern_and_role_agreement(truth: Truth) -> None:
    truth["rings"][1]["members"][0]["role"] = "payee"
    leads = [
        lead(1, ["A0", "A1", "A2", "A3"], pattern="hoarded_cards"),
        lead(2, ["B0", "B1"], pattern="sham_stay"),
    ]
    found = evaluate(leads, truth)
    assert found["pattern_accuracy"] == 1 / 2
    assert found["role_accuracy"] == 5 / 6  # B0 is a payee and was called a member


def test_claims_of_significance_are_held_against_what_they_were(ranked: Leads, truth: Truth) -> None:
    found = evaluate(ranked, truth)
    # q ≤ 0.05 on leads 1 (hit), 2 (false), 3 (duplicate), 6 (false); an exact rule claims nothing.
    assert found["q_claimed"] == 4
    assert found["q_false_share"] == 2 / 4


def test_order_of_the_file_means_nothing_and_rank_means_everything(ranked: Leads, truth: Truth) -> None:
    expected = evaluate(copy.deepcopy(ranked), copy.deepcopy(truth))
    for seed in range(5):
        shuffled = copy.deepcopy(ranked)
        random.Random(seed).shuffle(shuffled)
        for one in shuffled:
            random.Random(seed).shuffle(one["members"])
        assert evaluate(shuffled, truth) == expected
    for one in ranked:
        one["rank"] = 7 - one["rank"]
    moved = evaluate(ranked, truth)["verdicts"][3]
    assert (moved["rank"], moved["verdict"], moved["ring"]) == (4, "hit", "R1")


def test_a_city_without_rings_makes_every_lead_false_and_no_share_up(ranked: Leads, truth: Truth) -> None:
    truth["rings"] = []
    found = evaluate(ranked, truth)
    assert found["false"] == 6
    assert found["at"]["10"]["precision"] == 0.0
    assert found["at"]["10"]["ceiling"] == 0.0
    for name in ("ring_recall", "small_ring_recall", "average_precision", "member_f1", "role_accuracy"):
        assert found[name] is None
    assert found["false_by_class"] == {"chance": 5, "dialysis_shift": 1}


def test_no_leads_find_nothing_and_cost_nothing(truth: Truth) -> None:
    found = evaluate([], truth)
    assert (found["hits"], found["false"], found["hours"]) == (0, 0, 0)
    assert found["ring_recall"] == 0.0
    assert found["average_precision"] == 0.0
    assert found["at"]["20"]["precision"] == 0.0
    assert found["at"]["20"]["duplicates"] is None
    assert found["hits_per_hour"] is None
