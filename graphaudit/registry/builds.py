"""Builds on record: staged, published, superseded, failed; at most one is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from graphaudit.errors import BuildError, NotFoundError
from graphaudit.registry.tables import as_row, builds


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """One build. `counts` holds whatever numbers the build reports (rows, nodes, leads …), by name.

    `state` and `published_at` are the registry's to say: they are ignored on the way in.
    """

    id: str
    source_fingerprint: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    code_version: str = ""
    store_url: str = ""
    seed: int = 0
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    note: str = ""
    state: str = "staged"
    published_at: datetime | None = None


def save(connection: Connection, build: BuildRecord, state: str, published_at: datetime | None) -> None:
    """Insert or replace the row of `build`."""
    values = {
        "state": state,
        "created_at": build.created_at,
        "published_at": published_at,
        "source_fingerprint": build.source_fingerprint,
        "counts": dict(build.counts),
        "code_version": build.code_version,
        "store_url": build.store_url,
        "seed": build.seed,
        "note": build.note,
    }
    if find(connection, build.id) is None:
        connection.execute(insert(builds).values(id=build.id, **values))
    else:
        connection.execute(update(builds).where(builds.c.id == build.id).values(**values))


def annotate(connection: Connection, build_id: str, note: str) -> None:
    """Replace the note of a build."""
    connection.execute(update(builds).where(builds.c.id == build_id).values(note=note))


def listed(connection: Connection) -> list[BuildRecord]:
    """All builds, newest first."""
    rows = connection.execute(select(builds).order_by(builds.c.created_at.desc(), builds.c.id.desc())).mappings()
    return [_record(as_row(row)) for row in rows]


def find(connection: Connection, build_id: str) -> BuildRecord | None:
    """The build with this id, or None."""
    row = connection.execute(select(builds).where(builds.c.id == build_id)).mappings().first()
    return _record(as_row(row)) if row is not None else None


def get(connection: Connection, build_id: str) -> BuildRecord:
    """The build with this id; NotFoundError when there is none."""
    found = find(connection, build_id)
    if found is None:
        raise NotFoundError(f"no build {build_id}", "list the builds with: graphaudit builds list")
    return found


def active(connection: Connection) -> BuildRecord | None:
    """The published build, or None before the first publication."""
    row = connection.execute(select(builds).where(builds.c.state == "published")).mappings().first()
    return _record(as_row(row)) if row is not None else None


def retire_active(connection: Connection) -> None:
    """The published build, if any, becomes superseded."""
    connection.execute(update(builds).where(builds.c.state == "published").values(state="superseded"))


def activate(connection: Connection, build_id: str) -> BuildRecord:
    """Make an earlier published build the active one again."""
    build = get(connection, build_id)
    if build.state == "published":
        return build
    if build.state != "superseded":
        raise BuildError(
            f"build {build_id} is {build.state}: it was never published", "choose a build that is superseded"
        )
    retire_active(connection)
    connection.execute(update(builds).where(builds.c.id == build_id).values(state="published"))
    return get(connection, build_id)


def remove(connection: Connection, build_id: str) -> None:
    """Forget a build and its leads; the active build is refused with BuildError."""
    if get(connection, build_id).state == "published":
        raise BuildError(f"build {build_id} is the active one", "publish or activate another build first")
    connection.execute(delete(builds).where(builds.c.id == build_id))


def _record(row: dict[str, Any]) -> BuildRecord:
    return BuildRecord(**row)
