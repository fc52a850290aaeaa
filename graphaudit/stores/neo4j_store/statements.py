"""Texts of constraints, indexes and bulk writes, all derived from the declared schema. Values travel as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, RelationshipType

#: Which build a database holds: `build_id`, `state` (see below), `made_by`. Not part of a build's graph.
BUILD = "Build"
MADE_BY = "graphaudit"
LOADING, LOADED, PUBLISHED = "loading", "loaded", "published"

#: Rows deleted in one transaction of the server's own.
DELETED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Definition:
    """A constraint or an index: its name on the server and the statement that makes it where it is absent."""

    name: str
    text: str
    label: str
    column: str


def constraints(nodes: tuple[NodeType, ...] = NODES) -> tuple[Definition, ...]:
    """One uniqueness constraint for the key of every label; it brings the index by which ends are found."""
    return tuple(
        Definition(
            f"key_{node.label}",
            f"CREATE CONSTRAINT key_{node.label} IF NOT EXISTS "
            f"FOR (x:{node.label}) REQUIRE x.{node.key.name} IS UNIQUE",
            node.label,
            node.key.name,
        )
        for node in nodes
    )


def indexes(
    nodes: tuple[NodeType, ...] = NODES, relationships: tuple[RelationshipType, ...] = RELATIONSHIPS
) -> tuple[Definition, ...]:
    """One range index for every property that is declared `indexed`."""
    return tuple(_indexes(nodes, relationships))


def _indexes(nodes: tuple[NodeType, ...], relationships: tuple[RelationshipType, ...]) -> Iterator[Definition]:
    owners = [(node.label, node.properties, f"(x:{node.label})") for node in nodes]
    owners += [(r.name, r.properties, f"()-[x:{r.name}]-()") for r in relationships]
    for name, properties, pattern in owners:
        for p in properties:
            if p.indexed:
                index = f"by_{name}_{p.name}"
                text = f"CREATE INDEX {index} IF NOT EXISTS FOR {pattern} ON (x.{p.name})"
                yield Definition(index, text, name, p.name)


def counts() -> str:
    """Number of every label and type as rows of `name` and `n`: looked up in the server's statistics, not counted."""
    # counted before it is named: a name beside the count would group, and nothing to count would give no row
    parts = [f"MATCH (x:{n.label}) WITH count(x) AS n RETURN '{n.label}' AS name, n" for n in NODES]
    parts += [f"MATCH ()-[x:{r.name}]->() WITH count(x) AS n RETURN '{r.name}' AS name, n" for r in RELATIONSHIPS]
    return " UNION ALL ".join(parts)


def create_nodes(node: NodeType) -> str:
    """Create nodes from `$rows`, each a list of the label's properties in declared order."""
    fields = ", ".join(f"{p.name}: r[{place}]" for place, p in enumerate(node.all_properties))
    return f"UNWIND $rows AS r CREATE (:{node.label} {{{fields}}})"


def create_relationships(relationship: RelationshipType, start: NodeType, end: NodeType) -> str:
    """Create relationships from `$rows`, each a list of start key, end key and the properties in declared order."""
    fields = ", ".join(f"{p.name}: r[{place + 2}]" for place, p in enumerate(relationship.properties))
    properties = f" {{{fields}}}" if fields else ""
    return (
        f"UNWIND $rows AS r MATCH (a:{start.label} {{{start.key.name}: r[0]}}) "
        f"MATCH (b:{end.label} {{{end.key.name}: r[1]}}) CREATE (a)-[:{relationship.name}{properties}]->(b)"
    )


def delete_relationships(name: str) -> str:
    """Delete all relationships of a type, some thousand at a time; runs outside a transaction."""
    return f"MATCH ()-[x:{name}]->() CALL {{ WITH x DELETE x }} IN TRANSACTIONS OF {DELETED_AT_ONCE} ROWS"


def delete_nodes(label: str) -> str:
    """Delete all nodes of a label, some thousand at a time; runs outside a transaction."""
    return f"MATCH (x:{label}) CALL {{ WITH x DETACH DELETE x }} IN TRANSACTIONS OF {DELETED_AT_ONCE} ROWS"
