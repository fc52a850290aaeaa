"""Stays spread over the city's houses as anybody's are: an innocent cause of a shared contact (联系人分散于多家机构)."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from detectors.groups import read_sql, settlements_of
from graphaudit.findings import BenignCause, Text

CAUSE = "many_houses"

#: Share of the evidence that is explained where the stays are no nearer together than strangers': somebody who looks
#: after many people is named wherever each of them lies; who brings people has houses that take them.
EXPLAINS = 0.8
#: Share of the pairs of stays that are at one house: up to the first they are spread, from the second on gathered. Four
#: houses of equal parts have 0.25.
SPREAD, GATHERED = 0.15, 0.25
#: How many times the city's own share that may be: a city of few hospitals spreads nothing.
USUAL, UNUSUAL = 2.0, 3.0


def measured(
    tables: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[int]]
) -> dict[int, tuple[int, int, float, float]]:
    """Per group of settlement numbers, by its place: its stays, their houses, the share of pairs of stays at one house,
    and that of the city's stays. Groups of fewer than two stays are left out.
    """
    with settlements_of(tables, groups):
        rows = tables.execute(read_sql("many_houses")).fetchall()
    return {int(group): (int(stays), int(houses), float(own), float(city)) for group, stays, houses, own, city in rows}


def many_houses(stays: int, houses: int, own: float, city: float) -> BenignCause:
    """The cause, from a group's row of `measured`."""
    spread = min(max((GATHERED - own) / (GATHERED - SPREAD), 0.0), 1.0)
    usual = min(max((UNUSUAL - own / max(city, 1e-9)) / (UNUSUAL - USUAL), 0.0), 1.0)
    return BenignCause(
        CAUSE,
        round(EXPLAINS * min(spread, usual), 4),
        Text(
            f"{stays}次住院分布于{houses}家机构：任取两次在同一机构的占{own:.0%}，全市住院为{city:.0%}",
            f"{stays} stays at {houses} institutions: of two, {own:.0%} are at one; {city:.0%} of all stays of the city",
        ),
    )
