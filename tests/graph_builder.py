"""A tiny graph written by hand: read from YAML, checked against the schema, put into a store.

nodes:            Label: [key, key..] or {key: {property: value}}; `p1..p9` stands for p1, p2, … p9
settlements:      key: {kind: …, of: person, at: site, card: …, doctor: …, phone: …, account: …, invoice: …,
                  entered: handler, reviewed: …, approved: …}; ranges run side by side, single values repeat
relationships:    - [start, TYPE, end] or [start, TYPE, end, {property: value}]; ranges likewise
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from graphaudit.schema import NODES, node, relationship
from graphaudit.stores.ladybug_reader import LadybugReader, open_database
from graphaudit.stores.ladybug_store import ddl

SHORT = {
    "of": "OF_PERSON", "at": "SETTLED_AT", "card": "PAID_WITH", "doctor": "TREATED_BY", "phone": "HAS_PHONE",
    "account": "PAID_TO", "invoice": "EVIDENCED_BY", "entered": "ENTERED_BY", "reviewed": "REVIEWED_BY",
    "approved": "APPROVED_BY",
}  # fmt: skip
_RANGE = re.compile(r"(\D+)(\d+)\.\.\1(\d+)")


@dataclass
class TinyGraph:
    """Nodes by (label, key) with their properties, and relationships between them."""

    nodes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    relationships: list[tuple[tuple[str, str], str, tuple[str, str], dict[str, Any]]] = field(default_factory=list)

    def add_node(self, label: str, key: str, properties: Mapping[str, Any]) -> None:
        known = {p.name for p in node(label).properties}
        if unknown := set(properties) - known:
            raise ValueError(f"{label} has no property {sorted(unknown)[0]}")
        self.nodes[label, key] = dict(properties)

    def relate(self, start: str, name: str, end: str, properties: Mapping[str, Any]) -> None:
        declared = relationship(name)
        pairs = [
            ((a.label, start), (b.label, end))
            for a, b in declared.pairs
            if (a.label, start) in self.nodes and (b.label, end) in self.nodes
        ]
        if len(pairs) != 1:
            raise ValueError(f"{start} {name} {end} joins no two nodes of this graph, or several")
        if unknown := set(properties) - {p.name for p in declared.properties}:
            raise ValueError(f"{name} has no property {sorted(unknown)[0]}")
        self.relationships.append((pairs[0][0], name, pairs[0][1], dict(properties)))


def read_graph(path: Path) -> TinyGraph:
    """The graph described by the YAML file at `path`."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    graph = TinyGraph()
    for label, nodes in content.get("nodes", {}).items():
        for entry, properties in nodes.items() if isinstance(nodes, dict) else ((key, None) for key in nodes):
            for key in spread(entry):
                graph.add_node(label, key, properties or {})
    for entry, properties in content.get("settlements", {}).items():
        keys = spread(entry)
        own = {name: value for name, value in properties.items() if name not in SHORT}
        ends = {name: spread(value) for name, value in properties.items() if name in SHORT}
        for place, key in enumerate(keys):
            graph.add_node("Settlement", key, own)
            for name, values in ends.items():
                graph.relate(key, SHORT[name], _at(values, place, len(keys)), {})
    for start, name, end, *properties in content.get("relationships", []):
        starts, ends_ = spread(start), spread(end)
        for place in range(max(len(starts), len(ends_))):
            size = max(len(starts), len(ends_))
            graph.relate(_at(starts, place, size), name, _at(ends_, place, size), properties[0] if properties else {})
    return graph


def spread(text: str) -> list[str]:
    """`p1..p3` as [p1, p2, p3]; anything else as itself."""
    match = _RANGE.fullmatch(str(text))
    if match is None:
        return [str(text)]
    return [f"{match[1]}{number}" for number in range(int(match[2]), int(match[3]) + 1)]


def _at(values: list[str], place: int, size: int) -> str:
    if len(values) not in (1, size):
        raise ValueError(f"{values[0]}..{values[-1]} does not run beside {size} others")
    return values[0] if len(values) == 1 else values[place]


def write_ladybug(graph: TinyGraph, path: Path) -> LadybugReader:
    """Put `graph` into a new Ladybug file at `path` and open it for reading."""
    with open_database(path, memory_limit_mb=64, threads=1) as connection:
        for statement in ddl():
            connection.execute(statement)
        for text, parameters in statements(graph):
            connection.execute(text, parameters)
    return LadybugReader(path, memory_limit_mb=64, threads=1)


def statements(graph: TinyGraph) -> Iterator[tuple[str, dict[str, Any]]]:
    """Portable CREATE statements with parameters; nulls are left out, as in a real load."""
    keys = {declared.label: declared.key.name for declared in NODES}
    for (label, key), properties in graph.nodes.items():
        given = {keys[label]: key} | {name: value for name, value in properties.items() if value is not None}
        yield f"CREATE (:{label} {{{_fields(given)}}})", given
    for (start_label, start), name, (end_label, end), properties in graph.relationships:
        given = {property_: value for property_, value in properties.items() if value is not None}
        start_node = f"(a:{start_label} {{{keys[start_label]}: $start_key}})"
        end_node = f"(b:{end_label} {{{keys[end_label]}: $end_key}})"
        yield (
            f"MATCH {start_node}, {end_node} CREATE (a)-[:{name}{' {' + _fields(given) + '}' if given else ''}]->(b)",
            {"start_key": start, "end_key": end, **given},
        )


def _fields(names: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: ${name}" for name in names)
