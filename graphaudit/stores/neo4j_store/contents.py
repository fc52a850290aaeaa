"""What a database holds: ours, nobody's or somebody else's. Nothing of somebody else's is ever touched."""

from __future__ import annotations

from dataclasses import dataclass, field

import neo4j

from graphaudit.errors import StoreError
from graphaudit.schema import NODES, RELATIONSHIPS
from graphaudit.stores.neo4j_store.address import Address
from graphaudit.stores.neo4j_store.statements import BUILD, MADE_BY, counts

#: Names shown of what was found; a stranger's database may have hundreds.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Contents:
    """Nodes in all, labels and types in use with their numbers where they are declared, and our (:Build) node."""

    nodes: int
    ours: dict[str, int]
    foreign_labels: tuple[str, ...]
    foreign_types: tuple[str, ...]
    build: dict[str, str] = field(default_factory=dict)

    @property
    def build_id(self) -> str:
        """The build that the database holds or is being loaded with; empty when there is none."""
        return self.build.get("build_id", "")

    @property
    def state(self) -> str:
        """loading, loaded or published; empty when there is no build."""
        return self.build.get("state", "")


def contents_of(driver: neo4j.Driver, address: Address) -> Contents:
    """Look at the database through its statistics, which cost the same for any size."""
    with driver.session(database=address.database, default_access_mode=neo4j.READ_ACCESS) as session:
        return session.execute_read(_look)


def _look(transaction: neo4j.ManagedTransaction) -> Contents:
    def number(text: str) -> int:
        record = transaction.run(text).single(strict=True)
        return int(record["n"])

    # Labels in these texts come from the declaration; those found in the database are only named.
    found = {str(row["name"]): int(row["n"]) for row in transaction.run(counts())}
    ours = {n.label: found[n.label] for n in NODES}
    builds = number(f"MATCH (x:{BUILD}) RETURN count(x) AS n")
    total = number("MATCH (x) RETURN count(x) AS n")
    labels = {str(r["label"]) for r in transaction.run("CALL db.labels() YIELD label RETURN label")}
    types = {str(r["t"]) for r in transaction.run("CALL db.relationshipTypes() YIELD relationshipType AS t RETURN t")}
    foreign = sorted(labels - set(ours) - {BUILD})
    if total > sum(ours.values()) + builds and not foreign:
        foreign = ["nodes without a label"]
    build = transaction.run(
        f"MATCH (b:{BUILD}) WHERE b.made_by = $made_by RETURN b.build_id AS build_id, b.state AS state", made_by=MADE_BY
    ).single()
    return Contents(
        nodes=total,
        ours={name: n for name, n in ours.items() if n},
        foreign_labels=tuple(foreign),
        foreign_types=tuple(sorted(types - {r.name for r in RELATIONSHIPS})),
        build={"build_id": str(build["build_id"]), "state": str(build["state"])} if build else {},
    )


def refuse_foreign(contents: Contents, address: Address) -> None:
    """StoreError, naming what was found, when the database holds anything that was not written here."""
    where = f"the database {address.database} at {address.uri}"
    step = (
        "give a server or database of its own in the store URL; "
        "or empty this one yourself, if what it holds may go, and run the same command again"
    )
    foreign = (*contents.foreign_labels, *contents.foreign_types)
    if foreign:
        more = f" and {len(foreign) - SHOWN} more" if len(foreign) > SHOWN else ""
        raise StoreError(
            f"{where} holds somebody else's data: {', '.join(foreign[:SHOWN])}{more} ({contents.nodes:,} nodes in all)",
            step,
        )
    if contents.nodes and not contents.build:
        found = ", ".join(f"{n:,} {label}" for label, n in list(contents.ours.items())[:SHOWN])
        raise StoreError(f"{where} holds data that no build of ours has written: {found or contents.nodes}", step)
