"""Fusing: what becomes one lead, and what must stay apart."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from graphaudit.findings import BenignCause, Finding, Member, Signal, Text
from graphaudit.leads.fuse import fuse
from graphaudit.leads.score import HALF, combine_p, q_values, score

SOMETHING = Text("某事", "something")


def finding(persons=(), settlements=(), detector="a", value=5.0, members=(), benign=(), strengths=None, signal="s"):
    people = [Member("person", p, "card_holder", (strengths or {}).get(p, 1.0)) for p in persons]
    return Finding(
        detector=detector,
        pattern="hoarded_cards",
        kind="co_swipe_session",
        members=tuple(people) + tuple(members),
        settlements=tuple(sorted(settlements)),
        signals=(Signal(signal, value, 1.0, SOMETHING),),
        text=SOMETHING,
        benign=tuple(BenignCause(c, w, SOMETHING) for c, w in benign),
    )


def test_findings_about_the_same_people_become_one_lead():
    groups = fuse([finding(range(6), [1, 2]), finding(range(1, 7), [8, 9], "b")])
    assert len(groups) == 1
    assert [m.no for m in groups[0].members] == list(range(7))
    assert groups[0].settlements == (1, 2, 8, 9)


@pytest.mark.parametrize(("detector", "shared", "leads"), [
    ("shared_contact_stays", 3, 1),
    ("shared_contact_stays", 1, 2),
    ("other", 3, 2),
])  # fmt: skip
def test_contacts_of_one_recruiter_are_one_lead_where_they_share_patients(detector, shared, leads):
    one, other = range(10), range(10 - shared, 20 - shared)
    assert len(fuse([finding(one, range(10), detector), finding(other, range(20, 30), detector)])) == leads


@pytest.mark.parametrize("clientele", ["organisation_outings", "same_handler_enters_and_reviews", "moved_buyers"])
def test_a_clientele_names_nobody_new_beside_what_tells_of_a_group(clientele):
    group = [finding(range(8), range(8), "a"), finding(range(2, 8), range(8, 16), "b")]
    (lead,) = fuse([*group, finding(range(24), range(30), clientele)])
    assert [m.no for m in lead.members if m.kind == "person"] == list(range(8))
    # where most of it is known, the others are believed to belong as well
    (lead,) = fuse([*group, finding(range(11), range(30), clientele)])
    assert [m.no for m in lead.members if m.kind == "person"] == list(range(11))
    # and alone it is a group
    (lead,) = fuse([finding(range(24), range(30), clientele)])
    assert len(lead.members) == 24


def test_a_clientele_joins_no_two_groups_of_different_persons():
    one, other = finding(range(8), range(8), "a"), finding(range(10, 20), range(10, 20), "b")
    between = finding(range(24), range(30), "organisation_outings")
    assert len(fuse([one, other, between])) == 2
    assert len(fuse([one, other, replace(between, detector="c")])) == 1


def test_findings_about_the_same_money_become_one_lead():
    assert len(fuse([finding([1], [5, 6, 7]), finding([2], [5, 6, 7, 8], "b")])) == 1


def test_settlements_of_somebody_not_named_make_no_member_of_others():
    # nine packs sold again, to nine customers; four of these are told by another detector
    sold_again = finding([1, 2, 3], range(18))
    assert len(fuse([sold_again, finding([7, 8, 9, 10], [12, 13, 14, 15], "b")])) == 2
    assert len(fuse([sold_again, finding([1, 2], [12, 13, 14, 15], "b")])) == 1


def test_a_fragment_inside_a_group_joins_it():
    assert len(fuse([finding(range(20), [1]), finding([3, 4], [9], "b")])) == 1


def test_what_has_grown_together_takes_up_fragments_that_neither_part_did():
    first, second = finding(range(10), [1]), finding(range(4, 14), [2], "b")
    fragment = finding([2, 3, 10, 11, 40, 41], [9], "c")
    assert len(fuse([first, fragment])) == len(fuse([second, fragment])) == 2
    assert len(fuse([first, second, fragment])) == 1


def test_half_overlapping_people_stay_apart():
    assert len(fuse([finding(range(10), [1]), finding(range(7, 17), [2], "b")])) == 2


def test_what_lies_between_two_rings_does_not_make_one_lead_of_them():
    one = replace(finding(range(10), [1]), pattern="doctor_pharmacy")
    other = replace(finding(range(20, 30), [2], "b"), pattern="insider")
    between = finding([*range(6), *range(20, 25)], [9], "c")
    assert len(fuse([one, other, between])) == 3
    inside = finding(range(5), [9], "c")
    assert len(fuse([one, other, inside])) == 2


def test_a_small_finding_that_lies_in_two_rings_joins_the_one_that_it_is_more_like():
    one = replace(finding(range(11), range(60)), pattern="doctor_pharmacy")
    small = replace(finding(range(5), range(20), "b"), pattern="doctor_pharmacy")
    other = replace(finding([*range(1, 5), *range(20, 38)], range(100, 180), "c"), pattern="drug_resale")
    # alone with the other ring it is inside that one
    assert len(fuse([small, other])) == 1
    apart = fuse([one, small, other])
    assert [(group.pattern, len(group.findings)) for group in apart] == [("doctor_pharmacy", 2), ("drug_resale", 1)]


def test_findings_are_fragments_of_one_pattern_only_where_it_is_that_of_most_of_their_persons():
    def drugs(persons, day):
        return replace(finding(persons, [day], "drugs"), pattern="drug_resale")

    doctor = replace(finding(range(10), [1], "a"), pattern="doctor_pharmacy")
    # half of them are in the other group too
    other = drugs([*range(4, 9), *range(20, 30)], 9)
    assert len(fuse([doctor, drugs(range(4), 2), other])) == 2
    assert len(fuse([drugs(range(10), 1), other])) == 1


def test_company_that_did_not_see_the_doctor_is_not_named_with_the_patients():
    doctor = replace(finding(range(8), range(40), value=9.0), pattern="doctor_pharmacy")
    mixed = finding([*range(6), *range(20, 25)], range(30), "b", value=20.0)
    (lead,) = fuse([doctor, mixed])
    assert lead.pattern == "doctor_pharmacy"
    assert [m.no for m in lead.members] == list(range(8))
    assert lead.findings == (mixed, doctor)
    # who is nearly all known from elsewhere brings the others in
    (whole,) = fuse([doctor, finding([*range(8), 20, 21], range(30), "b", value=20.0)])
    assert [m.no for m in whole.members] == [*range(8), 20, 21]


def two_rings(detectors="ab"):
    """A large and a small ring, each told by all of `detectors`."""
    return [finding(people, [number, 100 * k], name)
            for k, people in enumerate((range(20), range(30, 37)))
            for number, name in enumerate(detectors, start=1)]  # fmt: skip


BETWEEN = finding([*range(12), *range(30, 36)], [9], "z")


def test_two_rings_that_two_detectors_tell_apart_are_not_joined_by_what_one_finds_in_both():
    large, small = sorted(fuse([*two_rings(), BETWEEN]), key=lambda group: -len(group.members))
    # whom two detectors find in the small ring is not named with the large one as well
    assert [m.no for m in large.members] == list(range(20))
    assert [m.no for m in small.members] == list(range(30, 37))
    assert {f.detector for f in large.findings} == {"a", "b", "z"}


def test_parts_that_more_findings_hold_together_than_tell_apart_are_one_ring():
    assert len(fuse([*two_rings("a"), BETWEEN])) == 1
    assert len(fuse([*two_rings("ab"), BETWEEN, replace(BETWEEN, detector="y")])) == 1


def test_a_group_of_two_detectors_is_not_lost_among_many_more_whom_one_alone_names():
    told = [finding(persons=range(10), detector="a"), finding(persons=range(9), detector="b")]
    outing = finding(persons=range(2, 45), detector="c")
    small, large = sorted(fuse([*told, outing]), key=lambda lead: len(lead.findings), reverse=True)
    assert {m.no for m in small.members if m.kind == "person"} == set(range(10))
    assert {m.no for m in large.members if m.kind == "person"} == set(range(2, 45))
    # one detector's group is a fragment of the many; and a few more are no crowd
    assert len(fuse([told[0], outing])) == 1
    assert len(fuse([*told, finding(persons=range(2, 25), detector="c")])) == 1


def test_findings_about_single_persons_tell_no_groups_apart():
    single = [finding([person], [50 + person], name) for name in "abcd" for person in range(4)]
    assert len(fuse([finding(range(6), [1]), *single])) == 1


@pytest.mark.parametrize("kind", ["institution", "doctor", "handler", "pharmacy"])
def test_a_shared_institution_doctor_or_handler_never_joins(kind):
    site = Member(kind, 3, "site")
    assert len(fuse([finding([1, 2], [1], members=[site]), finding([3, 4], [2], "b", members=[site])])) == 2


def test_bystanders_far_below_the_median_strength_are_left_out():
    strengths = {1: 0.9, 2: 1.0, 3: 0.8, 4: 0.2}
    (group,) = fuse([finding([1, 2, 3, 4], [1], strengths=strengths)])
    assert [m.no for m in group.members] == [2, 1, 3]


def test_the_order_of_findings_leaves_no_trace():
    findings = [finding(range(i, i + 6), [i, i + 100], d) for i in range(0, 60, 4) for d in "ab"]
    expected = fuse(findings)
    for seed in range(5):
        shuffled = list(findings)
        random.Random(seed).shuffle(shuffled)
        assert fuse(shuffled) == expected


def test_no_findings_no_leads():
    assert fuse([]) == []


def test_more_evidence_never_lowers_a_score_and_never_saturates():
    scores = [score([finding([1], [1], value=v)]).score for v in (0.1, 1.0, 10.0, 100.0, 1000.0)]
    assert scores == sorted(scores)
    assert len(set(scores)) == 5
    assert 0 < scores[0] < scores[-1] < 1


def test_a_second_kind_of_evidence_raises_the_score():
    one = finding([1], [1])
    other = finding([1], [1], "b", signal="t")
    assert score([one, other]).score > score([one]).score


def test_the_same_signal_seen_twice_counts_once():
    assert score([finding([1], [1]), finding([1], [1], "b")]).score == score([finding([1], [1])]).score


def test_contributions_sum_to_the_evidence_behind_the_score():
    scored = score([finding([1], [1], value=12.0, benign=[("household", 0.25), ("companions", 0.1)])])
    residual = sum(c["value"] * c["weight"] for c in scored.contributions)
    # 12 nats, a quarter of them explained: what is explained is gone, and the rest tells as much less
    assert residual == pytest.approx(12 * 0.75**2)
    assert scored.score == pytest.approx(residual / (residual + HALF), abs=1e-6)
    assert [b.cause for b in scored.benign] == ["household", "companions"]


def test_an_innocent_cause_of_one_finding_does_not_excuse_another():
    excused = finding([1], [1], benign=[("household", 1.0)])
    other = finding([1], [1], "b", signal="t")
    assert score([excused, other]).explained == pytest.approx(0.5)


def test_q_values_follow_benjamini_and_hochberg():
    assert q_values([0.01, None, 0.02, 0.9]) == [pytest.approx(0.03), None, pytest.approx(0.03), pytest.approx(0.9)]


def test_combined_p_is_near_the_smaller_and_survives_tiny_values():
    assert combine_p([]) is None
    assert combine_p([0.04]) == pytest.approx(0.04)
    assert combine_p([1e-250, 0.5]) == pytest.approx(2e-250, rel=0.01)
    assert combine_p([1e-6, 0.9]) == pytest.approx(2e-6, rel=0.05)


@pytest.mark.parametrize("pattern", ["drug_resale", "doctor_pharmacy", "insider"])
def test_what_was_done_names_a_lead_before_the_meeting_does(pattern):
    together = replace(finding(persons=(1, 2, 3), value=5.0), pattern="hoarded_cards")
    done = replace(finding(persons=(1, 2, 3), detector="b", value=3.0), pattern=pattern)
    (lead,) = fuse([together, done])
    assert lead.pattern == pattern


def test_a_stronger_finding_names_the_lead():
    (lead,) = fuse(
        [
            replace(finding(persons=(1, 2, 3), value=5.0), pattern="insider"),
            replace(finding(persons=(1, 2, 3), detector="b", value=4.0), pattern="drug_resale"),
        ]
    )
    assert lead.pattern == "insider"


def test_medicines_of_ones_own_are_weighed_over_the_purchases_of_the_whole_lead():
    own = BenignCause("own_medicines", 0.8, SOMETHING)
    together = finding(range(8), [1], value=10.0, benign=[("own_medicines", 0.2), ("companions", 0.3)])
    picked = finding(range(5), [2], "b", value=10.0, signal="t")
    weights = {cause.cause: cause.weight for cause in score([together, picked], own).benign}
    assert weights == {"own_medicines": pytest.approx(0.8), "companions": pytest.approx(0.15)}
    # they say nothing of a finding that is not about purchases
    paid = replace(picked, pattern="insider")
    assert score([together, paid], own).explained == pytest.approx(0.4)
    # and what a part of the purchases looks like does not stand against the whole
    none = BenignCause("own_medicines", 0.0, SOMETHING)
    assert [cause.cause for cause in score([together], none).benign] == ["companions"]
