"""Whose phone stands on the papers of a group: its owner, where the register knows one only, brought them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from graphaudit.findings import Member
from graphaudit.leads.fuse import Fused


def with_owners(tables: duckdb.DuckDBPyConnection, groups: Sequence[Fused]) -> list[Fused]:
    """`groups` with the owner of each contact phone as recruiter, patient or not.

    A phone that the register gives to several persons (a family, a home, a village) names nobody.
    """
    phones = sorted({m.no for group in groups for m in group.members if m.kind == "phone" and m.role == "contact"})
    if not phones:
        return list(groups)
    owners: dict[int, int] = dict(
        tables.execute(
            """
            SELECT phone_no, min(person_no) FROM persons
            WHERE phone_no IN (SELECT unnest($phones::INTEGER[])) GROUP BY phone_no HAVING count(*) = 1
            """,
            {"phones": phones},
        ).fetchall()
    )
    return [_with_owner(group, owners) for group in groups]


def _with_owner(group: Fused, owners: dict[int, int]) -> Fused:
    found = {
        owners[m.no]: m.strength
        for m in sorted(group.members, key=lambda m: m.strength)
        if m.kind == "phone" and m.role == "contact" and m.no in owners
    }
    if not found:
        return group
    others = [m for m in group.members if m.kind != "person" or m.no not in found]
    recruiters = [Member("person", no, "recruiter", strength) for no, strength in found.items()]
    ordered = sorted([*others, *recruiters], key=lambda m: (m.kind, -m.strength, m.no))
    return replace(group, members=tuple(ordered))
