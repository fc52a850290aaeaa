"""A connection that derives a table when a statement first names it, for tests that read few of the derived tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb

from graphaudit.derive.run import STEPS, step_sql, take_step
from graphaudit.records import TABLES

_WORD = re.compile(r"\w+")
#: A statement that changes a table, and which: a detector's own helper tables are no matter.
_CHANGES = re.compile(
    r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|(?:DROP|ALTER|CREATE|TRUNCATE)\b[^\"(]*?\b(?:TABLE|VIEW)"
    r"(?:\s+IF\s+(?:NOT\s+)?EXISTS)?"
    r"|TRUNCATE)\s+\"?(\w+)",
    re.IGNORECASE,
)
_CANONICAL = frozenset(table.name for table in TABLES)


def derived_on_demand(
    connection: duckdb.DuckDBPyConnection, out: Path, graph_settlements: str
) -> duckdb.DuckDBPyConnection:
    """`connection`, deriving into `out` what its statements name; as a whole before the first that changes a table."""
    return cast(duckdb.DuckDBPyConnection, _OnDemand(connection, out, graph_settlements))


class _OnDemand:
    def __init__(self, connection: duckdb.DuckDBPyConnection, out: Path, graph_settlements: str) -> None:
        self._connection, self._out, self._graph_settlements = connection, out, graph_settlements
        self._pending = list(STEPS)
        out.mkdir(parents=True)

    def execute(self, query: str, parameters: Any = None) -> duckdb.DuckDBPyConnection:
        """As DuckDB's; what the statement reads is derived first."""
        changed = _CHANGES.match(query)
        # a table that is derived late must not see what a test changed in between
        self._derive(None if changed and changed[1] in _CANONICAL else _WORD.findall(query))
        return self._connection.execute(query, parameters)

    def register(self, name: str, rows: Any) -> duckdb.DuckDBPyConnection:
        """As DuckDB's: names a frame, reads nothing."""
        return self._connection.register(name, rows)

    def __getattr__(self, name: str) -> Any:
        # anything else may read any table
        self._derive(None)
        return getattr(self._connection, name)

    def _derive(self, words: list[str] | None) -> None:
        if not self._pending:
            return
        asked = set(STEPS) if words is None else _steps_behind(frozenset(words))
        for step in [step for step in self._pending if step in asked]:
            take_step(self._connection, step, self._out, self._graph_settlements)
            self._pending.remove(step)


def _steps_behind(words: frozenset[str]) -> set[tuple[str, ...]]:
    """The steps whose tables are among `words`, with those whose tables these read."""
    asked = {step for step in STEPS if words.intersection(step)}
    while True:
        more = {step for step in STEPS for reader in asked if _words_of(reader).intersection(step)}
        if more <= asked:
            return asked
        asked |= more


@cache
def _words_of(step: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_WORD.findall(" ".join(step_sql(step))))
