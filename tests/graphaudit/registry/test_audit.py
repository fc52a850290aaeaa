"""The audit chain: whatever was changed, taken away, added or reordered shows."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from graphaudit.registry import AuditEvent, AuditHead, Registry
from graphaudit.registry.audit import GENESIS
from graphaudit.registry.database import write


@pytest.fixture
def recorded(sqlite_registry: tuple[Registry, Path]) -> tuple[Registry, Path]:
    """Five records, in a file."""
    registry, path = sqlite_registry
    for number in range(5):
        registry.audit(AuditEvent("key:K-1", "leads.reveal", (f"L-{number}",), ("members.person",), "核查 case 7"))
    return registry, path


def tamper(path: Path, *statements: str) -> None:
    """What somebody with the file, but without the code, could do."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_empty_log_is_intact(registry: Registry) -> None:
    verdict = registry.verify_audit()
    assert (verdict.intact, verdict.records, verdict.head) == (True, 0, AuditHead(0, GENESIS))


def test_records_follow_each_other_without_a_gap(registry: Registry) -> None:
    for number in range(3):
        registry.audit(AuditEvent("a", "b", (f"L-{number}",), reason="因由"))
    records = registry.audit_records()
    assert [record.seq for record in records] == [1, 2, 3]
    assert [record.prev_hash for record in records] == [GENESIS, records[0].hash, records[1].hash]
    assert registry.verify_audit().intact
    assert [record.seq for record in registry.audit_records(after=1, limit=1)] == [2]


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_log SET reason = 'other' WHERE seq = 3", 3),
        ("UPDATE audit_log SET actor = 'key:K-2' WHERE seq = 1", 1),
        ("UPDATE audit_log SET object_ids = '[\"L-9\"]' WHERE seq = 5", 5),
        ("UPDATE audit_log SET fields = '[]' WHERE seq = 2", 2),
        ("UPDATE audit_log SET result = 'denied' WHERE seq = 2", 2),
        ("UPDATE audit_log SET client_ip = '10.0.0.1' WHERE seq = 2", 2),
        ("UPDATE audit_log SET at = '2020-01-01 00:00:00.000000' WHERE seq = 4", 4),
        ("UPDATE audit_log SET hash = prev_hash WHERE seq = 2", 2),
        ("DELETE FROM audit_log WHERE seq = 1", 2),
        ("DELETE FROM audit_log WHERE seq = 3", 4),
        ("DELETE FROM audit_log WHERE seq = 5", 5),
        ("DELETE FROM audit_log", 1),
        ("UPDATE audit_log SET seq = 9 WHERE seq = 5", 9),
        (
            "INSERT INTO audit_log SELECT 6, at, actor, action, object_ids, fields, reason, result, build_id, "
            "request_id, client_ip, hash, hash FROM audit_log WHERE seq = 5",
            6,
        ),
        ("DELETE FROM audit_head", 6),
    ],
)
def test_tampering_shows_at_the_record_that_was_touched(recorded, statement, broken_at) -> None:
    registry, path = recorded
    assert registry.verify_audit().intact
    tamper(path, statement)
    verdict = registry.verify_audit()
    assert not verdict.intact
    assert verdict.broken_at == broken_at
    assert verdict.problem


def test_a_rewritten_history_shows_against_an_anchor_kept_elsewhere(recorded, tmp_path: Path) -> None:
    registry, _ = recorded
    anchor = registry.verify_audit().head
    registry.audit(AuditEvent("a", "later"))
    assert registry.verify_audit(anchor).intact

    with Registry.open(f"sqlite:{tmp_path / 'forged.db'}") as forged:
        for number in range(6):
            forged.audit(AuditEvent("key:K-1", "leads.reveal", (f"L-{number}",), ("members.person",), "forged"))
        assert forged.verify_audit().intact
        verdict = forged.verify_audit(anchor)
    assert not verdict.intact
    assert verdict.broken_at == anchor.seq


def test_cutting_the_end_off_together_with_the_head_shows_against_an_anchor(recorded) -> None:
    registry, path = recorded
    anchor = registry.verify_audit().head
    tamper(
        path,
        "DELETE FROM audit_log WHERE seq = 5",
        "UPDATE audit_head SET seq = 4, hash = (SELECT hash FROM audit_log WHERE seq = 4)",
    )
    assert registry.verify_audit().intact
    assert not registry.verify_audit(anchor).intact


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET reason = ''", "DELETE FROM audit_log"])
def test_the_database_refuses_to_change_the_log(registry: Registry, statement) -> None:
    registry.audit(AuditEvent("a", "b"))
    with pytest.raises(DatabaseError, match="append-only"), write(registry._engine) as connection:
        connection.execute(text(statement))
    assert registry.verify_audit().intact


def test_writers_at_the_same_time_make_one_chain(registry: Registry) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: registry.audit(AuditEvent(f"a{n}", "b")), range(60)))
    verdict = registry.verify_audit()
    assert (verdict.intact, verdict.records) == (True, 60)
