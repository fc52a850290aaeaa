"""Reads one build's Ladybug file."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ladybug

from graphaudit.errors import QueryError, StoreError
from graphaudit.schema import NODES, RELATIONSHIPS
from graphaudit.stores.base import Row

# Address space that one open file may take; the engine's own default of 8 TB fails under ulimit -v.
MAX_FILE_BYTES = 1 << 38

#: In what the engine says when its page cache has no room for a question.
FULL = "buffer pool is full"


class LadybugReader:
    """A read-only connection to the file at `path`. Queries of several threads wait for each other."""

    capabilities: frozenset[str] = frozenset({"portable_cypher"})

    def __init__(self, path: Path, *, memory_limit_mb: int, threads: int) -> None:
        self._lock = threading.Lock()
        self._path, self._memory_limit_mb, self._threads = path, memory_limit_mb, threads
        self._open()

    def _open(self) -> None:
        try:
            self._database = _database(
                self._path, memory_limit_mb=self._memory_limit_mb, threads=self._threads, read_only=True
            )
            self._connection = ladybug.Connection(self._database)
        except RuntimeError as error:
            raise StoreError(
                f"the graph file {self._path.name} cannot be opened: {_first_line(error)}",
                "the graph is derived data: run the build again",
            ) from error

    def _execute(self, text: str, parameters: Mapping[str, Any]) -> Any:
        try:
            return self._connection.execute(text, dict(parameters))
        except RuntimeError as error:
            if FULL not in str(error):
                raise
        # what earlier questions have read may fill the pool for good: begin with an empty one
        self._connection.close()
        self._database.close()
        self._open()
        return self._connection.execute(text, dict(parameters))

    def run(self, text: str, parameters: Mapping[str, Any]) -> list[Row]:
        with self._lock:
            try:
                result = self._execute(text, parameters)
                if isinstance(result, list):
                    raise QueryError("a query consists of one statement")
                names = result.get_column_names()
                # The engine sums integers in 128 bits, which arrive as decimals; everywhere else an integer is an int.
                wide = {
                    name for name, kind in zip(names, result.get_column_data_types(), strict=True) if kind == "INT128"
                }
                rows = [dict(zip(names, row, strict=True)) for row in result.get_all()]
                result.close()
            except RuntimeError as error:
                raise QueryError(f"the graph engine refused the query: {_first_line(error)}") from error
            return [{k: _integer(v) if k in wide else v for k, v in row.items()} for row in rows] if wide else rows

    def counts(self) -> dict[str, int]:
        nodes = {
            node.label: int(self.run(f"MATCH (x:{node.label}) RETURN count(*) AS n", {})[0]["n"]) for node in NODES
        }
        relationships = {
            r.name: int(self.run(f"MATCH ()-[x:{r.name}]->() RETURN count(*) AS n", {})[0]["n"]) for r in RELATIONSHIPS
        }
        return nodes | relationships

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            self._database.close()


@contextmanager
def open_database(path: Path, *, memory_limit_mb: int, threads: int) -> Iterator[ladybug.Connection]:
    """A writing connection to the file at `path`, which is created when absent; closed in the end."""
    database = _database(path, memory_limit_mb=memory_limit_mb, threads=threads, read_only=False)
    try:
        connection = ladybug.Connection(database)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        database.close()


def _database(path: Path, *, memory_limit_mb: int, threads: int, read_only: bool) -> ladybug.Database:
    return ladybug.Database(
        str(path),
        buffer_pool_size=memory_limit_mb * 1024 * 1024,
        max_num_threads=threads,
        max_db_size=MAX_FILE_BYTES,
        read_only=read_only,
    )


def _integer(value: Any) -> Any:
    return None if value is None else int(value)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
