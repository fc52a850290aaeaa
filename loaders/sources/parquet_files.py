"""Parquet files: their columns and the engine's call that reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from graphaudit.errors import SourceError

RELATION = "read_parquet($path, binary_as_string = true)"


@dataclass(frozen=True, slots=True)
class ParquetColumns:
    """Names and engine types of the columns of one file, in order."""

    header: tuple[str, ...]
    types: tuple[str, ...]


def read_columns(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> ParquetColumns:
    """The columns of the Parquet file at `path`; SourceError when the file is damaged."""
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {RELATION}", {"path": str(path)}).fetchall()
    except duckdb.Error as error:
        raise SourceError(
            f"{name}: the Parquet file cannot be read (truncated or damaged)",
            "export or copy the file again and compare its size with the original",
        ) from error
    return ParquetColumns(tuple(str(row[0]) for row in rows), tuple(str(row[1]) for row in rows))


def relation(columns: int) -> str:
    """The engine's call for a Parquet file; columns are c0, c1 … whatever the file calls them."""
    return f"{RELATION} AS source_rows({', '.join(f'c{position}' for position in range(columns))})"


def cell(position: int, kind: str) -> str:
    """The text of a cell: NaN is empty, nested lists are written out, times are local."""
    column = f"c{position}"
    value = f"CASE WHEN isnan({column}) THEN NULL ELSE {column} END" if kind in ("FLOAT", "DOUBLE") else column
    return f"nullif(({value})::VARCHAR, '')"
