"""Parquet files as DuckDB views."""

from __future__ import annotations

from pathlib import Path

import duckdb


def add_view(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Register the Parquet file at `path` as view `name`; the name comes from a declaration, never from input."""
    quoted = str(path).replace("'", "''")
    connection.execute(f"""CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM read_parquet('{quoted}')""")
