"""Ids that a pattern query returns → numbers of the canonical tables, looked up all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from detectors.groups import read_sql
from detectors.linked import linked
from graphaudit.builds.view import BuildView
from graphaudit.errors import QueryError
from graphaudit.findings import Member, MemberKind
from graphaudit.queries import QuerySpec


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of a query: members in order, settlement numbers ascending."""

    members: tuple[Member, ...]
    settlements: tuple[int, ...]

    def numbers(self, *kinds: str) -> tuple[int, ...]:
        """Numbers of the members of these kinds, ascending."""
        return tuple(sorted(member.no for member in self.members if member.kind in kinds))


def candidates(build: BuildView, query: QuerySpec, rows: Sequence[dict[str, Any]]) -> list[Candidate]:
    """The rows of `query` with members and settlements by number, in an order that rows and lists do not decide.

    QueryError when the query returns an id that the tables do not know: graph and tables are of different builds.
    """
    told = [
        (place, returned.stem, returned.role, identity)
        for place, row in enumerate(rows)
        for returned in query.returns
        for identity in _ids(row[returned.alias])
    ]
    if not told:
        return []
    frame = pd.DataFrame(told, columns=["place", "stem", "role", "id"]).drop_duplicates()
    build.tables.register("pattern_ids", frame)
    try:
        found = build.tables.execute(read_sql("pattern_numbers")).fetchall()
    finally:
        build.tables.unregister("pattern_ids")
    if len(found) != len(frame):
        known = {(place, stem, role, identity) for place, stem, role, identity, _, _ in found}
        lost = next(entry for entry in frame.itertuples(index=False, name=None) if entry not in known)
        raise QueryError(f"{query.id}: the tables know no {lost[1]} among {len(frame) - len(found)} ids of the graph")
    members: dict[int, set[Member]] = {}
    settlements: dict[int, set[int]] = {}
    for place, stem, role, _, kind, number in found:
        if stem == "settlement":
            settlements.setdefault(place, set()).add(number)
        else:
            members.setdefault(place, set()).add(Member(cast("MemberKind", kind), number, role))
    made = set()
    for places in _joined(members, query.joins):
        everybody = set().union(*(members[place] for place in places))
        everything = set().union(*(settlements.get(place, set()) for place in places))
        made.add(Candidate(tuple(sorted(_one_role_each(everybody))), tuple(sorted(everything))))
    return sorted(made, key=lambda c: (c.members, c.settlements))


def _joined(members: dict[int, set[Member]], joins: Sequence[str]) -> list[list[int]]:
    """Rows that share a member of a kind in `joins`, directly or through others; without it every row by itself."""
    if not joins:
        return [[place] for place in members]
    held = [(place, member.kind, member.no) for place, row in members.items() for member in row if member.kind in joins]
    rows = pd.DataFrame(held, columns=["place", "kind", "no"])
    # a row that names nobody to be joined by stands alone
    alone = [[place] for place in members if place not in set(rows["place"])]
    by = rows.groupby(["kind", "no"], sort=True).ngroup()
    return linked(rows.assign(by=by), node="place", by="by", least_shared=1) + alone


def _one_role_each(members: set[Member]) -> list[Member]:
    """A member returned in several roles keeps the first by name."""
    chosen: dict[tuple[str, int], Member] = {}
    for member in sorted(members):
        chosen.setdefault((member.kind, member.no), member)
    return list(chosen.values())


def _ids(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(v) for v in value if v is not None] if isinstance(value, list) else [str(value)]
