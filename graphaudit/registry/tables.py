"""The registry's relational tables, for SQLite and PostgreSQL alike; migrations are checked against them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

BUILD_STATES = ("staged", "published", "superseded", "failed")
LEAD_STATUSES = ("new", "in_review", "confirmed", "cleared")
MEMBER_TYPES = (
    "person", "card", "doctor", "institution", "pharmacy", "handler", "terminal", "phone", "bank_account",
    "household", "employer", "agent",
)  # fmt: skip


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite forgets zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(column: str, allowed: tuple[str, ...], name: str) -> CheckConstraint:
    quoted = ", ".join(f"'{value}'" for value in allowed)
    return CheckConstraint(f"{column} IN ({quoted})", name=name)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(64)

builds = Table(
    "builds",
    metadata,
    Column("id", ID, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Column("source_fingerprint", String(128), nullable=False),
    Column("counts", JSON, nullable=False),
    Column("code_version", String(64), nullable=False),
    Column("store_url", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    _one_of("state", BUILD_STATES, "state"),
)
# A reader sees exactly one build: the database itself refuses a second published one.
Index(
    "uq_builds_one_published",
    builds.c.state,
    unique=True,
    sqlite_where=text("state = 'published'"),
    postgresql_where=text("state = 'published'"),
)

# `first_build` is no foreign key: the identity of a lead outlives the build it was first seen in.
leads = Table(
    "leads",
    metadata,
    Column("lead_id", ID, primary_key=True),
    Column("first_build", ID, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

build_leads = Table(
    "build_leads",
    metadata,
    Column("build_id", ID, ForeignKey("builds.id", ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("lead_id", ID, ForeignKey("leads.lead_id"), nullable=False),
    Column("score", Float(53), nullable=False),
    Column("q_value", Float(53)),
    Column("pattern", String(64), nullable=False),
    Column("amount_total_fen", BigInteger, nullable=False),
    Column("amount_fund_fen", BigInteger, nullable=False),
    Column("priority", Float(53), nullable=False),
    Column("period_from", String(10), nullable=False),
    Column("period_to", String(10), nullable=False),
    Column("payload", JSON, nullable=False),
    Index("uq_build_leads_build_id_lead_id", "build_id", "lead_id", unique=True),
    Index("ix_build_leads_build_id_priority", "build_id", "priority"),
    Index("ix_build_leads_lead_id", "lead_id"),
)

lead_members = Table(
    "lead_members",
    metadata,
    Column("build_id", ID, primary_key=True),
    Column("lead_id", ID, primary_key=True),
    Column("type", String(16), primary_key=True),
    Column("member_id", String(256), primary_key=True),
    ForeignKeyConstraint(["build_id", "lead_id"], ["build_leads.build_id", "build_leads.lead_id"], ondelete="CASCADE"),
    Index("ix_lead_members_build_id_member_id", "build_id", "member_id"),
    _one_of("type", MEMBER_TYPES, "type"),
)

lead_settlements = Table(
    "lead_settlements",
    metadata,
    Column("build_id", ID, primary_key=True),
    Column("lead_id", ID, primary_key=True),
    Column("settlement_id", String(256), primary_key=True),
    ForeignKeyConstraint(["build_id", "lead_id"], ["build_leads.build_id", "build_leads.lead_id"], ondelete="CASCADE"),
)

# What people decided about a lead; never touched by a rebuild. A lead without a row is "new", version 0.
lead_states = Table(
    "lead_states",
    metadata,
    Column("lead_id", ID, ForeignKey("leads.lead_id"), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("prefix", String(16), nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object_ids", JSON, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("result", String(32), nullable=False),
    Column("build_id", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("client_ip", String(64), nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# One row: where the chain ends. Locked while a record is appended, so that two writers cannot fork the chain.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

# Random keys that every worker of one site must share, such as the one that signs page cursors.
site_secrets = Table(
    "site_secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)


def as_row(mapping: Any) -> dict[str, Any]:
    """A SQLAlchemy row mapping as a plain dict with string keys."""
    return {str(key): value for key, value in mapping.items()}
