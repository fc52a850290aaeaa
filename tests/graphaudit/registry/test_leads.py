"""Filters, order, pages and states of leads."""

from __future__ import annotations

import random

import pytest

from graphaudit.errors import GraphauditError, NotFoundError
from graphaudit.registry import BuildRecord, LeadFilter, Registry, StaleVersionError


@pytest.fixture
def filled(registry: Registry, make_lead) -> Registry:
    """Ten leads that differ in everything a filter may ask for."""

    def members(rank: int) -> list[dict]:
        site = ("institution", "H1") if rank % 2 else ("pharmacy", "P1")
        return [
            {"type": "person", "id": f"person-{rank % 3}", "role": "card_holder", "strength": 1.0},
            {"type": "person", "id": f"person-{rank % 3}", "role": "organiser", "strength": 1.0},
            {"type": site[0], "id": site[1], "role": "site", "strength": 1.0},
        ]

    leads = [
        make_lead(
            "B1",
            rank,
            f"L-{rank}",
            score=1 - rank / 20,
            q_value=None if rank == 1 else rank / 100,
            pattern="insider" if rank > 7 else "inducement",
            priority=float(rank % 4),
            members=members(rank),
        )
        for rank in range(1, 11)
    ]
    registry.publish(BuildRecord("B1"), leads)
    registry.set_lead_status("L-3", "in_review", expected_version=0, actor="tester")
    return registry


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (LeadFilter(), list(range(1, 11))),
        (LeadFilter(pattern="insider"), [8, 9, 10]),
        (LeadFilter(status="in_review"), [3]),
        (LeadFilter(status="new"), [1, 2, 4, 5, 6, 7, 8, 9, 10]),
        (LeadFilter(status="cleared"), []),
        (LeadFilter(min_score=0.75), [1, 2, 3, 4, 5]),
        (LeadFilter(q_max=0.03), [1, 2, 3]),
        (LeadFilter(site="P1"), [2, 4, 6, 8, 10]),
        (LeadFilter(site="person-0"), []),
        (LeadFilter(person="person-0"), [3, 6, 9]),
        (LeadFilter(person="H1"), []),
        (LeadFilter(pattern="inducement", site="H1", q_max=0.05, min_score=0.8), [1, 3]),
        (LeadFilter(site="P1' OR '1'='1"), []),
    ],
)
def test_each_filter_keeps_what_it_says_and_the_count_agrees(filled: Registry, filters, expected) -> None:
    assert [lead["rank"] for lead in filled.lead_page("B1", filters, limit=200)] == expected
    assert filled.count("B1", filters) == len(expected)


def test_the_payload_comes_back_as_published_with_the_current_status(filled: Registry, make_lead) -> None:
    lead = filled.lead("L-3")
    assert lead["status"] == "in_review"
    assert lead["evidence"] == make_lead("B1", 3, "L-3")["evidence"]
    assert lead["title"]["zh"] == "多张凭证集中使用"
    assert list(lead)[:3] == ["rank", "id", "build_id"]


@pytest.mark.parametrize("sort", ["rank", "priority"])
@pytest.mark.parametrize("size", [1, 3, 4, 10, 200])
def test_pages_give_every_lead_once_and_in_order(filled: Registry, sort, size) -> None:
    seen, after = [], None
    while page := filled.lead_page("B1", after_rank=after, limit=size, sort=sort):
        seen += [lead["rank"] for lead in page]
        after = page[-1]["rank"]
    by_priority = sorted(range(1, 11), key=lambda rank: (-(rank % 4), rank))
    assert seen == (by_priority if sort == "priority" else list(range(1, 11)))


def test_pages_of_a_filtered_list_go_on_where_they_stopped(filled: Registry) -> None:
    first = filled.lead_page("B1", LeadFilter(site="P1"), limit=2)
    second = filled.lead_page("B1", LeadFilter(site="P1"), after_rank=first[-1]["rank"], limit=2)
    assert [lead["rank"] for lead in first + second] == [2, 4, 6, 8]


def test_a_lead_is_found_in_the_active_build_or_in_the_one_named(filled: Registry, make_lead) -> None:
    filled.publish(BuildRecord("B2"), [make_lead("B2", 1, "L-3"), make_lead("B2", 2, "L-new")])
    assert filled.lead("L-3")["build_id"] == "B2"
    assert filled.lead("L-3", "B1")["rank"] == 3
    with pytest.raises(NotFoundError):
        filled.lead("L-1")
    with pytest.raises(NotFoundError):
        filled.lead("L-1", "B9")


def test_no_lead_is_found_before_the_first_publication(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="no build"):
        registry.lead("L-1")


