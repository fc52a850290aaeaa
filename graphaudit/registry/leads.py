"""Leads of a build: stored in rank order, filtered and paged; what people decided is merged in on reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, update

from graphaudit.errors import GraphauditError, NotFoundError
from graphaudit.registry.tables import (
    LEAD_STATUSES,
    build_leads,
    builds,
    lead_members,
    lead_settlements,
    lead_states,
    leads,
)

Sort = Literal["rank", "priority"]
SITE_TYPES = ("institution", "pharmacy")
#: Rows per INSERT, and ids per IN list: far below what either engine refuses.
CHUNK = 500

# A lead nobody has decided about has no row of its own.
_current_status = func.coalesce(lead_states.c.status, "new")
_with_state = build_leads.outerjoin(lead_states, lead_states.c.lead_id == build_leads.c.lead_id)


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """What a reader asks for; None = no limit. `site` and `person` are ids as the graph shows them.

    `q_max` keeps leads of exact rules, which have no q_value: nothing about them is left to chance.
    """

    pattern: str | None = None
    status: str | None = None
    min_score: float | None = None
    q_max: float | None = None
    site: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class LeadState:
    """What people decided about a lead; `version` rises by one with every change, from 0."""

    lead_id: str
    status: str
    version: int


class StaleVersionError(GraphauditError):
    """Somebody else changed the lead's state in between."""


