"""The score's residual: what an innocent cause explains is gone, and the rest tells as much less."""

from __future__ import annotations

import pytest

from graphaudit.findings import BenignCause, Finding, Signal, Text
from graphaudit.leads.score import CROWDED, HALF, score, uncrowded

SAID = Text("说明", "said")


def finding(*values, causes=()):
    return Finding(
        detector="d",
        pattern="hoarded_cards",
        kind="k",
        members=(),
        settlements=(1,),
        signals=tuple(Signal(f"s{n}", value, 1.0, SAID) for n, value in enumerate(values)),
        text=SAID,
        benign=tuple(BenignCause(name, weight, SAID) for name, weight in causes),
    )


@pytest.mark.parametrize("explained", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_the_residual_is_the_evidence_times_the_square_of_what_is_unexplained(explained):
    scored = score([finding(6.0, 14.0, causes=[("household", explained)])])
    residual = 20.0 * (1 - explained) ** 2
    assert scored.score == pytest.approx(residual / (residual + HALF), abs=1e-6)
    assert sum(row["value"] * row["weight"] for row in scored.contributions) == pytest.approx(residual, abs=1e-3)


def test_the_more_is_explained_the_less_is_left():
    scores = [score([finding(20.0, causes=[("household", b / 10)])]).score for b in range(11)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 11
    assert scores[-1] == 0.0


def test_half_explained_leaves_a_quarter_not_a_half():
    # 40 nats, half of them explained: as much as 10 nats unexplained, which is one half of the scale
    assert score([finding(40.0, causes=[("household", 0.5)])]).score == pytest.approx(0.5)


def test_only_the_nearest_cause_counts():
    both = score([finding(20.0, causes=[("household", 0.4), ("companions", 0.4)])])
    one = score([finding(20.0, causes=[("household", 0.4)])])
    assert both.score == one.score
    assert both.explained == 0.4


def test_a_cause_cannot_explain_more_than_everything_nor_less_than_nothing():
    assert score([finding(20.0, causes=[("household", 1.7)])]).score == 0.0
    assert score([finding(20.0, causes=[("household", -1.0)])]).score == score([finding(20.0)]).score


def test_no_evidence_scores_nothing():
    assert score([finding()]).score == 0.0
    assert score([finding(causes=[("household", 0.5)])]).score == 0.0


def test_a_pattern_with_many_leads_makes_room_for_others():
    many = [score([finding(30.0 - n / 10)]) for n in range(3 * CROWDED)]
    other = score([finding(25.0)])
    patterns = ["hoarded_cards"] * len(many) + ["sham_stay"]
    ranked = uncrowded([*many, other], patterns, 0.25)
    assert ranked[:CROWDED] == many[:CROWDED]
    assert ranked[-1] == other
    assert sum(each.score > other.score for each in ranked) < 2 * CROWDED
    # their own order stays
    assert [each.score for each in ranked[:-1]] == sorted((each.score for each in ranked[:-1]), reverse=True)
    for each in ranked:
        told = sum(row["value"] * row["weight"] for row in each.contributions)
        assert told / (told + HALF) == pytest.approx(each.score, abs=1e-4)


def test_no_lead_is_lost_for_its_patterns_being_common():
    weak = [score([finding(3.4)]) for _ in range(50)]
    less = [score([finding(3.2)])]
    ranked = uncrowded([*weak, *less], ["insider"] * 51, 0.25)
    assert all(each.score >= 0.25 for each in ranked[:50])
    assert ranked[50] == less[0]
