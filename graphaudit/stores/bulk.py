"""The rows of a graph as Parquet files, one per node label and per relationship type and label pair.

Any store loads these files in bulk and checks itself against the totals taken from them here.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from graphaudit.derive.tables import DERIVED
from graphaudit.errors import StoreError
from graphaudit.records import TABLES
from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, Property, RelationshipType
from graphaudit.stores.extract import WRITTEN_WITH_LEADS, node_sql, relationship_sql

DUCKDB_KINDS = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class Extract:
    """One Parquet file: its rows, its properties after the ends, the sum of each integer one (nulls left out)."""

    name: str
    path: Path
    rows: int
    sums: tuple[tuple[str, int], ...]
    start: NodeType | None = None
    end: NodeType | None = None
    properties: tuple[Property, ...] = ()


def write_extracts(tables: duckdb.DuckDBPyConnection, folder: Path) -> Generator[Extract, None, None]:
    """Write one file at a time below `folder` and yield it: nodes first, so that ends exist before relationships.

    The caller may delete a file once it is loaded. `tables` is not changed; a canonical or derived table
    that it lacks counts as empty. StoreError names the extract that failed.
    """
    cursor = tables.cursor()
    try:
        _fill_in_missing(cursor)
        for node in NODES:
            if node.label not in WRITTEN_WITH_LEADS:
                yield _write(cursor, folder / f"{node.label}.parquet", node.label, node_sql(node), node.all_properties)
        for relationship in RELATIONSHIPS:
            if relationship.name not in WRITTEN_WITH_LEADS:
                yield from _write_relationship(cursor, folder, relationship)
    finally:
        cursor.close()


def ahead(extracts: Generator[Extract, None, None]) -> Generator[Extract, None, None]:
    """`extracts` in order, the next one being computed while the caller loads the last: neither fills all cores."""
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="extract") as worker:
            coming = worker.submit(next, extracts, None)
            while (extract := coming.result()) is not None:
                coming = worker.submit(next, extracts, None)
                yield extract
    finally:
        extracts.close()


def _write_relationship(
    cursor: duckdb.DuckDBPyConnection, folder: Path, relationship: RelationshipType
) -> Iterator[Extract]:
    text = relationship_sql(relationship)
    ends = (Property("start_key", "string", "Key of the start node."), Property("end_key", "string", "Key of the end."))
    for start, end in relationship.pairs:
        # Labels come from the declaration, never from data.
        chosen = []
        if len(relationship.starts) > 1:
            chosen.append(f"start_label = '{start.label}'")
        if len(relationship.ends) > 1:
            chosen.append(f"end_label = '{end.label}'")
        path = folder / f"{relationship.name}-{start.label}-{end.label}.parquet"
        yield _write(
            cursor, path, relationship.name, text, (*ends, *relationship.properties), " AND ".join(chosen), start, end
        )


def _write(
    cursor: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    text: str,
    properties: tuple[Property, ...],
    condition: str = "",
    start: NodeType | None = None,
    end: NodeType | None = None,
) -> Extract:
    columns = ", ".join(f'CAST("{p.name}" AS {DUCKDB_KINDS[p.kind]}) AS "{p.name}"' for p in properties)
    where = f"WHERE {condition}" if condition else ""
    target = str(path).replace("'", "''")
    integers = [p.name for p in properties if p.kind == "integer"]
    sums = "".join(f', coalesce(sum("{column}"), 0)' for column in integers)
    try:
        # Version 1 pages: the embedded engine's reader stops on version 2.
        cursor.execute(
            f"COPY (SELECT {columns} FROM ({text}\n) AS extract {where}) "
            f"TO '{target}' (FORMAT parquet, PARQUET_VERSION v1, COMPRESSION snappy)"
        )
        row = cursor.execute(f"SELECT count(*){sums} FROM read_parquet('{target}')").fetchone()
    except duckdb.Error as error:
        raise StoreError(
            f"the graph's rows of {name} could not be computed: {_first_line(error)}",
            "check that the build's tables are complete and that the disk has room, then run the build again",
        ) from error
    if row is None:
        raise StoreError(f"the rows of {name} cannot be counted")
    return Extract(
        name,
        path,
        int(row[0]),
        tuple(zip(integers, map(int, row[1:]), strict=True)),
        start,
        end,
        properties[2:] if start and end else properties,
    )


def _fill_in_missing(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give `cursor`, and it alone, an empty view for every declared table that was not delivered."""
    present = {str(name) for (name,) in cursor.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    for table in (*TABLES, *DERIVED):
        if table.name not in present and not table.restricted:
            columns = ", ".join(f'CAST(NULL AS {column.kind}) AS "{column.name}"' for column in table.columns)
            cursor.execute(f'CREATE TEMP VIEW "{table.name}" AS SELECT {columns} WHERE false')


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