def store(connection: Connection, build_id: str, payloads: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Write the leads of a build, replacing what an interrupted attempt may have left."""
    connection.execute(delete(build_leads).where(build_leads.c.build_id == build_id))
    known: set[str] = set()
    for ids in _chunks([lead["id"] for lead in payloads]):
        known.update(connection.execute(select(leads.c.lead_id).where(leads.c.lead_id.in_(ids))).scalars())
    _insert(
        connection,
        leads,
        (
            {"lead_id": lead["id"], "first_build": build_id, "created_at": now}
            for lead in payloads
            if lead["id"] not in known
        ),
    )
    _insert(connection, build_leads, (_row(build_id, lead) for lead in payloads))
    _insert(
        connection,
        lead_members,
        (
            {"build_id": build_id, "lead_id": lead["id"], "type": kind, "member_id": member}
            for lead in payloads
            for kind, member in sorted({(member["type"], member["id"]) for member in lead["members"]})
        ),
    )
    _insert(
        connection,
        lead_settlements,
        (
            {"build_id": build_id, "lead_id": lead["id"], "settlement_id": settlement}
            for lead in payloads
            for settlement in sorted({item for piece in lead["evidence"] for item in piece["settlements"]})
        ),
    )


def payloads(connection: Connection, build_id: str) -> list[dict[str, Any]]:
    """The leads of a build as they were published, in rank order."""
    statement = select(build_leads.c.payload).where(build_leads.c.build_id == build_id).order_by(build_leads.c.rank)
    return [dict(payload) for payload in connection.execute(statement).scalars()]


def page(
    connection: Connection, build_id: str, filters: LeadFilter, after_rank: int | None, limit: int, sort: Sort
) -> list[dict[str, Any]]:
    """Up to `limit` leads that come after the lead at `after_rank` in the asked order.

    By priority, equal priorities follow rank. `after_rank` names a position in either order, as ranks and priorities
    of a build never change.
    """
    conditions = _conditions(build_id, filters)
    if after_rank is not None:
        conditions.append(_after(build_id, after_rank, sort))
    order = (build_leads.c.priority.desc(), build_leads.c.rank) if sort == "priority" else (build_leads.c.rank,)
    statement = (
        select(build_leads.c.payload, _current_status)
        .select_from(_with_state)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
    )
    return [_merged(payload, status) for payload, status in connection.execute(statement)]


def count(connection: Connection, build_id: str, filters: LeadFilter) -> int:
    """How many leads of the build match."""
    statement = select(func.count()).select_from(_with_state).where(*_conditions(build_id, filters))
    return int(connection.execute(statement).scalar_one())


def find(connection: Connection, build_id: str, lead_id: str) -> dict[str, Any] | None:
    """The lead in this build, or None."""
    statement = (
        select(build_leads.c.payload, _current_status)
        .select_from(_with_state)
        .where(build_leads.c.build_id == build_id, build_leads.c.lead_id == lead_id)
    )
    row = connection.execute(statement).first()
    return _merged(row[0], row[1]) if row is not None else None


def settlements(connection: Connection, build_id: str) -> dict[str, frozenset[str]]:
    """The settlement ids of each lead of the build."""
    statement = select(lead_settlements.c.lead_id, lead_settlements.c.settlement_id).where(
        lead_settlements.c.build_id == build_id
    )
    gathered: dict[str, set[str]] = {
        lead: set()
        for lead in connection.execute(
            select(build_leads.c.lead_id).where(build_leads.c.build_id == build_id).order_by(build_leads.c.rank)
        ).scalars()
    }
    for lead, settlement in connection.execute(statement):
        gathered[lead].add(settlement)
    return {lead: frozenset(found) for lead, found in gathered.items()}


def confirmed(connection: Connection) -> dict[str, frozenset[tuple[str, str]]]:
    """The members, as (type, id), of each lead that was confirmed, as the newest build has it that knows the lead."""
    statement = (
        select(lead_members.c.lead_id, lead_members.c.build_id, lead_members.c.type, lead_members.c.member_id)
        .select_from(
            lead_members.join(lead_states, lead_states.c.lead_id == lead_members.c.lead_id).join(
                builds, builds.c.id == lead_members.c.build_id
            )
        )
        .where(lead_states.c.status == "confirmed")
        .order_by(lead_members.c.lead_id, builds.c.created_at.desc(), builds.c.id.desc())
    )
    newest: dict[str, str] = {}
    members: dict[str, set[tuple[str, str]]] = {}
    for lead, build, kind, member in connection.execute(statement):
        if newest.setdefault(lead, build) == build:
            members.setdefault(lead, set()).add((kind, member))
    return {lead: frozenset(held) for lead, held in members.items()}


def state(connection: Connection, lead_id: str) -> LeadState:
    """The lead's current state; NotFoundError when no build ever had such a lead."""
    statement = (
        select(leads.c.lead_id, lead_states.c.status, lead_states.c.version)
        .select_from(leads.outerjoin(lead_states, lead_states.c.lead_id == leads.c.lead_id))
        .where(leads.c.lead_id == lead_id)
    )
    row = connection.execute(statement).first()
    if row is None:
        raise NotFoundError(f"no lead {lead_id}", "list the leads with: graphaudit leads list")
    return LeadState(lead_id, row[1] or "new", row[2] or 0)


def set_state(connection: Connection, lead_id: str, status: str, expected_version: int) -> LeadState:
    """Change the status if the state is still at `expected_version`; StaleVersionError otherwise."""
    if status not in LEAD_STATUSES:
        raise GraphauditError("that is no status of a lead", f"one of {', '.join(LEAD_STATUSES)}")
    current = state(connection, lead_id)
    changed = {"status": status, "version": expected_version + 1, "changed_at": datetime.now(UTC)}
    if current.version == expected_version == 0:
        connection.execute(insert(lead_states).values(lead_id=lead_id, **changed))
        return state(connection, lead_id)
    result = connection.execute(
        update(lead_states)
        .where(lead_states.c.lead_id == lead_id, lead_states.c.version == expected_version)
        .values(**changed)
    )
    if result.rowcount != 1:
        raise StaleVersionError(
            f"lead {lead_id} is at version {current.version}, not {expected_version}", "read it again, then decide"
        )
    return state(connection, lead_id)


def _conditions(build_id: str, filters: LeadFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [build_leads.c.build_id == build_id]
    if filters.pattern is not None:
        conditions.append(build_leads.c.pattern == filters.pattern)
    if filters.status is not None:
        conditions.append(_current_status == filters.status)
    if filters.min_score is not None:
        conditions.append(build_leads.c.score >= filters.min_score)
    if filters.q_max is not None:
        conditions.append(or_(build_leads.c.q_value.is_(None), build_leads.c.q_value <= filters.q_max))
    if filters.site is not None:
        conditions.append(_has_member(SITE_TYPES, filters.site))
    if filters.person is not None:
        conditions.append(_has_member(("person",), filters.person))
    return conditions


def _has_member(types: tuple[str, ...], member_id: str) -> ColumnElement[bool]:
    return exists().where(
        lead_members.c.build_id == build_leads.c.build_id,
        lead_members.c.lead_id == build_leads.c.lead_id,
        lead_members.c.type.in_(types),
        lead_members.c.member_id == member_id,
    )


def _after(build_id: str, rank: int, sort: Sort) -> ColumnElement[bool]:
    if sort == "rank":
        return build_leads.c.rank > rank
    last = build_leads.alias("last")
    priority = select(last.c.priority).where(last.c.build_id == build_id, last.c.rank == rank).scalar_subquery()
    return or_(build_leads.c.priority < priority, and_(build_leads.c.priority == priority, build_leads.c.rank > rank))


def _merged(payload: Mapping[str, Any], status: str) -> dict[str, Any]:
    return {**payload, "status": status}


def _row(build_id: str, lead: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "build_id": build_id,
        "rank": lead["rank"],
        "lead_id": lead["id"],
        "score": lead["score"],
        "q_value": lead["q_value"],
        "pattern": lead["pattern"],
        "amount_total_fen": round(lead["amount"]["total"] * 100),
        "amount_fund_fen": round(lead["amount"]["fund"] * 100),
        "priority": lead["priority"],
        "period_from": lead["period"]["from"],
        "period_to": lead["period"]["to"],
        "payload": dict(lead),
    }


def _insert(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    for chunk in _chunks(list(rows)):
        connection.execute(insert(table), chunk)


def _chunks(items: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])
