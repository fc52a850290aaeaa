"""A rule that most handlers break says little of each; one that few break, or that is tested, says what it says."""

from __future__ import annotations

import pytest

from graphaudit.findings import BenignCause, Finding, Member, Signal, Text
from graphaudit.leads.usual_practice import CAUSE, weighed
from tests.table_builder import tables_of

SAID = Text("说明", "said")
HANDLERS = 20


def tables(kind="agency"):
    handlers = [{"handler_no": n, "kind": kind if n < HANDLERS else "operator"} for n in range(3 * HANDLERS)]
    return tables_of({"handlers": handlers, "sites": [{"kind": "pharmacy"}] * 10, "doctors": [{}] * 10})


def finding(no, kind="handler", detector="rule", p_value=None, benign=()):
    members = (Member(kind, no, "handler"), Member("person", no, "claimant"), Member("person", no + 100, "claimant"))
    signals = (Signal("s", 5.0, 1.0, SAID),)
    return Finding(detector, "insider", "k", members, (no,), signals, SAID, p_value=p_value, benign=benign)


def weight(findings, **more):
    (one, *_) = weighed(tables(**more), findings)
    return {cause.cause: cause.weight for cause in one.benign}.get(CAUSE, 0.0)


@pytest.mark.parametrize(("broken_by", "explained"), [(4, 0.0), (6, 0.0), (10, 0.45), (14, 0.9), (20, 0.9)])
def test_the_more_break_a_rule_the_less_it_says(broken_by, explained):
    assert weight([finding(n) for n in range(broken_by)]) == pytest.approx(explained)


def test_handlers_are_counted_among_those_of_their_kind():
    # twenty of sixty are a third, and of the agency's own all
    assert weight([finding(n) for n in range(20)], kind="operator") == pytest.approx(0.075)


@pytest.mark.parametrize("kind", ["pharmacy", "doctor"])
def test_places_and_doctors_have_practices_too(kind):
    assert weight([finding(n, kind) for n in range(8)]) == pytest.approx(0.9)


def test_what_is_compared_with_others_already_is_left_alone():
    assert weight([finding(n, p_value=0.01) for n in range(20)]) == 0.0


def test_another_rule_that_few_break_is_left_alone_and_causes_stay():
    own = (BenignCause("household", 0.2, SAID),)
    every = [finding(n, benign=own) for n in range(20)] + [finding(3, detector="other", benign=own)]
    told = weighed(tables(), every)
    assert [f.detector for f in told] == [f.detector for f in every]
    assert [cause.cause for cause in told[0].benign] == ["household", CAUSE]
    assert told[-1].benign == own


def test_findings_that_are_about_persons_alone_have_no_practice():
    alone = [
        Finding("rule", "insider", "k", (Member("person", n, "claimant"),), (n,), (Signal("s", 5.0, 1.0, SAID),), SAID)
        for n in range(20)
    ]
    assert weighed(tables(), alone) == alone
