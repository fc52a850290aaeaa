"""Values as the driver returns them become the plain Python values that the embedded store returns."""

from __future__ import annotations

from typing import Any

from neo4j.graph import Node, Path, Relationship
from neo4j.time import Date, DateTime, Duration, Time


def plain(value: Any) -> Any:
    """`value` without the driver's own types: temporal values of the standard library, entities as dictionaries.

    A node is its properties and `_LABEL`, a relationship its properties and `_LABEL` (its type), a path `_NODES` and
    `_RELS`: the names that the embedded engine uses. Fractions of a second beyond microseconds are cut off.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list():
            return [plain(entry) for entry in value]
        case dict():
            return {name: plain(entry) for name, entry in value.items()}
        case Date() | DateTime() | Time():
            return value.to_native()
        case Duration():
            return value.iso_format()
        case Node():
            return {"_LABEL": ":".join(sorted(value.labels)), **_properties(value)}
        case Relationship():
            return {"_LABEL": value.type, **_properties(value)}
        case Path():
            return {"_NODES": [plain(node) for node in value.nodes], "_RELS": [plain(r) for r in value.relationships]}
        case _:
            return value


def _properties(entity: Node | Relationship) -> dict[str, Any]:
    return {name: plain(entity[name]) for name in sorted(entity.keys())}
