"""A change to a copy of the declaration shows up in constraints, bulk writers, column checks and masking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from graphaudit.errors import StoreError
from graphaudit.progress import SilentProgress
from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, Property, RelationshipType, dictionary
from graphaudit.schema import node as declared_node
from graphaudit.stores import bulk, ladybug_reader, ladybug_store
from graphaudit.stores.extract import node_sql
from graphaudit.stores.ladybug_store import LadybugStore, ddl
from tests.table_builder import tables_of

HEIGHT = Property("height_cm", "integer", "Height, for this test only.", unit="centimetres", zh="身高")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LadybugStore]:
    store = LadybugStore(tmp_path / "graph", memory_limit_mb=64, threads=1)
    yield store
    store.close()


@pytest.fixture
def taller(monkeypatch: pytest.MonkeyPatch) -> tuple[NodeType, ...]:
    """The nodes with one more property of a person, declared everywhere."""
    person = declared_node("Person")
    return declare(monkeypatch, replace(person, properties=(*person.properties, HEIGHT)))


def declare(monkeypatch: pytest.MonkeyPatch, changed: NodeType) -> tuple[NodeType, ...]:
    """Put `changed` in the place of its namesake, in the nodes and at the ends of relationships."""

    def renewed(ends: tuple[NodeType, ...]) -> tuple[NodeType, ...]:
        return tuple(changed if n.label == changed.label else n for n in ends)

    nodes = renewed(NODES)
    relationships: tuple[RelationshipType, ...] = tuple(
        replace(r, starts=renewed(r.starts), ends=renewed(r.ends)) for r in RELATIONSHIPS
    )
    for module in (bulk, ladybug_store, ladybug_reader):
        monkeypatch.setattr(module, "NODES", nodes)
        monkeypatch.setattr(module, "RELATIONSHIPS", relationships)
    return nodes


def give_height(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the extract of persons return the declared property."""
    monkeypatch.setattr(
        bulk,
        "node_sql",
        lambda node: (
            f"SELECT *, 170 + birth_year AS height_cm FROM ({node_sql(node)})"
            if node.label == "Person"
            else node_sql(node)
        ),
    )


def test_constraints_and_columns_of_every_table_are_those_declared() -> None:
    statements = {statement.split("(")[0].split()[-1]: statement for statement in ddl()}
    assert set(statements) == {n.label for n in NODES} | {r.name for r in RELATIONSHIPS}
    for n in NODES:
        assert f"PRIMARY KEY({n.key.name})" in statements[n.label]
        for p in n.all_properties:
            assert f"{p.name} {ladybug_store.LADYBUG_KINDS[p.kind]}" in statements[n.label]
    for r in RELATIONSHIPS:
        for start, end in r.pairs:
            assert f"FROM {start.label} TO {end.label}" in statements[r.name]


def test_a_new_property_is_in_the_constraints_and_in_the_dictionary(taller: tuple[NodeType, ...]) -> None:
    assert any(s.startswith("CREATE NODE TABLE Person(") and "height_cm INT64" in s for s in ddl())
    page = dictionary.pages(taller)[dictionary.PAGE]
    assert "| `height_cm` | 身高 | integer | centimetres |  | Height, for this test only. |" in page


@pytest.mark.usefixtures("taller")
def test_a_new_property_without_a_column_stops_the_build_by_name(store: LadybugStore) -> None:
    with pytest.raises(StoreError, match=r"rows of Person .*height_cm"):
        store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
    assert list(store.folder.iterdir()) == []


@pytest.mark.usefixtures("taller")
def test_a_new_property_is_written_and_verified(store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    give_height(monkeypatch)
    tables = tables_of({"persons": [{"birth_year": 1}, {"birth_year": 2}, {}]})
    store.write("b1", tables, SilentProgress())
    rows = store.open("b1").run("MATCH (p:Person) RETURN p.person_id AS k, p.height_cm AS h", {})
    assert {row["k"]: row["h"] for row in rows} == {"P0": 171, "P1": 172, "P2": None}


@pytest.mark.usefixtures("taller")
def test_a_new_number_that_arrives_changed_is_noticed(store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    give_height(monkeypatch)
    load = LadybugStore._load

    def altering(self: LadybugStore, path: Path, *rest: object) -> object:
        extracts = load(self, path, *rest)  # type: ignore[arg-type]
        with ladybug_reader.open_database(path, memory_limit_mb=64, threads=1) as connection:
            connection.execute("MATCH (p:Person) SET p.height_cm = 1")
        return extracts

    monkeypatch.setattr(LadybugStore, "_load", altering)
    with pytest.raises(StoreError, match=r"Person\.height_cm"):
        store.write("b1", tables_of({"persons": [{"birth_year": 1}]}), SilentProgress())


def test_a_column_of_another_kind_is_refused(store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        bulk,
        "node_sql",
        lambda node: (
            node_sql(node).replace("birth_year", "'old' AS birth_year") if node.label == "Person" else node_sql(node)
        ),
    )
    with pytest.raises(StoreError, match="rows of Person"):
        store.write("b1", tables_of({"persons": [{}]}), SilentProgress())


def twice(kind: str) -> duckdb.DuckDBPyConnection:
    return tables_of(
        {
            "persons": [{"person_id": "secret"}, {"person_id": "secret"}] if kind == "Person" else [],
            "doctors": [{"doctor_id": "D-17"}, {"doctor_id": "D-17"}] if kind == "Doctor" else [],
        }
    )


def test_a_message_shows_a_key_unless_it_is_personal(store: LadybugStore) -> None:
    with pytest.raises(StoreError, match=r"Doctor could not be loaded.*D-17"):
        store.write("b1", twice("Doctor"), SilentProgress())
    with pytest.raises(StoreError, match="Person could not be loaded") as caught:
        store.write("b1", twice("Person"), SilentProgress())
    assert "secret" not in str(caught.value)


def test_marking_a_key_personal_masks_it(store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = declared_node("Doctor")
    declare(monkeypatch, replace(doctor, key=replace(doctor.key, personal=True)))
    with pytest.raises(StoreError, match="Doctor could not be loaded") as caught:
        store.write("b1", twice("Doctor"), SilentProgress())
    assert "D-17" not in str(caught.value)


def test_a_relationship_is_masked_when_either_end_is_personal(store: LadybugStore) -> None:
    gone = {"persons": [{"person_id": "secret"}], "sites": [{"kind": "institution", "site_id": "H-1"}], "doctors": [{}]}
    visited = tables_of(gone | {"visited": [{"person_no": 0, "site_no": 0, "n": 1}]})
    practices = tables_of(gone | {"practices": [{"doctor_no": 0, "site_no": 0, "registered": True}]})
    messages = {}
    for name, tables in (("VISITED", visited), ("PRACTISES_AT", practices)):
        lost = declared_node("Institution")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                bulk,
                "node_sql",
                lambda node, lost=lost: node_sql(node) + (" AND false" if node.label == lost.label else ""),
            )
            with pytest.raises(StoreError, match=name) as caught:
                store.write("b1", tables, SilentProgress())
        messages[name] = str(caught.value)
    assert "H-1" not in messages["VISITED"]
    assert "H-1" in messages["PRACTISES_AT"]
