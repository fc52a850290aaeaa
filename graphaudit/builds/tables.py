"""Open a build's Parquet tables as one read-only set of DuckDB views."""

from __future__ import annotations

from pathlib import Path

import duckdb

from graphaudit.derive.tables import DERIVED
from graphaudit.records import TABLES
from graphaudit.records.views import add_macros, add_view


def open_tables(
    folder: Path, *, memory_limit: str = "3GB", threads: int = 2, temp_directory: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection with one view per table found below `folder`/tables and `folder`/derived, and the macro unit_of.

    Restricted tables (identities) get no view. `memory_limit` bounds DuckDB; beyond it, it spills to
    `temp_directory` (default `folder`/spill).
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": str(temp_directory or folder / "spill"),
            "preserve_insertion_order": False,
        },
    )
    connection.execute("SET enable_progress_bar = false")  # the engine's own bar would run into ours
    for subfolder, declared in (("tables", TABLES), ("derived", DERIVED)):
        for table in declared:
            path = folder / subfolder / f"{table.name}.parquet"
            if path.exists() and not table.restricted:
                add_view(connection, table.name, path)
    add_macros(connection)
    return connection
