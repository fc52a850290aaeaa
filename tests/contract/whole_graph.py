"""A graph in which everything that the schema declares is there, three times, and every property has a value."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, Property
from tests.contract.random_graphs import End, Graph

SIZE = 3
FIRST = datetime(2026, 1, 5, 9, 0)


def whole_graph() -> Graph:
    """Of every label k0, k1, k2; every relationship leads from each to itself's like and to the next one.

    A lead k0 names k0 and k1 and leaves k2 out, so that there is somebody else to be found.
    """
    graph = Graph()
    for node in NODES:
        graph.nodes[node.label] = [_node(node, number) for number in range(SIZE)]
    for relationship in RELATIONSHIPS:
        graph.relationships[relationship.name] = [
            (_end(start, number), _end(end, other), {p.name: _value(p, number) for p in relationship.properties})
            for start, end in relationship.pairs
            for number in range(SIZE)
            for other in (number, (number + 1) % SIZE)
        ]
    return graph


def _node(node: NodeType, number: int) -> dict[str, Any]:
    return {node.key.name: f"k{number}"} | {p.name: _value(p, number) for p in node.properties}


def _end(node: NodeType, number: int) -> End:
    return node.label, f"k{number}"


def _value(declared: Property, number: int) -> Any:
    """What a view may look for: stays, few persons, days and moments that follow one another."""
    values: dict[str, Any] = {
        "string": "inpatient" if declared.name == "kind" else f"v{number}",
        "integer": number + 2,
        "float": number + 0.5,
        "boolean": True,
        "date": date(2026, 1, 5) + timedelta(days=number),
        "datetime": FIRST + timedelta(days=number),
    }
    return values[declared.kind]
