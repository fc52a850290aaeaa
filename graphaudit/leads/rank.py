"""From findings to the ordered list of leads, in the shape that is exported, with ids as the graph shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from graphaudit.builds.view import BuildView
from graphaudit.findings import CHANNELS, Finding, Member, Text
from graphaudit.leads import found_often
from graphaudit.leads.clearing import to_clear
from graphaudit.leads.contacts import with_owners
from graphaudit.leads.fuse import Fused, fuse
from graphaudit.leads.honest import least_q
from graphaudit.leads.identity import assign
from graphaudit.leads.own_medicines import of_leads
from graphaudit.leads.patterns import NAMES, title
from graphaudit.leads.quota import Placed, within_quota
from graphaudit.leads.score import Scored, combine_p, q_values, score, uncrowded
from graphaudit.leads.usual_practice import weighed
from graphaudit.settings import LEAST_SCORE, QUOTAS

#: Hours of a first check: two for the file, and a share for each member (used for `priority` only).
HOURS_BASE, HOURS_PER_MEMBER = 2.0, 0.3

# canonical table and columns that turn a member's number into the id the graph shows
_ID_SOURCES: dict[str, str] = {
    "person": "SELECT person_no AS no, person_id AS id FROM persons",
    "card": "SELECT card_no AS no, card_id AS id FROM cards",
    "doctor": "SELECT doctor_no AS no, doctor_id AS id FROM doctors",
    "institution": "SELECT site_no AS no, site_id AS id FROM sites",
    "pharmacy": "SELECT site_no AS no, site_id AS id FROM sites",
    "handler": "SELECT handler_no AS no, handler_id AS id FROM handlers",
    "employer": "SELECT employer_no AS no, employer_id AS id FROM employers",
    "terminal": "SELECT no, id FROM identifiers WHERE kind = 'terminal'",
    "phone": "SELECT no, id FROM identifiers WHERE kind = 'phone'",
    "bank_account": "SELECT no, id FROM identifiers WHERE kind = 'bank_account'",
    "household": "SELECT no, id FROM identifiers WHERE kind = 'household'",
    "agent": "SELECT no, id FROM identifiers WHERE kind = 'agent'",
}


@dataclass(frozen=True, slots=True)
class _Money:
    fund_fen: int
    account_fen: int
    total_fen: int
    first_day: int
    last_day: int


def rank_findings(
    findings: Sequence[Finding],
    view: BuildView,
    *,
    previous: Mapping[str, frozenset[str]] | None = None,
    least_score: float = LEAST_SCORE,
    quotas: Mapping[str, int] = QUOTAS,
    left_out: Counter[str] | None = None,
) -> list[dict[str, Any]]:
    """Fuse, score and order `findings`; returns leads in the exported shape, ids being those of the graph.

    `previous` holds the settlement ids of the last published build's leads, for identity. The order is total: score,
    then amount, then id. What an exact rule says of most who could break it counts for little
    (graphaudit.leads.usual_practice), and so does what one alone finds again and again (graphaudit.leads.found_often).
    Leads below `least_score` are left out, and counted in `left_out` by the innocent cause that explains them better
    than collusion does, else as too_little_evidence. A group that an innocent cause explains better has a p-value of
    1: what is not chance need not be collusion. Nor is a q-value less than the number of honest groups to expect with
    as much evidence says (graphaudit.leads.honest). Channels with a quota add so many leads at most, all of them
    below the tested ones (graphaudit.leads.quota).
    """
    findings = weighed(view.tables, findings)
    placed: list[Placed] = []
    q: list[float | None] = []
    for channel in CHANNELS:
        groups = with_owners(view.tables, fuse([finding for finding in findings if finding.channel == channel]))
        own = of_leads(view.tables, groups)
        scored = [score(group.findings, own.get(i)) for i, group in enumerate(groups)]
        listed = [channel == "tested" and each.score >= least_score for each in scored]
        often = found_often.causes(view.tables, groups, listed)
        scored = [
            each if often[i] is None else score(groups[i].findings, own.get(i), often[i])
            for i, each in enumerate(scored)
        ]
        scored = uncrowded(scored, [group.pattern for group in groups], least_score)
        if channel != "tested":
            kept = within_quota(channel, groups, scored, placed, least_score=least_score, quota=quotas[channel])
            groups, scored = [each.group for each in kept], [each.scored for each in kept]
        # what the other channels test must not make the tested leads less certain
        q += q_values([_p_value(group, each) for group, each in zip(groups, scored, strict=True)])
        placed += [Placed(channel, group, each) for group, each in zip(groups, scored, strict=True)]
    if left_out is not None:
        tested = [each.scored for each in placed if each.channel == "tested"]
        left_out.update(_why_left_out(each) for each in tested if each.score < least_score)
    return _ordered(placed, _honest(placed, q, view.tables, least_score), view, previous or {}, least_score)


def _honest(
    placed: Sequence[Placed], q: Sequence[float | None], tables: duckdb.DuckDBPyConnection, least_score: float
) -> list[float | None]:
    """`q` of each lead, but never less than honest groups as strong as the lead allow."""
    listed = [i for i, each in enumerate(placed) if each.channel != "tested" or each.scored.score >= least_score]
    row = tables.execute("SELECT count(*) FROM persons").fetchone()
    found = [(placed[i].group.pattern, placed[i].scored.residual) for i in listed]
    least = dict(zip(listed, least_q(found, row[0] if row else 0), strict=True))
    return [None if each is None else max(each, least.get(i, 0.0)) for i, each in enumerate(q)]


def _ordered(
    placed: Sequence[Placed],
    q: Sequence[float | None],
    view: BuildView,
    previous: Mapping[str, frozenset[str]],
    least_score: float,
) -> list[dict[str, Any]]:
    groups = [each.group for each in placed]
    settlement_ids, money = _settlements(view.tables, groups)
    ids = _member_ids(view.tables, groups)
    identities = assign(
        [(group.pattern, [settlement_ids[no] for no in group.settlements]) for group in groups], previous
    )
    leads = [
        _lead(view.build_id, identities[i], each.group, each.scored, q[i], money[i], settlement_ids, ids)
        for i, each in enumerate(placed)
        if each.channel != "tested" or each.scored.score >= least_score
    ]
    leads.sort(key=lambda lead: (-lead["score"], -lead["amount"]["total"], lead["id"]))
    for place, lead in enumerate(leads, start=1):
        lead["rank"] = place
    return leads


def _why_left_out(scored: Scored) -> str:
    return f"explained_by_{scored.benign[0].cause}" if scored.is_innocent else "too_little_evidence"


def _p_value(group: Fused, scored: Scored) -> float | None:
    combined = combine_p(f.p_value for f in group.findings if f.p_value is not None)
    return 1.0 if combined is not None and scored.is_innocent else combined


def _settlements(tables: duckdb.DuckDBPyConnection, groups: Sequence[Fused]) -> tuple[dict[int, str], list[_Money]]:
    """Source ids of all settlements concerned, and each group's money and period, in two joins."""
    pairs = [(index, no) for index, group in enumerate(groups) for no in group.settlements]
    tables.execute("CREATE OR REPLACE TEMP TABLE lead_settlements (lead INTEGER, settlement_no INTEGER)")
    _insert(tables, "lead_settlements", pairs)
    names = dict(
        tables.execute(
            "SELECT settlement_no, settlement_id FROM settlements SEMI JOIN lead_settlements USING (settlement_no)"
        ).fetchall()
    )
    rows = tables.execute(
        """
        SELECT l.lead, sum(s.fund_fen - s.refunded_fund_fen),
            sum(CASE WHEN s.is_event THEN s.account_fen ELSE 0 END), sum(s.total_fen - s.refunded_fen),
            min(s.day), max(s.day)
        FROM lead_settlements AS l JOIN settlements AS s USING (settlement_no)
        GROUP BY l.lead
        """
    ).fetchall()
    money = {int(r[0]): _Money(int(r[1]), int(r[2]), int(r[3]), int(r[4]), int(r[5])) for r in rows}
    tables.execute("DROP TABLE lead_settlements")
    return names, [money.get(index, _Money(0, 0, 0, 0, 0)) for index in range(len(groups))]


