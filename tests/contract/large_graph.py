"""A city many times over, in a Neo4j of its own: persons and what is theirs are copied, places and staff are shared.

So the places and handlers are as busy as those of a city that many times as large, which a query may stumble over.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import neo4j

from graphaudit.neo4j_local import Runtime, import_full
from graphaudit.progress import SilentProgress
from graphaudit.schema import node
from graphaudit.stores.bulk import Extract, write_extracts
from graphaudit.stores.neo4j_store.address import read_address
from graphaudit.stores.neo4j_store.offline import write_import_files
from graphaudit.stores.neo4j_store.online import prepare
from tests.neo4j_server import local_server

COPIED = {
    "Person", "Card", "Settlement", "Phone", "BankAccount", "Household", "Address", "Agent", "Invoice", "DrugPack",
}  # fmt: skip


@contextmanager
def many_times(
    copies: int, tables: duckdb.DuckDBPyConnection, java_and_jars: Runtime, folder: Path
) -> Iterator[neo4j.Driver]:
    """A driver on a server that holds the graph of `tables`, `copies` times, with its constraints and indexes."""
    server = local_server(java_and_jars, folder)
    home = server.home
    rows = home.folder / "import" / "rows"
    rows.mkdir()
    extracts = _copied(write_extracts(tables, rows), copies)
    files = write_import_files(extracts, rows, home.folder, "many", SilentProgress(), memory_limit_mb=512, threads=2)
    import_full(home, java_and_jars, files.arguments, max_off_heap_mb=1024)
    with server as running, running.driver() as driver:
        prepare(driver, read_address(running.uri))
        yield driver


def _copied(extracts: Generator[Extract, None, None], copies: int) -> Generator[Extract, None, None]:
    """Every extract with its rows once for each copy; a key that is copied gets the number of the copy behind it."""
    for extract in extracts:
        keys = _keys(extract)
        if not keys:
            yield extract
            continue
        replaced = ", ".join(f'"{key}" || \'~\' || copy AS "{key}"' for key in keys)
        path = extract.path.with_suffix(".many.parquet")
        duckdb.execute(
            f"COPY (SELECT * EXCLUDE (copy) REPLACE ({replaced}) FROM read_parquet('{extract.path}'), "
            f"range({copies}) AS copies(copy)) TO '{path}' (FORMAT parquet)"
        )
        extract.path.unlink()
        yield replace(extract, path=path, rows=extract.rows * copies)


def _keys(extract: Extract) -> list[str]:
    """Columns of `extract` that differ from copy to copy."""
    if extract.start is None or extract.end is None:
        return [node(extract.name).key.name] if extract.name in COPIED else []
    ends = (("start_key", extract.start), ("end_key", extract.end))
    return [column for column, end in ends if end.label in COPIED]
