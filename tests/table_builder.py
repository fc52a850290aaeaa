"""Canonical and derived tables of a tiny build, from the columns a test cares about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from graphaudit.derive.tables import DERIVED
from graphaudit.records import TABLES
from graphaudit.records.declaration import Column, Table
from graphaudit.records.views import add_macros

Shuffle = Callable[[list[list[Any]]], list[list[Any]]]

FIRST_MOMENT = datetime(2026, 1, 5, 9, 0)
KINDS = {
    "persons": "P",
    "cards": "C",
    "doctors": "D",
    "sites": "X",
    "handlers": "H",
    "employers": "E",
    "settlements": "S",
}


def as_given(rows: list[list[Any]]) -> list[list[Any]]:
    """The rows in the order in which they were written down."""
    return rows


def tables_of(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], shuffle: Shuffle = as_given
) -> duckdb.DuckDBPyConnection:
    """A connection with every canonical and derived table; `rows` gives per table what is not the default.

    A number that is the table's key counts up from 0, an id follows from it (P0, P1, …; S0, …), required
    columns get a plain value, all others are null. Every settlement becomes a node unless `rows` says which.
    `shuffle` orders the rows of each table on their way in.
    """
    connection = duckdb.connect(":memory:", config={"threads": 1})
    add_macros(connection)
    given = dict(rows)
    if "graph_settlements" not in given:
        given["graph_settlements"] = [
            {"settlement_no": row.get("settlement_no", place)} for place, row in enumerate(given.get("settlements", ()))
        ]
    for table in (*TABLES, *DERIVED):
        connection.execute(table.ddl)
        filled = [_filled(table, place, row) for place, row in enumerate(given.pop(table.name, ()))]
        if filled:
            # column by column: one statement a table, however many rows
            columns = ", ".join(f"unnest(?::{column.kind}[])" for column in table.columns)
            values = [list(column) for column in zip(*shuffle(filled), strict=True)]
            connection.execute(f'INSERT INTO "{table.name}" SELECT {columns}', values)
    if given:
        raise ValueError(f"no table {sorted(given)[0]}")
    return connection


def _filled(table: Table, place: int, row: Mapping[str, Any]) -> list[Any]:
    unknown = set(row) - {column.name for column in table.columns}
    if unknown:
        raise ValueError(f"{table.name} has no column {sorted(unknown)[0]}")
    values = dict(row)
    if table.name == "settlements":
        at = values.setdefault("settled_at", FIRST_MOMENT + timedelta(days=place))
        values.setdefault("day", (at.date() - date(1970, 1, 1)).days)
        values.setdefault("minute", at.hour * 60 + at.minute)
        values.setdefault("begin_at", at)
        values.setdefault("end_at", at)
        values.setdefault("kind", "outpatient")
        values.setdefault("has_clock", True)
        values.setdefault("is_event", True)
        values.setdefault("total_fen", 10_000)
        values.setdefault("fund_fen", 7_000)
    return [values[c.name] if c.name in values else _default(table, c, place, values) for c in table.columns]


def _default(table: Table, column: Column, place: int, values: Mapping[str, Any]) -> Any:
    if table.key == (column.name,) and column.kind in {"INTEGER", "BIGINT"}:
        return place
    if not column.required:
        return None
    if column.name.endswith("_id") and table.key and table.name in KINDS:
        return f"{KINDS[table.name]}{values.get(table.key[0], place)}"
    plain: dict[str, Any] = {
        "VARCHAR": f"{table.name}-{place}" if column.name in table.key else "",
        "BOOLEAN": False,
        "TIMESTAMP": FIRST_MOMENT,
        "DATE": FIRST_MOMENT.date(),
        "DOUBLE": 0.0,
    }
    return plain.get(column.kind, 0)
