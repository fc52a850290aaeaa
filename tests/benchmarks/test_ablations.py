"""What each ablation leaves of the findings."""

from __future__ import annotations

from detectors.content import WEIGHTS
from graphaudit.findings import BenignCause, Finding, Member, Signal, Text
from tests.benchmarks.ablations import ALL, CONTENT, NO_CONTENT, NO_CONTEST, ablated

WORDS = Text("一", "one")


def _finding(detector: str, *signals: str) -> Finding:
    return Finding(
        detector=detector,
        pattern="hoarded_cards",
        kind="co_swipe_session",
        members=(Member("person", 1, "card_holder"),),
        settlements=(1, 2),
        signals=tuple(Signal(name, 1.0, 1.0, WORDS) for name in signals),
        text=WORDS,
        benign=(BenignCause("household", 0.4, WORDS),),
    )


FINDINGS = [
    _finding("co_presence_groups", "co_presence", "fee_above_own", "one_operator"),
    _finding("shared_invoice", "shared_invoice.persons"),
    _finding("co_presence_groups", "co_presence"),
]


def test_one_channel_is_left_out_at_a_time() -> None:
    left = dict(ablated(FINDINGS))
    assert left[ALL] == FINDINGS
    assert left["without co_presence_groups"] == FINDINGS[1:2]
    assert left["without shared_invoice"] == [FINDINGS[0], FINDINGS[2]]
    assert set(left) == {
        ALL,
        "without co_presence_groups",
        "without shared_invoice",
        NO_CONTEST,
        NO_CONTENT,
        "without the signal fee_above_own",
        "without the signal one_operator",
    }


def test_without_the_contest_no_innocent_cause_is_weighed_and_nothing_else_changes() -> None:
    left = dict(ablated(FINDINGS))[NO_CONTEST]
    assert all(not finding.benign for finding in left)
    assert [finding.signals for finding in left] == [finding.signals for finding in FINDINGS]


def test_content_signals_go_and_the_strength_of_meeting_stays() -> None:
    left = dict(ablated(FINDINGS))
    assert [[s.name for s in f.signals] for f in left[NO_CONTENT]] == [
        ["co_presence"],
        ["shared_invoice.persons"],
        ["co_presence"],
    ]
    without_fee = left["without the signal fee_above_own"]
    assert [s.name for s in without_fee[0].signals] == ["co_presence", "one_operator"]
    assert set(WEIGHTS) <= CONTENT


def test_no_findings_leave_no_detector_to_take_out() -> None:
    assert set(dict(ablated([]))) == {ALL, NO_CONTEST, NO_CONTENT}
