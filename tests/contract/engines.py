"""Ladybug and Neo4j, each holding one random graph for as long as it is asked, then nothing again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ladybug
import neo4j

from graphaudit.schema import node
from tests.contract.random_graphs import Graph

Rows = list[dict[str, Any]]


class LadybugEngine:
    """Writes inside a transaction that is rolled back."""

    def __init__(self, connection: ladybug.Connection) -> None:
        self.connection = connection

    @contextmanager
    def holding(self, graph: Graph) -> Iterator[None]:
        """The graph is there inside the block."""
        self.connection.execute("BEGIN TRANSACTION")
        try:
            for text, rows in ladybug_statements(graph):
                self.connection.execute(text, {"rows": rows})
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def run(self, text: str, parameters: Mapping[str, Any]) -> Rows:
        """Rows of one query."""
        result = self.connection.execute(text, dict(parameters))
        names = result.get_column_names()
        return [dict(zip(names, row, strict=True)) for row in result.get_all()]


class Neo4jEngine:
    """The same on a server; other transactions never see the graph."""

    def __init__(self, session: neo4j.Session) -> None:
        self.session = session
        self.transaction: neo4j.Transaction | None = None

    @contextmanager
    def holding(self, graph: Graph) -> Iterator[None]:
        """The graph is there inside the block."""
        self.transaction = self.session.begin_transaction()
        try:
            for text, rows in neo4j_statements(graph):
                self.transaction.run(text, rows=rows).consume()
            yield
        finally:
            self.transaction.rollback()
            self.transaction.close()
            self.transaction = None

    def run(self, text: str, parameters: Mapping[str, Any]) -> Rows:
        """Rows of one query."""
        assert self.transaction is not None
        return self.transaction.run(text, dict(parameters)).data()


def ladybug_statements(graph: Graph) -> Iterator[tuple[str, Rows]]:
    """One statement for all rows that have the same properties; what is null is left out."""
    for label, nodes in graph.nodes.items():
        for names, rows in _alike(nodes):
            fields = ", ".join(f"{name}: r.{name}" for name in names)
            yield f"UNWIND $rows AS r CREATE (:{label} {{{fields}}})", rows
    for name, between, rows in _between(graph):
        start, end = (node(label) for label in between)
        for names, alike in _alike([{"a": row["a"], "b": row["b"], **row["p"]} for row in rows]):
            fields = ", ".join(f"{p}: r.{p}" for p in names if p not in {"a", "b"})
            yield (
                f"UNWIND $rows AS r MATCH (a:{start.label} {{{start.key.name}: r.a}}), "
                f"(b:{end.label} {{{end.key.name}: r.b}}) "
                f"CREATE (a)-[:{name}{f' {{{fields}}}' if fields else ''}]->(b)",
                alike,
            )


def neo4j_statements(graph: Graph) -> Iterator[tuple[str, Rows]]:
    """Few texts, so that the server plans each only once; setting a property to null sets nothing."""
    for label, nodes in graph.nodes.items():
        yield f"UNWIND $rows AS r CREATE (x:{label}) SET x = r", nodes
    for name, between, rows in _between(graph):
        start, end = (node(label) for label in between)
        yield (
            f"UNWIND $rows AS r MATCH (a:{start.label} {{{start.key.name}: r.a}}), "
            f"(b:{end.label} {{{end.key.name}: r.b}}) CREATE (a)-[x:{name}]->(b) SET x = r.p",
            rows,
        )


def _between(graph: Graph) -> Iterator[tuple[str, tuple[str, str], Rows]]:
    """Relationships of one type and one pair of labels at a time."""
    for name, relationships in graph.relationships.items():
        groups: dict[tuple[str, str], Rows] = {}
        for start, end, properties in relationships:
            row = {"a": start[1], "b": end[1], "p": properties}
            groups.setdefault((start[0], end[0]), []).append(row)
        for between, rows in groups.items():
            yield name, between, rows


def sorted_rows(rows: Iterable[Mapping[str, Any]]) -> Counter[tuple[tuple[str, Any], ...]]:
    """What two engines must agree on: rows in any order, lists in any order; nothing else is forgiven."""
    return Counter(tuple((name, _settled(value)) for name, value in sorted(row.items())) for row in rows)


def _settled(value: Any) -> Any:
    return tuple(sorted(value, key=lambda v: (v is None, str(v)))) if isinstance(value, list) else value


def _alike(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, ...], Rows]]:
    """Rows by the names of the properties that they have."""
    groups: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        held = {name: value for name, value in row.items() if value is not None}
        groups.setdefault(tuple(held), []).append(held)
    yield from groups.items()
