"""Everything the server is told follows from the declaration, and values travel as parameters."""

from __future__ import annotations

from dataclasses import replace

from graphaudit.schema import NODES, RELATIONSHIPS, Property, node, relationship
from graphaudit.stores.neo4j_store.statements import (
    constraints,
    create_nodes,
    create_relationships,
    delete_nodes,
    delete_relationships,
    indexes,
)


def test_every_label_has_a_unique_key_and_every_declared_index_is_made() -> None:
    assert [(d.label, d.column) for d in constraints()] == [(n.label, n.key.name) for n in NODES]
    declared = {(n.label, p.name) for n in NODES for p in n.properties if p.indexed}
    assert {(d.label, d.column) for d in indexes()} == declared
    assert len({d.name for d in (*constraints(), *indexes())}) == len(NODES) + len(declared)


def test_a_new_property_is_written_and_indexed_where_it_is_declared() -> None:
    height = Property("height_cm", "integer", "Height, for this test only.", indexed=True)
    person = replace(node("Person"), properties=(*node("Person").properties, height))
    assert f"height_cm: r[{len(person.properties)}]" in create_nodes(person)
    assert ("Person", "height_cm") in {(d.label, d.column) for d in indexes((person,), ())}
    visited = replace(relationship("VISITED"), properties=(height,))
    made = indexes((), (visited,))
    assert [(d.label, d.column) for d in made] == [("VISITED", "height_cm")]
    assert "FOR ()-[x:VISITED]-() ON (x.height_cm)" in made[0].text


def test_rows_are_read_by_place_in_declared_order() -> None:
    holds = relationship("HOLDS")
    assert create_relationships(holds, node("Person"), node("Card")) == (
        "UNWIND $rows AS r MATCH (a:Person {person_id: r[0]}) MATCH (b:Card {card_id: r[1]}) "
        "CREATE (a)-[:HOLDS {n: r[2], first_day: r[3], last_day: r[4]}]->(b)"
    )
    assert create_relationships(relationship("OF_PERSON"), node("Settlement"), node("Person")).endswith(
        "CREATE (a)-[:OF_PERSON]->(b)"
    )


def test_only_declared_names_are_ever_deleted() -> None:
    texts = [delete_nodes(n.label) for n in NODES] + [delete_relationships(r.name) for r in RELATIONSHIPS]
    assert all("IN TRANSACTIONS OF" in text for text in texts)
    assert all(text.startswith(("MATCH (x:", "MATCH ()-[x:")) for text in texts), "nothing is deleted without its name"
