"""Patients who fill their prescriptions at the pharmacy nearest to the consulting room: an innocent cause (就近购药)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from detectors.gathered import Chosen
from detectors.groups import read_sql, settlements_of
from graphaudit.findings import BenignCause, Text

CAUSE = "next_door"

#: Share of the evidence that the way explains when every purchase was made there …
EXPLAINS = 0.9
#: … and what is left of that where the pharmacy sells dearer to these patients than others sell: nearness sets no price.
LEFT_BY_DEARNESS = 0.3


def measured(tables: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[int]]) -> dict[int, tuple[int, int]]:
    """Per group of settlement numbers, by its place: purchases after visits, and those at the pharmacy nearest by.

    Groups without such purchases, or whose places are not known, are left out.
    """
    with settlements_of(tables, groups):
        return {group: (n, near) for group, n, near in tables.execute(read_sql("next_door")).fetchall()}


def next_door(purchases: int, near: int, *, is_dear: bool = False) -> BenignCause:
    """The cause, from a group's row of `measured`; `is_dear` where the purchases cost more than at peers."""
    share = near / purchases
    return BenignCause(
        CAUSE,
        round(EXPLAINS * share * (LEFT_BY_DEARNESS if is_dear else 1.0), 4),
        Text(
            f"就诊后的{purchases}笔购药中{near}笔在距就诊机构最近的药店",
            f"{near} of the {purchases} purchases after visits at the pharmacy nearest to where the visit was",
        ),
    )


def weighed(tables: duckdb.DuckDBPyConnection, groups: Sequence[Chosen]) -> list[Chosen]:
    """`groups` of purchases with the cause added, as far as they followed a visit: who brings a prescription hides nothing."""
    near = measured(tables, [group.settlements for group in groups])
    result = []
    for place, group in enumerate(groups):
        if place in near:
            cause = next_door(*near[place])
            cause = replace(cause, weight=round(cause.weight * near[place][0] / len(group.settlements), 4))
            group = replace(group, added=replace(group.added, benign=(*group.added.benign, cause)))
        result.append(group)
    return result