def _member_ids(tables: duckdb.DuckDBPyConnection, groups: Sequence[Fused]) -> dict[tuple[str, int], str]:
    wanted = sorted({(m.kind, m.no) for group in groups for m in group.members})
    tables.execute("CREATE OR REPLACE TEMP TABLE lead_members (kind VARCHAR, no INTEGER)")
    _insert(tables, "lead_members", wanted)
    ids: dict[tuple[str, int], str] = {}
    for kind, source in _ID_SOURCES.items():
        rows = tables.execute(
            f"SELECT m.no, x.id FROM lead_members AS m JOIN ({source}) AS x USING (no) WHERE m.kind = $kind",
            {"kind": kind},
        ).fetchall()
        ids.update({(kind, int(no)): str(value) for no, value in rows})
    tables.execute("DROP TABLE lead_members")
    return ids


def _insert(tables: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        columns = list(zip(*rows, strict=True))
        unnested = ", ".join(f"unnest($c{i})" for i in range(len(columns)))
        tables.execute(
            f"INSERT INTO {name} SELECT {unnested}", {f"c{i}": list(column) for i, column in enumerate(columns)}
        )


def _lead(
    build_id: str,
    identity: str,
    group: Fused,
    scored: Scored,
    q_value: float | None,
    money: _Money,
    settlement_ids: Mapping[int, str],
    ids: Mapping[tuple[str, int], str],
) -> dict[str, Any]:
    name = NAMES[group.pattern]
    counted = {
        kind: sum(1 for m in group.members if m.kind == kind)
        for kind in ("person", "doctor", "handler", "institution", "pharmacy")
    }
    hours = HOURS_BASE + HOURS_PER_MEMBER * len(group.members)
    clear = next((f.would_clear for f in group.findings if f.would_clear), name.would_clear)
    legal = dict.fromkeys(
        article for finding in group.findings for article in (finding.legal_basis or NAMES[finding.pattern].legal_basis)
    )
    return {
        "rank": 0,
        "id": identity,
        "build_id": build_id,
        "score": scored.score,
        "q_value": None if q_value is None else float(f"{q_value:.4g}"),
        "pattern": group.pattern,
        "title": _both(
            title(
                group.pattern,
                persons=counted["person"],
                sites=counted["institution"] + counted["pharmacy"],
                handlers=counted["handler"],
                doctors=counted["doctor"],
            )
        ),
        "members": [_member(m, ids) for m in group.members],
        "amount": {
            "fund": _yuan(money.fund_fen),
            "account": _yuan(money.account_fen),
            "total": _yuan(money.total_fen),
        },
        "priority": round(scored.score * money.total_fen / 100 / hours, 2),
        "period": {"from": _iso(money.first_day), "to": _iso(money.last_day)},
        "evidence": [_evidence(finding, settlement_ids) for finding in group.findings],
        "benign_explanations": [
            {"cause": b.cause, "weight": round(b.weight, 4), "text": _both(b.text)} for b in scored.benign
        ],
        "would_clear": _both(to_clear(clear, scored.benign)),
        "legal_basis": list(legal),
        "status": "new",
        "contributions": scored.contributions,
    }


def _member(member: Member, ids: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    return {
        "type": member.kind,
        "id": ids[member.kind, member.no],
        "role": member.role,
        "strength": round(min(max(member.strength, 0.0), 1.0), 4),
    }


def _evidence(finding: Finding, settlement_ids: Mapping[int, str]) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "detector": finding.detector,
        "settlements": [settlement_ids[no] for no in finding.settlements],
        "text": _both(finding.text),
        "values": dict(sorted(finding.values.items())),
        "signals": [
            {"signal": s.name, "value": round(s.value, 4), "weight": round(s.weight, 4), "text": _both(s.detail)}
            for s in finding.signals
        ],
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _yuan(fen: int) -> float:
    return round(fen / 100, 2)


def _iso(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
