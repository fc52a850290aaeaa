"""API keys: shown once, kept as a hash, scoped, expiring, revocable."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from graphaudit.errors import ConfigurationError, NotFoundError
from graphaudit.registry.tables import api_keys, as_row

#: What a key may be allowed to do.
SCOPES = {
    "leads:read": "read ranked leads, with pseudonyms",
    "builds:read": "read which builds there are",
    "pii:read": "reveal source ids, for a stated reason and on record",
}
KEY_FORM = re.compile(r"ga_([0-9a-f]{12})\.([A-Za-z0-9_-]{43})")
#: `last_used_at` is written at most this often, so that reading does not cost a disk write per request.
LAST_USED_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key; the key itself is not."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def state(self, now: datetime | None = None) -> str:
        """active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= (now or datetime.now(UTC)):
            return "expired"
        return "active"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller."""

    key_id: str
    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the caller holds `scope`."""
        return scope in self.scopes


def create(
    connection: Connection, name: str, scopes: Iterable[str], expires_at: datetime | None
) -> tuple[KeyRecord, str]:
    """A new key and its record. ConfigurationError on a wrong name, scope or expiry."""
    wanted = tuple(sorted(set(scopes)))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        what = f"unknown scope {unknown[0]!r}" if unknown else "a key needs at least one scope"
        raise ConfigurationError(what, f"scopes are {', '.join(SCOPES)}")
    if not name.strip() or len(name) > 128 or not name.isprintable():
        raise ConfigurationError("a key needs a name of 1 to 128 printable characters", "name who or what will use it")
    now = datetime.now(UTC)
    if expires_at is not None and expires_at.tzinfo is None:
        raise ConfigurationError("the expiry of a key needs a time zone", "write it as 2027-01-01T00:00:00+08:00")
    if expires_at is not None and expires_at <= now:
        raise ConfigurationError("the expiry of the key is in the past", "choose a later moment, or none")
    prefix = secrets.token_hex(6)
    plain = f"ga_{prefix}.{secrets.token_urlsafe(32)}"
    record = KeyRecord(f"K-{prefix}", name.strip(), prefix, wanted, now, expires_at, None, None)
    connection.execute(
        insert(api_keys).values(
            id=record.id,
            name=record.name,
            prefix=prefix,
            hash=_hash(plain),
            scopes=list(wanted),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return record, plain


def listed(connection: Connection) -> list[KeyRecord]:
    """All keys, oldest first, revoked ones included."""
    rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).mappings()
    return [_record(as_row(row)) for row in rows]


def revoke(connection: Connection, key_id: str) -> KeyRecord:
    """Revoke the key with this id or prefix; a key once revoked keeps its moment. NotFoundError when there is none."""
    found = (
        connection.execute(select(api_keys).where((api_keys.c.id == key_id) | (api_keys.c.prefix == key_id)))
        .mappings()
        .first()
    )
    if found is None:
        raise NotFoundError(f"no API key {key_id}", "list the keys with: graphaudit keys list")
    record = _record(as_row(found))
    if record.revoked_at is None:
        connection.execute(update(api_keys).where(api_keys.c.id == record.id).values(revoked_at=datetime.now(UTC)))
        found = connection.execute(select(api_keys).where(api_keys.c.id == record.id)).mappings().one()
    return _record(as_row(found))


def authenticate(connection: Connection, plain: str) -> tuple[Principal, bool] | None:
    """The caller behind `plain`, and whether `last_used_at` is due; None for an unknown, expired or revoked key."""
    form = KEY_FORM.fullmatch(plain)
    if form is None:
        return None
    row = connection.execute(select(api_keys).where(api_keys.c.prefix == form.group(1))).mappings().first()
    known = str(row["hash"]) if row is not None else "0" * 64
    # Compared also when there is no such key, and in constant time: an answer's delay tells nothing.
    matches = hmac.compare_digest(known, _hash(plain))
    if row is None or not matches:
        return None
    record = _record(as_row(row))
    now = datetime.now(UTC)
    if record.state(now) != "active":
        return None
    due = record.last_used_at is None or now - record.last_used_at >= LAST_USED_STEP
    return Principal(record.id, record.name, frozenset(record.scopes)), due


def touch(connection: Connection, key_id: str) -> None:
    """Note that the key was used now."""
    connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=datetime.now(UTC)))


def _hash(plain: str) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess that a slow hash would protect.
    return hashlib.sha256(plain.encode()).hexdigest()


def _record(row: dict[str, Any]) -> KeyRecord:
    return KeyRecord(
        id=row["id"],
        name=row["name"],
        prefix=row["prefix"],
        scopes=tuple(row["scopes"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )
