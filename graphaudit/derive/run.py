"""Run the derivation: each step one named .sql file, each result one Parquet file and one view."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb

from graphaudit.derive.tables import DERIVED
from graphaudit.errors import BuildError, ConfigurationError
from graphaudit.progress import Progress, SilentProgress
from graphaudit.records.declaration import Table
from graphaudit.records.views import add_macros, add_view

GRAPH_SETTLEMENTS = ("all", "recent", "touched")

#: Rows of co_visits that one shard of the pair join is sized for; bounds its memory at roughly 1 GB.
SHARD_ROWS = 400_000

#: Pairs of persons that one shard of their tests is sized for; likewise.
SHARD_PAIRS = 1_500_000

# Steps in order: derived tables, and helper tables that live only while the derivation runs.
_PLAIN = (
    "holds", "visited", "settlement_doctors", "treated", "settlement_terminals", "site_faults", "next_swipe",
    "overlaps", "clashes", "fills", "filled_at", "filled_by", "serves", "site_windows", "odd_visits",
)  # fmt: skip

#: Helper tables on the way to co_present.
_PAIRS = (
    "co_events", "crowded_cells", "co_visits", "co_visit_counts", "pair_days", "pair_volume", "pair_sites", "habits",
)  # fmt: skip

#: The tables that each step computes together, in the order in which they need one another.
STEPS: tuple[tuple[str, ...], ...] = (
    *((name,) for name in _PLAIN), ("capped_cells", "co_present"), ("graph_settlements",)
)  # fmt: skip

#: Helper tables of site_faults, one for each way in which a feed can be wrong.
_FAULTS = ("fault_stamps", "fault_clock", "fault_gaps", "fault_columns", "fault_repeats", "fault_doctors")


def read_sql(name: str) -> str:
    """The text of one named step."""
    return (files("graphaudit.derive") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def derive(
    connection: duckdb.DuckDBPyConnection,
    out: Path,
    *,
    graph_settlements: str = "all",
    progress: Progress | None = None,
) -> dict[str, int]:
    """Compute every derived table of `connection`'s canonical views into `out`/<table>.parquet.

    Registers a view for each and returns their row counts. `graph_settlements` (all, recent, touched) says
    which settlements will become nodes.
    """
    if graph_settlements not in GRAPH_SETTLEMENTS:
        raise ConfigurationError(
            f"graph_settlements is {graph_settlements!r}", f"use one of {', '.join(GRAPH_SETTLEMENTS)}"
        )
    progress = progress or SilentProgress()
    out.mkdir(parents=True, exist_ok=True)
    add_macros(connection)
    progress.stage("derive", len(DERIVED))
    counts: dict[str, int] = {}
    for step in STEPS:
        counts |= take_step(connection, step, out, graph_settlements)
        for name in step:
            progress.advance(note=name)
    progress.done(f"{sum(counts.values()):,} derived rows")
    return counts


def step_sql(step: tuple[str, ...]) -> list[str]:
    """The texts of one of STEPS, its helpers' among them."""
    match step:
        case ("site_faults",):
            names = (*_FAULTS, *step)
        case ("capped_cells", "co_present"):
            names = (*_PAIRS, "co_present")
        case ("graph_settlements",):
            names = ("touched_settlements", *(f"graph_settlements_{which}" for which in GRAPH_SETTLEMENTS))
        case _:
            names = step
    return [read_sql(name) for name in names]


def take_step(
    connection: duckdb.DuckDBPyConnection, step: tuple[str, ...], out: Path, graph_settlements: str = "all"
) -> dict[str, int]:
    """Compute the tables of one of STEPS as `derive` does; the tables that it reads must stand already."""
    match step:
        case ("site_faults",):
            return {"site_faults": _site_faults(connection, out)}
        case ("capped_cells", "co_present"):
            pairs = _co_present(connection, out)
            return {"capped_cells": _count(connection, "capped_cells"), "co_present": pairs}
        case ("graph_settlements",):
            _helper(connection, "touched_settlements", read_sql("touched_settlements"))
            query = read_sql(f"graph_settlements_{graph_settlements}")
            count = _write(connection, "graph_settlements", query, out)
            connection.execute("DROP TABLE touched_settlements")
            return {"graph_settlements": count}
    (name,) = step
    return {name: _write(connection, name, read_sql(name), out)}


