"""The registry: one object over builds, leads and their states, keys, and the audit log."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, insert, select

from graphaudit.errors import BuildError, NotFoundError
from graphaudit.registry import audit, builds, keys, leads
from graphaudit.registry.audit import AuditEvent, AuditHead, AuditRecord, AuditVerdict
from graphaudit.registry.builds import BuildRecord
from graphaudit.registry.contract import check_leads
from graphaudit.registry.database import RegistryError, is_reachable, open_engine, read, write
from graphaudit.registry.keys import KeyRecord, Principal
from graphaudit.registry.leads import LeadFilter, LeadState, Sort
from graphaudit.registry.tables import site_secrets

logger = logging.getLogger(__name__)

#: Actor of what is done on the machine itself.
OPERATOR = "operator"
_EVERYTHING = LeadFilter()


class Registry:
    """What outlives a rebuild. Every method is one transaction; an object may be shared between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open `sqlite:PATH` or `postgresql+psycopg://…`, creating it and applying migrations where needed.

        ConfigurationError when that is impossible.
        """
        return cls(open_engine(url))

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def is_reachable(self) -> bool:
        """Whether the database answers."""
        return is_reachable(self._engine)

    # ---- builds ----------------------------------------------------------------------------------------

    def publish(
        self, build: BuildRecord, leads_in_order: Sequence[Mapping[str, Any]], *, actor: str = OPERATOR
    ) -> BuildRecord:
        """Store the leads of `build` and make it the active build, in one transaction.

        The leads follow the exported-lead contract with graph ids, in rank order; SchemaError when they do not.
        Publishing the same leads under the same id again changes nothing, so that an interrupted caller may repeat;
        other leads under an id once published are refused with BuildError.
        """
        check_leads(build.id, leads_in_order)
        payloads: list[dict[str, Any]] = json.loads(json.dumps(list(leads_in_order), ensure_ascii=False))
        with write(self._engine) as connection:
            existing = builds.find(connection, build.id)
            if existing is not None and existing.state in ("published", "superseded"):
                if leads.payloads(connection, build.id) == payloads:
                    if existing.state == "published":
                        return existing
                    raise BuildError(
                        f"build {build.id} was published before and has been superseded",
                        f"go back to it with: graphaudit builds rollback {build.id}",
                    )
                raise BuildError(f"build {build.id} is published with other leads", "publish under a new build id")
            now = datetime.now(UTC)
            builds.retire_active(connection)
            builds.save(connection, build, "published", now)
            leads.store(connection, build.id, payloads, now)
            audit.append(connection, AuditEvent(actor, "build.publish", (build.id,), build_id=build.id))
            published = builds.get(connection, build.id)
        logger.info("published build=%s leads=%d", build.id, len(payloads))
        return published

    def record_failure(self, build: BuildRecord, note: str) -> None:
        """Keep on record that `build` failed and where (`note`); the active build is untouched."""
        with write(self._engine) as connection:
            existing = builds.find(connection, build.id)
            if existing is not None and existing.state in ("published", "superseded"):
                raise BuildError(f"build {build.id} is published already")
            builds.save(connection, build, "failed", None)
            builds.annotate(connection, build.id, note)

    def active_build(self) -> BuildRecord | None:
        """The published build, or None before the first publication."""
        with read(self._engine) as connection:
            return builds.active(connection)

    def builds(self) -> list[BuildRecord]:
        """All builds, newest first."""
        with read(self._engine) as connection:
            return builds.listed(connection)

    def build(self, build_id: str) -> BuildRecord:
        """The build with this id; NotFoundError when there is none."""
        with read(self._engine) as connection:
            return builds.get(connection, build_id)

    def activate(self, build_id: str, *, actor: str = OPERATOR) -> BuildRecord:
        """Make an earlier published build active again (rollback). NotFoundError, or BuildError if never published."""
        with write(self._engine) as connection:
            build = builds.activate(connection, build_id)
            audit.append(connection, AuditEvent(actor, "build.activate", (build_id,), build_id=build_id))
            return build

    def remove_build(self, build_id: str, *, actor: str = OPERATOR) -> None:
        """Forget a build and its leads, keeping lead identities and states. BuildError for the active build."""
        with write(self._engine) as connection:
            builds.remove(connection, build_id)
            audit.append(connection, AuditEvent(actor, "build.remove", (build_id,), build_id=build_id))

    # ---- leads -----------------------------------------------------------------------------------------

    def lead_page(
        self,
        build_id: str,
        filters: LeadFilter = _EVERYTHING,
        after_rank: int | None = None,
        limit: int = 50,
        sort: Sort = "rank",
    ) -> list[dict[str, Any]]:
        """Up to `limit` matching leads after the one at `after_rank`, in the order of `sort`, with current status."""
        with read(self._engine) as connection:
            builds.get(connection, build_id)
            return leads.page(connection, build_id, filters, after_rank, limit, sort)

    def count(self, build_id: str, filters: LeadFilter = _EVERYTHING) -> int:
        """How many leads of the build match."""
        with read(self._engine) as connection:
            return leads.count(connection, build_id, filters)

    def lead(self, lead_id: str, build_id: str | None = None) -> dict[str, Any]:
        """The lead as the build (default: the active one) has it, with current status. NotFoundError otherwise."""
        with read(self._engine) as connection:
            build = builds.active(connection) if build_id is None else builds.get(connection, build_id)
            if build is None:
                raise NotFoundError("no build is published yet", "build one with: graphaudit build SOURCE")
            found = leads.find(connection, build.id, lead_id)
        if found is None:
            raise NotFoundError(f"no lead {lead_id} in build {build.id}", "list its leads, or name another build")
        return found

    def settlements_of_previous(self, build_id: str | None = None) -> dict[str, frozenset[str]]:
        """Settlement ids per lead of a build (default: the active one), so that a new lead can inherit an id."""
        with read(self._engine) as connection:
            build = builds.active(connection) if build_id is None else builds.get(connection, build_id)
            return leads.settlements(connection, build.id) if build is not None else {}

    def confirmed_cases(self) -> dict[str, frozenset[tuple[str, str]]]:
        """Members, as (type, id as the graph shows it), of each confirmed lead that a kept build knows."""
        with read(self._engine) as connection:
            return leads.confirmed(connection)

    def lead_state(self, lead_id: str) -> LeadState:
        """The lead's current status and version; NotFoundError when no build ever had it."""
        with read(self._engine) as connection:
            return leads.state(connection, lead_id)

    def set_lead_status(
        self, lead_id: str, status: str, *, expected_version: int, actor: str, reason: str = ""
    ) -> LeadState:
        """Change a lead's status and record it, in one transaction.

        StaleVersionError when the state is no longer at `expected_version`.
        """
        with write(self._engine) as connection:
            changed = leads.set_state(connection, lead_id, status, expected_version)
            event = AuditEvent(actor, "leads.status", (lead_id,), (status,), reason)
            audit.append(connection, event)
            return changed

    # ---- keys ------------------------------------------------------------------------------------------

    def create_key(
        self, name: str, scopes: Iterable[str], expires_at: datetime | None = None, *, actor: str = OPERATOR
    ) -> tuple[KeyRecord, str]:
        """A new API key: its record and the key itself, which is shown this once and kept only as a hash.

        ConfigurationError on an unknown scope, an empty name, or an expiry that is past or lacks a zone.
        """
        with write(self._engine) as connection:
            record, plain = keys.create(connection, name, scopes, expires_at)
            audit.append(connection, AuditEvent(actor, "key.create", (record.id,), record.scopes))
            return record, plain

    def keys(self) -> list[KeyRecord]:
        """All keys, oldest first, revoked and expired ones included."""
        with read(self._engine) as connection:
            return keys.listed(connection)

    def revoke_key(self, key_id: str, *, actor: str = OPERATOR) -> KeyRecord:
        """Revoke a key by id or prefix, at once and for good. NotFoundError when there is none."""
        with write(self._engine) as connection:
            record = keys.revoke(connection, key_id)
            audit.append(connection, AuditEvent(actor, "key.revoke", (record.id,)))
            return record

    def authenticate(self, plain: str) -> Principal | None:
        """Who holds this key; None when it is unknown, expired or revoked."""
        with read(self._engine) as connection:
            found = keys.authenticate(connection, plain)
        if found is None:
            return None
        principal, due = found
        if due:
            try:
                with write(self._engine) as connection:
                    keys.touch(connection, principal.key_id)
            except RegistryError:
                logger.warning("last use of a key not noted key=%s", principal.key_id)
        return principal

    # ---- audit and secrets -----------------------------------------------------------------------------

    def audit(self, event: AuditEvent) -> AuditRecord:
        """Append to the audit log; the record is on disk when this returns."""
        with write(self._engine) as connection:
            return audit.append(connection, event)

    def audit_records(self, after: int = 0, limit: int | None = None) -> list[AuditRecord]:
        """Audit records in order, those after `after` only."""
        with read(self._engine) as connection:
            return list(audit.records(connection, after, limit))

    def verify_audit(self, anchor: AuditHead | None = None) -> AuditVerdict:
        """Recompute the audit chain; `anchor` is a head noted down earlier, outside the registry."""
        with read(self._engine) as connection:
            return audit.verify(connection, anchor)

    def secret(self, name: str) -> bytes:
        """32 random bytes under this name, made at first use and shared by every process on this registry."""
        with read(self._engine) as connection:
            found = connection.execute(select(site_secrets.c.value).where(site_secrets.c.name == name)).scalar()
        if found is not None:
            return bytes(found)
        with write(self._engine) as connection:
            found = connection.execute(select(site_secrets.c.value).where(site_secrets.c.name == name)).scalar()
            if found is None:
                found = secrets.token_bytes(32)
                connection.execute(insert(site_secrets).values(name=name, value=found))
            return bytes(found)
