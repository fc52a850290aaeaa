"""Compare the tables in a Ladybug file with the declared schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from graphaudit.schema import NODES, RELATIONSHIPS
from graphaudit.stores.base import StoreFault

if TYPE_CHECKING:
    from graphaudit.stores.ladybug_reader import LadybugReader

LADYBUG_KINDS = {
    "string": "STRING",
    "integer": "INT64",
    "float": "DOUBLE",
    "boolean": "BOOL",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
FIX = "the graph was written by another version: build again"


def drift(reader: LadybugReader) -> tuple[StoreFault, ...]:
    """Tables and columns that are absent, undeclared or of another type than declared."""
    return tuple(_drift(reader))


def _drift(reader: LadybugReader) -> Iterator[StoreFault]:
    declared = {n.label: n.all_properties for n in NODES} | {r.name: r.properties for r in RELATIONSHIPS}
    present = {str(row["name"]) for row in reader.run("CALL show_tables() RETURN name", {})}
    for name in sorted(present - set(declared)):
        yield StoreFault(f"{name} is in the graph and not declared", FIX)
    for name, properties in declared.items():
        if name not in present:
            yield StoreFault(f"{name} is declared and not in the graph", FIX)
            continue
        # the name is the declaration's own
        rows = reader.run(f"CALL table_info('{name}') RETURN name, type", {})
        found = {str(row["name"]): str(row["type"]) for row in rows}
        expected = {p.name: LADYBUG_KINDS[p.kind] for p in properties}
        for column in sorted(found.keys() | expected.keys()):
            if found.get(column) != expected.get(column):
                there, wanted = found.get(column, "absent"), expected.get(column, "not declared")
                yield StoreFault(f"{name}.{column} is {there} in the graph, declared: {wanted}", FIX)
