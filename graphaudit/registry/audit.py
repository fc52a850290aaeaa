"""The audit log: append-only, each record carrying the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from graphaudit.errors import StoreError
from graphaudit.registry.tables import as_row, audit_head, audit_log

#: `prev_hash` of the first record.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to which objects. `fields` names what was revealed, never its values; `reason` is the actor's own.

    `result` is done, denied or failed.
    """

    actor: str
    action: str
    object_ids: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    reason: str = ""
    result: str = "done"
    build_id: str = ""
    request_id: str = ""
    client_ip: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event with its place in the chain; `seq` counts from 1 without a gap."""

    seq: int
    at: datetime
    event: AuditEvent
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the chain ends. Kept outside the registry, it shows later whether history was rewritten."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """Whether the chain holds; if not, the first record that does not and why."""

    intact: bool
    records: int
    head: AuditHead
    broken_at: int | None = None
    problem: str = ""


def append(connection: Connection, event: AuditEvent) -> AuditRecord:
    """Append `event` within the caller's writing transaction: it is kept exactly when that commits."""
    head = connection.execute(select(audit_head).where(audit_head.c.id == 1).with_for_update()).mappings().first()
    if head is None:
        raise StoreError("the audit log has lost its head", "restore the registry from a copy")
    seq = int(head["seq"]) + 1
    at = datetime.now(UTC)
    digest = _digest(seq, at, event, str(head["hash"]))
    values = asdict(event) | {"object_ids": list(event.object_ids), "fields": list(event.fields)}
    connection.execute(insert(audit_log).values(seq=seq, at=at, prev_hash=head["hash"], hash=digest, **values))
    connection.execute(update(audit_head).where(audit_head.c.id == 1).values(seq=seq, hash=digest))
    return AuditRecord(seq, at, event, str(head["hash"]), digest)


def records(connection: Connection, after: int = 0, limit: int | None = None) -> Iterator[AuditRecord]:
    """Records in order, those after `after` only."""
    statement = select(audit_log).where(audit_log.c.seq > after).order_by(audit_log.c.seq).limit(limit)
    for row in connection.execute(statement, execution_options={"yield_per": 1000}).mappings():
        yield _record(as_row(row))


def verify(connection: Connection, anchor: AuditHead | None = None) -> AuditVerdict:
    """Recompute the whole chain.

    A changed, missing, added or reordered record breaks it, and so does a chain shorter than its head says. Whoever
    may write the database could recompute every hash; only an `anchor` noted down elsewhere shows that.
    """
    row = connection.execute(select(audit_head).where(audit_head.c.id == 1)).mappings().first()
    head = AuditHead(int(row["seq"]), str(row["hash"])) if row else AuditHead(0, GENESIS)
    previous, count, anchored = GENESIS, 0, anchor is None or anchor == AuditHead(0, GENESIS)
    for record in records(connection):
        problem = ""
        if record.seq != count + 1:
            problem = f"record {count + 1} is missing"
        elif record.prev_hash != previous:
            problem = "it does not follow the record before it"
        elif record.hash != _digest(record.seq, record.at, record.event, previous):
            problem = "its content does not match its hash"
        if problem:
            return AuditVerdict(False, count, head, record.seq, problem)
        previous, count = record.hash, count + 1
        anchored = anchored or anchor == AuditHead(count, previous)
    if row is None or (count, previous) != (head.seq, head.hash):
        return AuditVerdict(False, count, head, count + 1, "records at the end are missing")
    if not anchored:
        return AuditVerdict(False, count, head, anchor.seq if anchor else None, "history differs from the anchor")
    return AuditVerdict(True, count, head)


def _record(row: dict[str, Any]) -> AuditRecord:
    event = AuditEvent(
        actor=row["actor"],
        action=row["action"],
        object_ids=tuple(row["object_ids"]),
        fields=tuple(row["fields"]),
        reason=row["reason"],
        result=row["result"],
        build_id=row["build_id"],
        request_id=row["request_id"],
        client_ip=row["client_ip"],
    )
    return AuditRecord(int(row["seq"]), row["at"], event, row["prev_hash"], row["hash"])


def _digest(seq: int, at: datetime, event: AuditEvent, previous: str) -> str:
    content = {"seq": seq, "at": at.isoformat(timespec="microseconds"), "prev_hash": previous, **asdict(event)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