def _declared(name: str) -> Table:
    return next(table for table in DERIVED if table.name == name)


def _write(connection: duckdb.DuckDBPyConnection, name: str, query: str, out: Path) -> int:
    """Write one derived table with its declared columns, types and order; add its view; return its rows."""
    table = _declared(name)
    columns = ", ".join(f'CAST("{c.name}" AS {c.kind}) AS "{c.name}"' for c in table.columns)
    order = ", ".join(f'"{key}"' for key in table.key)
    path = out / f"{name}.parquet"
    target = str(path).replace("'", "''")
    try:
        connection.execute(
            f"COPY (SELECT {columns} FROM ({query}) ORDER BY {order}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
    except duckdb.Error as error:
        raise BuildError(f"deriving {name} failed: {error}", "see the build report for the tables it reads") from error
    add_view(connection, name, path)
    return _count(connection, name)


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()
    return int(row[0]) if row else 0


def _helper(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> int:
    row = connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {query}').fetchone()
    return int(row[0]) if row else 0


def _sharded(connection: duckdb.DuckDBPyConnection, name: str, query: str, shards: int) -> int:
    """Fill helper table `name` shard by shard, so that the widest join never holds the whole city; return its rows."""
    rows = 0
    for shard in range(shards):
        parameters = {"shard": shard, "shards": shards}
        if shard == 0:
            row = connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {query}', parameters).fetchone()
        else:
            row = connection.execute(f'INSERT INTO "{name}" {query}', parameters).fetchone()
        rows += int(row[0]) if row else 0
    return rows


def _site_faults(connection: duckdb.DuckDBPyConnection, out: Path) -> int:
    for name in _FAULTS:
        _helper(connection, name, read_sql(name))
    count = _write(connection, "site_faults", read_sql("site_faults"), out)
    for name in _FAULTS:
        connection.execute(f'DROP TABLE "{name}"')
    return count


def _co_present(connection: duckdb.DuckDBPyConnection, out: Path) -> int:
    with pairs_among(connection, read_sql("co_events")) as rows:
        _write(connection, "capped_cells", "SELECT * FROM crowded_cells", out)
        return _write(connection, "co_present", f"SELECT * FROM {rows}", out)


@contextmanager
def pairs_among(connection: duckdb.DuckDBPyConnection, events: str) -> Iterator[str]:
    """Name a temporary table of the pairs that met more often than expected among the visits of query `events`.

    It has the columns of co_present, the query those of co_events.sql; the volumes are those of table site_windows.
    Cells too crowded to be joined stand in temporary table crowded_cells. Both live as long as the context.
    """
    _helper(connection, "co_events", events)
    _helper(connection, "crowded_cells", read_sql("crowded_cells"))
    count = _helper(connection, "co_visits", read_sql("co_visits"))
    connection.execute("DROP TABLE co_events")
    _helper(connection, "co_visit_counts", read_sql("co_visit_counts"))
    pairs = _sharded(connection, "pair_days", read_sql("pair_days"), math.ceil(count / SHARD_ROWS) or 1)
    pairs = _sharded(connection, "pair_volume", read_sql("pair_volume"), math.ceil(pairs / SHARD_PAIRS) or 1)
    connection.execute("DROP TABLE pair_days")
    for name in ("pair_sites", "habits"):
        _helper(connection, name, read_sql(name))
    connection.execute("DROP TABLE co_visits")
    # the sharded result needs a name of its own: the view co_present comes from its file
    _sharded(connection, "co_present_rows", read_sql("co_present"), math.ceil(pairs / SHARD_PAIRS) or 1)
    try:
        yield "co_present_rows"
    finally:
        for name in ("co_present_rows", "habits", "pair_sites", "pair_volume", "co_visit_counts", "crowded_cells"):
            connection.execute(f'DROP TABLE "{name}"')
