"""API keys: shown once, kept hashed, scoped, expiring, revocable."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from graphaudit.errors import ConfigurationError, NotFoundError
from graphaudit.registry import Registry
from graphaudit.registry.database import write
from graphaudit.registry.tables import api_keys


def test_a_key_has_its_form_and_256_bits(registry: Registry) -> None:
    record, plain = registry.create_key("unit", ["leads:read"])
    assert re.fullmatch(r"ga_[0-9a-f]{12}\.[A-Za-z0-9_-]{43}", plain)
    assert record.prefix == plain[3:15]
    assert registry.create_key("unit", ["leads:read"])[1] != plain


def test_the_holder_of_a_key_is_recognised_with_the_scopes_given(registry: Registry) -> None:
    record, plain = registry.create_key("监管处", ["leads:read", "builds:read", "leads:read"])
    principal = registry.authenticate(plain)
    assert (principal.key_id, principal.name) == (record.id, "监管处")
    assert principal.scopes == {"leads:read", "builds:read"}
    assert principal.may("leads:read")
    assert not principal.may("pii:read")


def test_the_key_itself_is_nowhere_in_the_registry(sqlite_registry: tuple[Registry, Path]) -> None:
    registry, path = sqlite_registry
    _, plain = registry.create_key("unit", ["leads:read"])
    registry.authenticate(plain)
    dump = "\n".join(sqlite3.connect(path).iterdump())
    assert plain not in dump
    assert plain.split(".")[1] not in dump


@pytest.mark.parametrize("alter", [
    lambda k: "", lambda k: k[:-1], lambda k: k + "A", lambda k: k.upper(), lambda k: k.replace("ga_", "gb_"),
    lambda k: k[:16] + ("A" if k[16] != "A" else "B") + k[17:], lambda k: "ga_000000000000." + k[16:],
    lambda k: k[3:], lambda k: f" {k}", lambda k: "ga_' OR 1=1 --",
])  # fmt: skip
def test_anything_but_the_exact_key_is_nobody(registry: Registry, alter) -> None:
    _, plain = registry.create_key("unit", ["leads:read"])
    assert registry.authenticate(alter(plain)) is None


def test_a_revoked_key_is_nobody_at_once_and_stays_listed(registry: Registry) -> None:
    record, plain = registry.create_key("unit", ["leads:read"])
    other, other_plain = registry.create_key("other", ["leads:read"])
    revoked = registry.revoke_key(record.prefix)
    assert registry.authenticate(plain) is None
    assert registry.authenticate(other_plain) is not None
    assert registry.revoke_key(record.id).revoked_at == revoked.revoked_at
    listed = registry.keys()
    assert [(key.id, key.state()) for key in listed] == [(record.id, "revoked"), (other.id, "active")]
    with pytest.raises(NotFoundError):
        registry.revoke_key("K-none")


def test_an_expired_key_is_nobody(registry: Registry) -> None:
    record, plain = registry.create_key("unit", ["leads:read"], datetime.now(UTC) + timedelta(hours=1))
    assert registry.authenticate(plain) is not None
    with write(registry._engine) as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(api_keys).where(api_keys.c.id == record.id).values(expires_at=past))
    assert registry.authenticate(plain) is None
    assert registry.keys()[0].state() == "expired"


def test_the_last_use_is_noted_but_not_at_every_request(registry: Registry) -> None:
    _, plain = registry.create_key("unit", ["leads:read"])
    assert registry.keys()[0].last_used_at is None
    registry.authenticate(plain)
    first = registry.keys()[0].last_used_at
    registry.authenticate(plain)
    assert first is not None
    assert registry.keys()[0].last_used_at == first


@pytest.mark.parametrize(
    ("name", "scopes", "expires"),
    [
        ("unit", [], None),
        ("unit", ["leads:read", "everything"], None),
        (" ", ["leads:read"], None),
        ("x" * 129, ["leads:read"], None),
        ("two\nlines", ["leads:read"], None),
        ("unit", ["leads:read"], datetime(2020, 1, 1, tzinfo=UTC)),
        ("unit", ["leads:read"], datetime(2999, 1, 1)),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(registry: Registry, name, scopes, expires) -> None:
    with pytest.raises(ConfigurationError):
        registry.create_key(name, scopes, expires)
    assert registry.keys() == []


def test_making_and_revoking_keys_is_on_record(registry: Registry) -> None:
    record, _ = registry.create_key("unit", ["leads:read"], actor="cli:operator")
    registry.revoke_key(record.id, actor="cli:operator")
    assert [(r.event.action, r.event.object_ids, r.event.actor) for r in registry.audit_records()] == [
        ("key.create", (record.id,), "cli:operator"),
        ("key.revoke", (record.id,), "cli:operator"),
    ]
