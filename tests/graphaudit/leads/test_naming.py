"""What names a lead and its persons, and whose phone stands on the papers."""

from __future__ import annotations

import pytest

from graphaudit.findings import Finding, Member, Signal, Text
from graphaudit.leads.contacts import with_owners
from graphaudit.leads.fuse import fuse
from tests.table_builder import tables_of

SOMETHING = Text("某事", "something")


def finding(pattern, role, persons, value=10.0, strength=1.0, others=(), settlements=(1, 2, 3)):
    return Finding(
        detector=pattern,
        pattern=pattern,
        kind="k",
        members=tuple(sorted([*(Member("person", no, role, strength) for no in persons), *others])),
        settlements=tuple(settlements),
        signals=(Signal(pattern, value, 1.0, SOMETHING),),
        text=SOMETHING,
    )


def roles(lead):
    return {m.no: m.role for m in lead.members if m.kind == "person"}


def test_what_was_done_names_the_lead_though_the_company_is_stronger_evidence():
    together = finding("hoarded_cards", "card_holder", range(10), value=30)
    steered = finding("doctor_pharmacy", "patient", range(6), value=9)
    (lead,) = fuse([together, steered])
    assert lead.pattern == "doctor_pharmacy"
    assert roles(lead) == dict.fromkeys(range(10), "patient")
    assert [f.pattern for f in lead.findings] == ["hoarded_cards", "doctor_pharmacy"]


def test_what_is_said_of_a_few_does_not_name_the_group():
    together = finding("hoarded_cards", "card_holder", range(10), value=10)
    (lead,) = fuse([together, finding("impersonation", "card_user", range(3), value=40)])
    assert lead.pattern == "hoarded_cards"
    assert roles(lead) == dict.fromkeys(range(10), "card_holder")


def test_a_second_terminal_names_a_group_only_where_nothing_holds_more_of_it():
    desk = finding("proxy_settlement", "buyer", range(5), value=50)
    (lead,) = fuse([desk, finding("hoarded_cards", "card_holder", range(10), value=10)])
    assert (lead.pattern, roles(lead)) == ("hoarded_cards", dict.fromkeys(range(10), "card_holder"))
    (alone,) = fuse([desk])
    assert (alone.pattern, roles(alone)[0]) == ("proxy_settlement", "buyer")


def test_a_group_that_came_at_once_was_gathered_though_a_second_terminal_was_used():
    (lead,) = fuse(
        [finding("proxy_settlement", "buyer", range(9), value=30), finding("hoarded_cards", "card_holder", range(9))]
    )
    assert lead.pattern == "hoarded_cards"
    assert set(roles(lead).values()) == {"card_holder"}


def test_a_group_without_a_named_pattern_takes_any_other_name():
    (lead,) = fuse([finding("unexplained", "member", range(9)), finding("hoarded_cards", "card_holder", range(5))])
    assert lead.pattern == "hoarded_cards"


def test_a_role_of_ones_own_is_kept():
    guide = Member("person", 20, "recruiter")
    stays = finding("inducement", "patient", range(6), others=[guide])
    (lead,) = fuse([stays, finding("sham_stay", "patient", range(6), value=50)])
    assert lead.pattern == "sham_stay"
    assert roles(lead) == {**dict.fromkeys(range(6), "patient"), 20: "recruiter"}


def stays_with(phone, role="contact"):
    return fuse([finding("inducement", "patient", range(6), others=[Member("phone", phone, role)])])


@pytest.mark.parametrize(("owner", "expected"), [(9, {9}), (3, {3})], ids=["somebody else", "a patient"])
def test_the_owner_of_the_contact_phone_is_the_recruiter(owner, expected):
    tables = tables_of({"persons": [{"person_no": no, "phone_no": 7 if no == owner else 100 + no} for no in range(12)]})
    (lead,) = with_owners(tables, stays_with(7))
    assert {no for no, role in roles(lead).items() if role == "recruiter"} == expected
    assert {no for no, role in roles(lead).items() if role == "patient"} == set(range(6)) - expected


def test_a_phone_of_several_persons_or_of_nobody_names_no_recruiter():
    tables = tables_of({"persons": [{"person_no": no, "phone_no": 7 if no > 8 else None} for no in range(12)]})
    for phone in (7, 8):
        (lead,) = with_owners(tables, stays_with(phone))
        assert set(roles(lead).values()) == {"patient"}


def test_a_phone_in_another_role_names_nobody():
    tables = tables_of({"persons": [{"person_no": no, "phone_no": no} for no in range(12)]})
    (lead,) = with_owners(tables, stays_with(9, role="site"))
    assert set(roles(lead).values()) == {"patient"}
