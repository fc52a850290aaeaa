"""Random graphs of the declared schema, small and dense, with everything in them in which two engines could differ.

Drawn on purpose: absent ends of optional parts, several relationships of one type between the same two nodes, loops
from a node to itself, ends of several labels under the same key, properties without a value, ties everywhere (few
values), and values on both sides of every threshold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from graphaudit.cypher_text import tokens
from graphaudit.queries import QuerySpec
from graphaudit.query_spec import Value
from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, Property, RelationshipType

#: What the queries compare with literals, mostly, and a value that is none of them.
WORDS = {
    ("Settlement", "kind"): ("inpatient", "inpatient", "other"),
    ("Handler", "kind"): ("agency", "agency", "agency", "operator"),
    ("Handler", "office"): ("o1", "o1", "o1", "o2"),
}
MOST_NODES = {"Settlement": 6, "Person": 4, "Handler": 3}
MOST_OF_OTHERS = 2
#: How many relationships of a type there are: enough that paths meet.
LEAST_RELATIONSHIPS, MOST_RELATIONSHIPS = 4, 16

End = tuple[str, str]


@dataclass
class Graph:
    """Nodes by label as property maps; relationships by type as (start, end, properties), ends as (label, key)."""

    nodes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    relationships: dict[str, list[tuple[End, End, dict[str, Any]]]] = field(default_factory=dict)


def named_in(body: str) -> tuple[list[NodeType], list[RelationshipType], set[str]]:
    """Labels, types and properties that `body` names, in declared order, with the ends of those types."""
    words = {piece for sort, piece, _ in tokens(body) if sort == "word"}
    types = [relationship for relationship in RELATIONSHIPS if relationship.name in words]
    ends = {node.label for relationship in types for node in (*relationship.starts, *relationship.ends)}
    return [node for node in NODES if node.label in words | ends], types, words


def values(owner: str, declared: Property, body: str) -> SearchStrategy[Any]:
    """Few values of a property of the label or type `owner`, so that many are equal; and none at all.

    Flags are mostly as `body` asks for them: set, or not.
    """
    if declared.kind == "string":
        return st.sampled_from((*WORDS.get((owner, declared.name), ("a", "b")), None))
    if declared.kind == "boolean":
        asked = re.search(rf"\bNOT \w+\.{declared.name}\b", body) is None
        return st.sampled_from((asked, asked, asked, asked, not asked, None))
    if declared.kind == "float":
        return st.sampled_from((0.0, 0.5, 0.75, 1.0, 2.0, 8.0, 20.0, None))
    return st.sampled_from((0, 1, 2, 3, 5, 9, None))


@st.composite
def graphs(draw: DrawFn, body: str) -> Graph:
    """A graph of whatever `body` names; properties that it does not name are left out."""
    graph = Graph()
    labels, types, words = named_in(body)
    # at most one label or type is absent, or nothing would ever be found
    absent = draw(st.none() | st.sampled_from([*(node.label for node in labels), *(r.name for r in types)]))
    for node in labels:
        drawn = [p for p in node.properties if p.name in words]
        for number in range(0 if node.label == absent else draw(_numbers_of(node))):
            # the same keys under every label: an institution and a pharmacy may be called alike
            row = {node.key.name: f"k{number}"} | {p.name: draw(values(node.label, p, body)) for p in drawn}
            graph.nodes.setdefault(node.label, []).append(row)
    for relationship in types:
        drawn = [p for p in relationship.properties if p.name in words]
        pairs = [
            ((start.label, a[start.key.name]), (end.label, b[end.key.name]))
            for start, end in relationship.pairs
            for a in graph.nodes.get(start.label, ())
            for b in graph.nodes.get(end.label, ())
        ]
        if pairs and relationship.name != absent:
            some = st.lists(st.sampled_from(pairs), min_size=LEAST_RELATIONSHIPS, max_size=MOST_RELATIONSHIPS)
            chosen = draw(some)
            graph.relationships[relationship.name] = [
                (start, end, {p.name: draw(values(relationship.name, p, body)) for p in drawn}) for start, end in chosen
            ]
    return graph


def _numbers_of(node: NodeType) -> SearchStrategy[int]:
    most = MOST_NODES.get(node.label, MOST_OF_OTHERS)
    return st.integers((most + 1) // 2, most)


def parameters(query: QuerySpec) -> SearchStrategy[Mapping[str, Value]]:
    """Values for every parameter that the body uses: all so loose that nothing is kept out, or each as it comes."""
    used = {piece[1:] for sort, piece, _ in tokens(query.body) if sort == "parameter"}
    loose: dict[str, Value] = {}
    choices: dict[str, SearchStrategy[Value]] = {}
    for param in query.params:
        if param.name in used:
            kind, bounds = type(param.default), (80.0,) if param.name.startswith("most_") else (0.0, 1.0, 2.0)
            loose[param.name] = kind(bounds[0])
            choices[param.name] = st.sampled_from((*(kind(bound) for bound in bounds), param.default))
    return st.just(loose) | st.fixed_dictionaries(choices)