def test_settlements_of_the_active_build_are_given_per_lead(registry: Registry, make_lead) -> None:
    def evidence(*lists: list[str]) -> list[dict]:
        text = {"zh": "一", "en": "one"}
        return [{"kind": "k", "detector": "d", "settlements": ids, "text": text, "values": {}} for ids in lists]

    registry.publish(BuildRecord("B0"), [make_lead("B0", 1, "L-0")])
    leads = [
        make_lead("B1", 1, "L-1", evidence=evidence(["S2", "S1"], ["S1", "S3"])),
        make_lead("B1", 2, "L-2", evidence=evidence([])),
    ]
    registry.publish(BuildRecord("B1"), leads)
    assert registry.settlements_of_previous() == {"L-1": frozenset({"S1", "S2", "S3"}), "L-2": frozenset()}
    assert registry.settlements_of_previous("B0") == {"L-0": frozenset({"S1", "S2"})}


def test_amounts_are_kept_in_whole_fen(sqlite_registry, make_lead) -> None:
    import sqlite3

    registry, path = sqlite_registry
    registry.publish(
        BuildRecord("B1"), [make_lead("B1", 1, "L-1", amount={"fund": 10.01, "account": 0, "total": 20.29})]
    )
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT amount_fund_fen, amount_total_fen FROM build_leads").fetchall() == [(1001, 2029)]
    connection.close()


def test_a_build_of_several_thousand_leads_is_kept_whole(registry: Registry, make_lead) -> None:
    order = random.Random(5).sample(range(100_000), 2_500)
    registry.publish(BuildRecord("B1"), [make_lead("B1", r, f"L-{n}") for r, n in enumerate(order, start=1)])
    registry.publish(BuildRecord("B2"), [make_lead("B2", r, f"L-{n}") for r, n in enumerate(order, start=1)])
    assert registry.count("B2") == 2_500
    assert [lead["id"] for lead in registry.lead_page("B2", after_rank=2_000, limit=3)] == [
        f"L-{n}" for n in order[2_000:2_003]
    ]


# ---- states --------------------------------------------------------------------------------------------


def test_a_lead_begins_new_at_version_zero_and_each_change_counts(filled: Registry) -> None:
    assert (filled.lead_state("L-1").status, filled.lead_state("L-1").version) == ("new", 0)
    assert filled.set_lead_status("L-1", "in_review", expected_version=0, actor="a").version == 1
    assert filled.set_lead_status("L-1", "cleared", expected_version=1, actor="a").version == 2
    assert filled.lead("L-1")["status"] == "cleared"


@pytest.mark.parametrize("expected", [0, 2, -1])
def test_a_change_on_an_outdated_version_is_refused(filled: Registry, expected) -> None:
    with pytest.raises(StaleVersionError):
        filled.set_lead_status("L-3", "cleared", expected_version=expected, actor="a")
    assert filled.lead("L-3")["status"] == "in_review"


def test_an_unknown_status_or_lead_is_refused_and_not_on_record(filled: Registry) -> None:
    before = len(filled.audit_records())
    with pytest.raises(GraphauditError):
        filled.set_lead_status("L-1", "guilty", expected_version=0, actor="a")
    with pytest.raises(NotFoundError):
        filled.set_lead_status("L-99", "cleared", expected_version=0, actor="a")
    assert len(filled.audit_records()) == before


def test_a_status_change_and_its_record_are_one_transaction(filled: Registry) -> None:
    filled.set_lead_status("L-1", "cleared", expected_version=0, actor="key:K-1", reason="visited the site")
    event = filled.audit_records()[-1].event
    assert (event.actor, event.action, event.object_ids, event.reason) == (
        "key:K-1", "leads.status", ("L-1",), "visited the site",
    )  # fmt: skip


def test_confirmed_cases_are_told_by_their_members(filled: Registry):
    assert filled.confirmed_cases() == {}
    filled.set_lead_status("L-3", "confirmed", expected_version=1, actor="tester")
    assert filled.confirmed_cases() == {"L-3": frozenset({("person", "person-0"), ("institution", "H1")})}
    filled.set_lead_status("L-3", "cleared", expected_version=2, actor="tester")
    assert filled.confirmed_cases() == {}


def test_a_confirmed_case_is_as_the_newest_build_has_it(filled: Registry, make_lead):
    filled.set_lead_status("L-4", "confirmed", expected_version=0, actor="tester")
    member = {"type": "person", "id": "person-9", "role": "card_holder", "strength": 1.0}
    filled.publish(BuildRecord("B2"), [make_lead("B2", 1, "L-4", members=[member])])
    assert filled.confirmed_cases() == {"L-4": frozenset({("person", "person-9")})}
