"""How a node type, a relationship type and a property are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graphaudit.errors import SchemaError

Kind = Literal["string", "integer", "float", "boolean", "date", "datetime"]

# Names that either engine, or the project's own bookkeeping, keeps for itself.
RESERVED = frozenset({"id", "label", "type", "_id", "_label", "start", "end", "order", "group", "table", "starts"})


@dataclass(frozen=True, slots=True)
class Property:
    """One property: name (with its unit or kind in it), kind, meaning; `zh` is the term an official knows.

    `personal` marks keyed pseudonyms and anything else that is masked outside the authorised view;
    `unit` is set wherever a number has one; `indexed` asks the store for an index where it has them.
    """

    name: str
    kind: Kind
    about: str
    unit: str = ""
    personal: bool = False
    indexed: bool = False
    zh: str = ""

    def __post_init__(self) -> None:
        if self.name in RESERVED or not self.name.isidentifier() or self.name != self.name.lower():
            raise SchemaError(f"property name {self.name!r} is reserved or not snake_case")
        if len(self.about) < 4:
            raise SchemaError(f"property {self.name}: a sentence of meaning is required")


@dataclass(frozen=True, slots=True)
class NodeType:
    """One node label with its key; `key` is unique and is the first property."""

    label: str
    key: Property
    properties: tuple[Property, ...]
    about: str
    zh: str = ""

    def __post_init__(self) -> None:
        names = [p.name for p in self.all_properties]
        if len(set(names)) != len(names):
            raise SchemaError(f"{self.label}: a property is declared twice")
        if not self.about:
            raise SchemaError(f"{self.label}: a sentence of meaning is required")

    @property
    def all_properties(self) -> tuple[Property, ...]:
        """Key first, then the rest in declared order."""
        return (self.key, *self.properties)


@dataclass(frozen=True, slots=True)
class RelationshipType:
    """One relationship type between the labels in `starts` and those in `ends`.

    `many` is False when a start node has at most one of it; it warns a query author of fan-out.
    """

    name: str
    starts: tuple[NodeType, ...]
    ends: tuple[NodeType, ...]
    about: str
    properties: tuple[Property, ...] = ()
    many: bool = True
    zh: str = ""

    def __post_init__(self) -> None:
        names = [p.name for p in self.properties]
        if len(set(names)) != len(names):
            raise SchemaError(f"{self.name}: a property is declared twice")
        if not self.starts or not self.ends or not self.about:
            raise SchemaError(f"{self.name}: start, end and a sentence of meaning are required")

    @property
    def pairs(self) -> tuple[tuple[NodeType, NodeType], ...]:
        """Every (start, end) label pair it may join, in declared order."""
        return tuple((a, b) for a in self.starts for b in self.ends)
