"""The first schema: builds, leads and their states, keys, and the chained audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.String(64)

# The database itself refuses to change or delete an audit record; the hash chain shows what got round that.
SQLITE_REFUSES_UPDATE = (
    "CREATE TRIGGER audit_log_refuses_update BEFORE UPDATE ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
)
SQLITE_REFUSES_DELETE = (
    "CREATE TRIGGER audit_log_refuses_delete BEFORE DELETE ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
)
POSTGRESQL_REFUSAL = (
    "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
)
POSTGRESQL_REFUSES_CHANGE = (
    "CREATE TRIGGER audit_log_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()"
)


def upgrade() -> None:
    op.create_table(
        "builds",
        sa.Column("id", ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT),
        sa.Column("source_fingerprint", sa.String(128), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("code_version", sa.String(64), nullable=False),
        sa.Column("store_url", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('staged', 'published', 'superseded', 'failed')", name=op.f("ck_builds_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_builds")),
    )
    op.create_index(
        "uq_builds_one_published",
        "builds",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "leads",
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("first_build", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_leads")),
    )
    op.create_table(
        "build_leads",
        sa.Column("build_id", ID, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("score", sa.Float(53), nullable=False),
        sa.Column("q_value", sa.Float(53)),
        sa.Column("pattern", sa.String(64), nullable=False),
        sa.Column("amount_total_fen", sa.BigInteger, nullable=False),
        sa.Column("amount_fund_fen", sa.BigInteger, nullable=False),
        sa.Column("priority", sa.Float(53), nullable=False),
        sa.Column("period_from", sa.String(10), nullable=False),
        sa.Column("period_to", sa.String(10), nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["build_id"], ["builds.id"], name=op.f("fk_build_leads_build_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_build_leads_lead_id")),
        sa.PrimaryKeyConstraint("build_id", "rank", name=op.f("pk_build_leads")),
    )
    op.create_index("uq_build_leads_build_id_lead_id", "build_leads", ["build_id", "lead_id"], unique=True)
    op.create_index("ix_build_leads_build_id_priority", "build_leads", ["build_id", "priority"])
    op.create_index("ix_build_leads_lead_id", "build_leads", ["lead_id"])
    op.create_table(
        "lead_members",
        sa.Column("build_id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("member_id", sa.String(256), nullable=False),
        sa.CheckConstraint(
            "type IN ('person', 'card', 'doctor', 'institution', 'pharmacy', 'handler', 'terminal', 'phone', "
            "'bank_account', 'household', 'employer', 'agent')",
            name=op.f("ck_lead_members_type"),
        ),
        sa.ForeignKeyConstraint(
            ["build_id", "lead_id"],
            ["build_leads.build_id", "build_leads.lead_id"],
            name=op.f("fk_lead_members_build_id_lead_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("build_id", "lead_id", "type", "member_id", name=op.f("pk_lead_members")),
    )
    op.create_index("ix_lead_members_build_id_member_id", "lead_members", ["build_id", "member_id"])
    op.create_table(
        "lead_settlements",
        sa.Column("build_id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("settlement_id", sa.String(256), nullable=False),
        sa.ForeignKeyConstraint(
            ["build_id", "lead_id"],
            ["build_leads.build_id", "build_leads.lead_id"],
            name=op.f("fk_lead_settlements_build_id_lead_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("build_id", "lead_id", "settlement_id", name=op.f("pk_lead_settlements")),
    )
    op.create_table(
        "lead_states",
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_lead_states_lead_id")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_lead_states")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("last_used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(256), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("object_ids", sa.JSON, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.Column("build_id", ID, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("client_ip", sa.String(64), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
    op.create_table(
        "site_secrets",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_site_secrets")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_REFUSES_UPDATE)
        op.execute(SQLITE_REFUSES_DELETE)
    else:
        op.execute(POSTGRESQL_REFUSAL)
        op.execute(POSTGRESQL_REFUSES_CHANGE)


def downgrade() -> None:
    raise CommandError("the audit log is not thrown away: restore a copy of the registry instead")
