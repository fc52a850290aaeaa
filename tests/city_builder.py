"""A hand-made city: canonical tables filled from short rows, everything unsaid having a plain default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from itertools import chain, count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest

from graphaudit.derive import derive
from graphaudit.derive.tables import DERIVED
from graphaudit.records import TABLES
from graphaudit.records.views import add_macros
from tests.derived_on_demand import derived_on_demand

City = Callable[..., duckdb.DuckDBPyConnection]


#: Numbers of the databases of this process.
_NUMBERS = count()


@pytest.fixture
def whole_city(tmp_path: Path) -> Iterator[City]:
    """Build a connection with canonical tables from `settlements` and others (lists of dicts), and derive from it."""
    yield from _building(tmp_path, _derived_at_once)


@pytest.fixture(name="city")
def city_on_demand(tmp_path: Path) -> Iterator[City]:
    """The same, but a table is derived when a statement first names it: most detectors read few of them."""
    yield from _building(tmp_path, derived_on_demand)


def _building(tmp_path: Path, deriving: Callable[..., duckdb.DuckDBPyConnection]) -> Iterator[City]:
    opened: dict[str, duckdb.DuckDBPyConnection] = {}
    yield _builder(tmp_path, deriving, opened)
    for name, connection in opened.items():
        connection.close()
        _engine().execute(f"DETACH {name}")


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One engine for all cities of this process: to start one takes longer than most tests."""
    return duckdb.connect(config={"threads": 1})


def _builder(
    tmp_path: Path,
    deriving: Callable[..., duckdb.DuckDBPyConnection],
    opened: dict[str, duckdb.DuckDBPyConnection],
) -> City:
    built = chain([""], count(2))

    def build(
        settlements: list[dict[str, Any]],
        graph_settlements: str = "all",
        *,
        derived: bool = True,
        **others: list[dict[str, Any]],
    ) -> duckdb.DuckDBPyConnection:
        name = f"city{next(_NUMBERS)}"
        connection = opened[name] = _engine().cursor()
        connection.execute(f"ATTACH ':memory:' AS {name}")
        connection.execute(f"USE {name}")
        add_macros(connection)
        for table in TABLES:
            connection.execute(table.ddl)
        rows = [settlement(number, **row) for number, row in enumerate(settlements)]
        fill(connection, "settlements", rows)
        persons: dict[int, dict[str, Any]] = {row["person_no"]: {} for row in rows}
        for row in others.pop("persons", []):
            persons[row["person_no"]] = row
        fill(
            connection,
            "persons",
            [{"person_no": no, "person_id": f"P-{no}", **row} for no, row in sorted(persons.items())],
        )
        sites: dict[int, dict[str, Any]] = {row["site_no"]: {} for row in rows}
        for row in others.pop("sites", []):
            sites[row["site_no"]] = row
        fill(
            connection,
            "sites",
            [
                {"site_no": no, "site_id": f"H{no}", "kind": "institution", "division": "D1", **row}
                for no, row in sorted(sites.items())
            ],
        )
        for table_name, extra in others.items():
            fill(connection, table_name, extra)
        if derived:
            # each city its own files: the views of one must not come to read those of the next
            return deriving(connection, tmp_path / f"derived{next(built)}", graph_settlements)
        # quicker, for what reads canonical tables only
        for table in DERIVED:
            connection.execute(table.ddl)
        return connection

    return build


def _derived_at_once(
    connection: duckdb.DuckDBPyConnection, out: Path, graph_settlements: str
) -> duckdb.DuckDBPyConnection:
    derive(connection, out, graph_settlements=graph_settlements)
    return connection


def settlement(number: int, **row: Any) -> dict[str, Any]:
    """One settlement with defaults: an outpatient visit of 100 yuan at 09:00 on 2026-01-05."""
    at = datetime.fromisoformat(row.pop("at", "2026-01-05T09:00:00"))
    until = datetime.fromisoformat(row.pop("until")) if "until" in row else at
    return {
        "settlement_no": number,
        "settlement_id": f"S{number}",
        "person_no": 0,
        "card_no": None,
        "site_no": 0,
        "kind": "outpatient",
        "begin_at": at,
        "end_at": until,
        "settled_at": until,
        "has_clock": True,
        "day": (until - datetime(1970, 1, 1)).days,
        "minute": until.hour * 60 + until.minute,
        "total_fen": 10000,
        "fund_fen": 7000,
        "account_fen": 1000,
        "cash_fen": 2000,
        "refunded_fen": 0,
        "refunded_fund_fen": 0,
        "is_event": True,
        "is_manual": False,
        "source_file": "setl_d.csv",
        "source_line": number + 2,
        **row,
    }


def fill(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    """Insert dict rows by column name; columns left out are null."""
    if not rows:
        return
    kinds = {column: kind for column, kind, *_ in connection.execute(f'DESCRIBE "{name}"').fetchall()}
    columns = sorted({column for row in rows for column in row})
    # as Arrow: the engine takes over a column of it at once, and a list value by value
    given = pyarrow.table({column: [row.get(column) for row in rows] for column in columns})
    connection.register("given_rows", given)
    typed = ", ".join(f'"{column}"::{kinds[column]} AS "{column}"' for column in columns)
    connection.execute(f'INSERT INTO "{name}" BY NAME SELECT {typed} FROM given_rows')
    connection.unregister("given_rows")
