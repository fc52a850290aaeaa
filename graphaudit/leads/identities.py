"""From the ids that the graph shows to the source's own, for an export or a reveal that is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from graphaudit.errors import NotFoundError

#: Member type of a lead → kind in the table of identities.
KINDS = {
    "person": "person",
    "card": "card",
    "doctor": "doctor",
    "institution": "site",
    "pharmacy": "site",
    "handler": "handler",
    "terminal": "terminal",
    "phone": "phone",
    "bank_account": "bank_account",
    "household": "household",
    "employer": "employer",
    "agent": "agent",
}

Identity = tuple[str, str | None]


def read_identities(build_folder: Path, leads: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Identity]:
    """Source id and name of every member of `leads`, by member type and graph id, in one join.

    NotFoundError when the build's table of identities is gone, or does not know a member.
    """
    path = build_folder / "tables" / "identities.parquet"
    if not path.is_file():
        raise NotFoundError(f"the identities of {build_folder.name} are no longer kept", "export with --pseudonyms")
    wanted = sorted({(m["type"], m["id"]) for lead in leads for m in lead["members"]})
    if not wanted:
        return {}
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(
            """
            SELECT w.type, w.id, i.source_id, i.name
            FROM (SELECT unnest($types) AS type, unnest($kinds) AS kind, unnest($ids) AS id) AS w
            LEFT JOIN read_parquet($path) AS i ON i.kind = w.kind AND i.id = w.id
            """,
            {
                "types": [kind for kind, _ in wanted],
                "kinds": [KINDS[kind] for kind, _ in wanted],
                "ids": [member for _, member in wanted],
                "path": str(path),
            },
        ).fetchall()
    unknown = sorted({str(kind) for kind, _, source_id, _ in rows if source_id is None})
    if unknown:
        raise NotFoundError(
            f"{build_folder.name} does not know the source id of a member of type {unknown[0]}", "build again"
        )
    return {(kind, member): (source_id, name) for kind, member, source_id, name in rows}


def with_source_ids(
    leads: Sequence[Mapping[str, Any]], identities: Mapping[tuple[str, str], Identity], *, names: bool = False
) -> list[dict[str, Any]]:
    """`leads` with the source's ids in place of the graph's; with `names`, members also get their name if known."""
    return [
        {**lead, "members": [_revealed(member, identities, names=names) for member in lead["members"]]}
        for lead in leads
    ]


def _revealed(
    member: Mapping[str, Any], identities: Mapping[tuple[str, str], Identity], *, names: bool
) -> dict[str, Any]:
    source_id, name = identities[member["type"], member["id"]]
    revealed = {**member, "id": source_id}
    if names and name:
        revealed["name"] = name
    return revealed
