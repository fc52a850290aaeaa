"""Compare a Neo4j database with the declared schema: missing constraints and indexes, drift, a stranger's data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import neo4j

from graphaudit.schema import NODES, RELATIONSHIPS, Property
from graphaudit.stores.base import StoreFault
from graphaudit.stores.neo4j_store.address import Address
from graphaudit.stores.neo4j_store.contents import Contents, contents_of
from graphaudit.stores.neo4j_store.statements import LOADING, constraints, indexes
from graphaudit.stores.neo4j_store.values import plain

#: Entities of each label and type that are looked at for drift; all of a build come from one writer.
SAMPLE = 100

PYTHON_KINDS: dict[str, type] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": bool,
    "date": date,
    "datetime": datetime,
}
BUILD_AGAIN = "build again, which writes the graph anew"


def faults_of(driver: neo4j.Driver, address: Address, build_id: str | None) -> tuple[StoreFault, ...]:
    """Everything about the database that is not as declared, in the order in which it should be mended."""
    contents = contents_of(driver, address)
    with driver.session(database=address.database, default_access_mode=neo4j.READ_ACCESS) as session:
        return (
            *_whose(contents, build_id),
            *(session.execute_read(_definitions) if contents.build else ()),
            *session.execute_read(lambda transaction: tuple(_drift(transaction))),
        )


def _whose(contents: Contents, build_id: str | None) -> Iterator[StoreFault]:
    foreign = (*contents.foreign_labels, *contents.foreign_types)
    if foreign:
        yield StoreFault(f"somebody else's data: {', '.join(foreign)}", "give the store a database of its own")
    elif contents.nodes and not contents.build:
        yield StoreFault("data that no build of ours has written", "give the store a database of its own")
    if contents.state == LOADING:
        yield StoreFault(f"build {contents.build_id} is being loaded, or its load was broken off", BUILD_AGAIN)
    elif build_id and contents.build_id != build_id:
        held = contents.build_id or "no build"
        yield StoreFault(
            f"the database holds {held}, {build_id} is published", f"graphaudit builds rollback {build_id}"
        )


def _definitions(transaction: neo4j.ManagedTransaction) -> tuple[StoreFault, ...]:
    unique = {
        (labels[0], properties[0])
        for labels, properties in transaction.run(
            "SHOW CONSTRAINTS YIELD type, labelsOrTypes, properties WHERE type = 'UNIQUENESS' "
            "RETURN labelsOrTypes, properties"
        )
        if len(labels) == len(properties) == 1
    }
    online = {}
    for labels, properties, state in transaction.run(
        "SHOW INDEXES YIELD labelsOrTypes, properties, state, type WHERE type = 'RANGE' "
        "RETURN labelsOrTypes, properties, state"
    ):
        if labels and len(labels) == len(properties) == 1:
            online[labels[0], properties[0]] = state == "ONLINE"
    faults = [
        StoreFault(f"no uniqueness constraint on {d.label}.{d.column}", _make(d.text))
        for d in constraints()
        if (d.label, d.column) not in unique
    ]
    faults += [
        StoreFault(f"no index on {d.label}.{d.column}", _make(d.text))
        for d in indexes()
        if (d.label, d.column) not in online
    ]
    return (
        *faults,
        *(
            StoreFault(f"the index on {label}.{column} is not online", "wait for it (SHOW INDEXES), or build again")
            for (label, column), ready in sorted(online.items())
            if not ready
        ),
    )


def _make(text: str) -> str:
    return f"{BUILD_AGAIN}, or run: {text}"


def _drift(transaction: neo4j.ManagedTransaction) -> Iterator[StoreFault]:
    owners: list[tuple[str, str, Sequence[Property]]] = [
        (n.label, f"MATCH (x:{n.label})", n.all_properties) for n in NODES
    ]
    owners += [(r.name, f"MATCH ()-[x:{r.name}]->()", r.properties) for r in RELATIONSHIPS]
    for name, match, declared in owners:
        kinds: dict[str, str] = {p.name: p.kind for p in declared}
        rows = transaction.run(f"{match} WITH x LIMIT {SAMPLE} RETURN properties(x) AS found")
        wrong: dict[str, str] = {}
        for row in rows:
            for column, value in row["found"].items():
                wrong |= _wrong(name, column, plain(value), kinds)
        for fault in wrong.values():
            yield StoreFault(fault, BUILD_AGAIN)


def _wrong(name: str, column: str, value: Any, kinds: dict[str, str]) -> dict[str, str]:
    if column not in kinds:
        return {column: f"{name}.{column} is in the graph and not declared"}
    # exact, since a datetime is a date too, and a boolean an integer
    if type(value) is not PYTHON_KINDS[kinds[column]]:
        return {column: f"{name}.{column} is declared {kinds[column]} and stored as {type(value).__name__}"}
    return {}
