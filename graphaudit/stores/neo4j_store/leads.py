"""Write leads into a Neo4j graph: (:Lead)-[:IMPLICATES]-> members, replacing those already there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import neo4j

from graphaudit.schema import node, relationship
from graphaudit.stores.lead_rows import lead_rows
from graphaudit.stores.neo4j_store.address import Address
from graphaudit.stores.neo4j_store.statements import create_nodes, create_relationships

ROWS_AT_ONCE = 10_000


def replace_leads(driver: neo4j.Driver, address: Address, leads: Sequence[Mapping[str, Any]]) -> None:
    """Put `leads` in the place of all that are there, in one transaction; members without a node are passed over."""
    rows = lead_rows(leads)
    lead, implicates = node("Lead"), relationship("IMPLICATES")

    def work(transaction: neo4j.ManagedTransaction) -> None:
        transaction.run("MATCH (l:Lead) DETACH DELETE l").consume()
        for batch in _batches([[row[p.name] for p in lead.all_properties] for row in rows.leads]):
            transaction.run(create_nodes(lead), rows=batch).consume()
        for label, members in rows.members.items():
            text = create_relationships(implicates, lead, node(label))
            for batch in _batches([[m["lead_id"], m["member_id"], m["role"], m["strength"]] for m in members]):
                transaction.run(text, rows=batch).consume()

    with driver.session(database=address.database) as session:
        session.execute_write(work)


def _batches(rows: Sequence[list[Any]]) -> Iterator[list[list[Any]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        yield batch
