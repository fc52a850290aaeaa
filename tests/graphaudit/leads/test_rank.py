"""Ranking: the exported shape, amounts from the settlements listed, and a total order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pytest

from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Member, Signal, Text
from graphaudit.leads import rank_findings
from graphaudit.leads.clearing import CLEARED_BY
from graphaudit.leads.patterns import NAMES
from graphaudit.records import TABLES

SAID = Text("说明", "said")


@pytest.fixture
def view():
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(table.ddl)
    for no in range(10):
        at = datetime(2026, 1, 1) + timedelta(days=no)
        connection.execute(
            """
            INSERT INTO settlements BY NAME
            SELECT $no AS settlement_no, 'S' || $no AS settlement_id, $no AS person_no, 0 AS site_no,
                $at::TIMESTAMP AS settled_at, date_diff('day', DATE '1970-01-01', $at::DATE) AS day,
                10050 AS total_fen, 7000 AS fund_fen, 1000 AS account_fen, 2050 AS cash_fen,
                CASE WHEN $no = 9 THEN 10050 ELSE 0 END AS refunded_fen,
                CASE WHEN $no = 9 THEN 7000 ELSE 0 END AS refunded_fund_fen, $no <> 9 AS is_event
            """,
            {"no": no, "at": at},
        )
        connection.execute("INSERT INTO persons (person_no, person_id) VALUES ($no, 'P-' || $no)", {"no": no})
    connection.execute("INSERT INTO sites (site_no, site_id, kind) VALUES (0, 'P370100', 'pharmacy')")
    connection.execute("INSERT INTO identifiers VALUES ('bank_account', 4, 'B-4', 3)")
    return BuildView("B-1", connection, graph=None, coverage=frozenset())  # type: ignore[arg-type]


def finding(persons, settlements, value=5.0, pattern="hoarded_cards", p_value=None, extra=()):
    return Finding(
        detector="d",
        pattern=pattern,
        kind="k",
        members=(*(Member("person", p, "card_holder") for p in persons), *extra),
        settlements=tuple(settlements),
        signals=(Signal("s", value, 1.0, SAID),),
        text=SAID,
        p_value=p_value,
        values={"b": 1, "a": 2},
    )


def test_a_lead_has_the_exported_shape(view):
    extra = (Member("pharmacy", 0, "site", 0.5), Member("bank_account", 4, "payee"))
    (lead,) = rank_findings([finding([0, 1], [0, 1, 2], value=60.0, extra=extra, p_value=0.01)], view)
    assert list(lead) == [
        "rank", "id", "build_id", "score", "q_value", "pattern", "title", "members", "amount", "priority", "period",
        "evidence", "benign_explanations", "would_clear", "legal_basis", "status", "contributions",
    ]  # fmt: skip
    assert lead["rank"] == 1
    assert lead["q_value"] == 0.01
    assert {(m["type"], m["id"], m["role"]) for m in lead["members"]} == {
        ("person", "P-0", "card_holder"),
        ("person", "P-1", "card_holder"),
        ("pharmacy", "P370100", "site"),
        ("bank_account", "B-4", "payee"),
    }
    assert lead["period"] == {"from": "2026-01-01", "to": "2026-01-03"}
    assert lead["evidence"][0]["settlements"] == ["S0", "S1", "S2"]
    assert list(lead["evidence"][0]["values"]) == ["a", "b"]
    assert lead["status"] == "new"


def test_amounts_come_from_the_settlements_listed_net_of_refunds(view):
    (lead,) = rank_findings([finding([0], [0, 1, 9])], view)
    assert lead["amount"] == {"fund": 140.0, "account": 20.0, "total": 201.0}


def test_the_order_is_score_then_amount_then_id(view):
    told = [([0], [0], 5.0), ([1], [1, 2], 5.0), ([2], [3], 9.0), ([3], [4], 5.0)]
    leads = rank_findings([finding(*each, p_value=0.01) for each in told], view)
    assert [lead["rank"] for lead in leads] == [1, 2, 3, 4]
    assert leads[0]["evidence"][0]["settlements"] == ["S3"]
    assert leads[1]["evidence"][0]["settlements"] == ["S1", "S2"]
    assert leads[2]["id"] < leads[3]["id"]


def test_what_one_rule_finds_in_many_groups_stays_in_the_list_far_below(view):
    alone = [finding([no], [no], 20.0) for no in range(6)]
    few, many = rank_findings(alone[:3], view), rank_findings(alone, view, least_score=0.1)
    assert len(many) == 6
    assert many[0]["benign_explanations"][0]["cause"] == "found_often"
    assert many[0]["score"] < few[0]["score"] / 2


def test_an_exact_rule_has_no_q_value(view):
    (lead,) = rank_findings([finding([0], [0])], view)
    assert lead["q_value"] is None


@pytest.mark.parametrize("pattern", sorted(NAMES))
def test_titles_are_neutral_in_both_languages(view, pattern):
    (lead,) = rank_findings([finding([0, 1], [0], pattern=pattern)], view)
    assert "indicators consistent with" in lead["title"]["en"]
    assert "相符的迹象" in lead["title"]["zh"]
    assert "fraud" not in str(lead).lower()
    assert "欺诈" not in str(lead)
    assert lead["legal_basis"]


def test_a_lead_about_doctors_alone_says_so(view):
    view.tables.execute("INSERT INTO doctors BY NAME SELECT 3 AS doctor_no, 'D3' AS doctor_id, FALSE AS multi_site")
    doctor = Member("doctor", 3, "doctor")
    (alone,) = rank_findings([finding((), [1, 2], value=20.0, pattern="unexplained", extra=[doctor])], view)
    assert (alone["title"]["en"].split(":")[0], alone["title"]["zh"][:4]) == ("1 doctor", "1名医师")
    (together,) = rank_findings([finding((1, 2), [1, 2], value=20.0, pattern="unexplained", extra=[doctor])], view)
    assert together["title"]["en"].startswith("2 insured persons:")


def test_no_findings_give_an_empty_list(view):
    assert rank_findings([], view) == []


def test_identity_is_inherited_from_the_previous_build(view):
    (lead,) = rank_findings([finding([0], [0, 1])], view, previous={"L-OLD": frozenset({"S0", "S1"})})
    assert lead["id"] == "L-OLD"


def test_what_is_left_out_is_counted_by_the_cause_that_explains_it(view):
    explained = replace(finding([0, 1], [0, 1]), benign=(BenignCause("household", 0.9, SAID),))
    left_out = Counter()
    leads = rank_findings(
        [explained, finding([2], [2], value=1.0), finding([3], [3], value=9.0)], view, left_out=left_out
    )
    assert len(leads) == 1
    assert left_out == {"explained_by_household": 1, "too_little_evidence": 1}


def test_what_would_clear_a_lead_begins_with_its_nearest_innocent_cause(view):
    plain = finding([0, 1], [0, 1], value=90.0)
    (lead,) = rank_findings([replace(plain, benign=(BenignCause("market_day", 0.4, SAID),))], view)
    assert lead["would_clear"]["en"].startswith(CLEARED_BY["market_day"].en)
    assert lead["would_clear"]["zh"].endswith(NAMES["hoarded_cards"].would_clear.zh)
    (far,) = rank_findings([replace(plain, benign=(BenignCause("market_day", 0.06, SAID),))], view)
    assert far["would_clear"]["en"] == NAMES["hoarded_cards"].would_clear.en


def test_a_lead_that_is_not_worth_a_check_stays_out_unless_asked_for(view):
    weak = finding([0, 1], [0, 1], value=2.0)
    assert rank_findings([weak], view) == []
    assert len(rank_findings([weak], view, least_score=0.0)) == 1


def test_what_is_better_explained_innocently_claims_no_significance(view):
    explained = replace(
        finding([0, 1], [0, 1], value=50.0, p_value=1e-9), benign=(BenignCause("companions", 0.6, SAID),)
    )
    other = finding([4, 5], [4, 5], value=60.0, p_value=1e-9)
    q = {tuple(m["id"] for m in lead["members"]): lead["q_value"] for lead in rank_findings([explained, other], view)}
    assert q["P-0", "P-1"] == 1.0
    # the other is held against honest groups elsewhere, not against the explained one beside it
    assert q["P-4", "P-5"] < 1e-2
