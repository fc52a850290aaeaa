"""The extract queries return exactly what the schema declares."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from graphaudit.records import table
from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, RelationshipType
from graphaudit.stores.bulk import write_extracts
from graphaudit.stores.extract import WRITTEN_WITH_LEADS, node_sql, relationship_columns, relationship_sql
from tests.table_builder import tables_of

STORED_NODES = [n for n in NODES if n.label not in WRITTEN_WITH_LEADS]
STORED_RELATIONSHIPS = [r for r in RELATIONSHIPS if r.name not in WRITTEN_WITH_LEADS]


@pytest.mark.parametrize("node", STORED_NODES, ids=lambda n: n.label)
def test_node_extract_returns_the_declared_properties_in_order(node: NodeType) -> None:
    cursor = tables_of({}).execute(node_sql(node))
    assert [column[0] for column in cursor.description] == [p.name for p in node.all_properties]


@pytest.mark.parametrize("relationship", STORED_RELATIONSHIPS, ids=lambda r: r.name)
def test_relationship_extract_returns_ends_labels_and_declared_properties(relationship: RelationshipType) -> None:
    cursor = tables_of({}).execute(relationship_sql(relationship))
    assert {column[0] for column in cursor.description} == set(relationship_columns(relationship))


def test_every_extract_file_belongs_to_a_declaration(repository: Path) -> None:
    folder = repository / "graphaudit" / "stores" / "extract"
    assert {path.stem for path in (folder / "nodes").iterdir()} == {n.label for n in STORED_NODES}
    assert {path.stem for path in (folder / "relationships").iterdir()} == {r.name for r in STORED_RELATIONSHIPS}


def test_a_build_without_optional_tables_has_empty_extracts_not_an_error(tmp_path: Path) -> None:
    full = tables_of({"persons": [{}]})
    bare = duckdb.connect()
    persons = table("persons")
    bare.execute(persons.ddl)
    marks = ", ".join("?" for _ in persons.columns)
    bare.executemany(f"INSERT INTO persons VALUES ({marks})", full.execute("SELECT * FROM persons").fetchall())
    found = {extract.name: extract.rows for extract in write_extracts(bare, tmp_path)}
    assert found["Person"] == 1
    assert found["Settlement"] == 0
    assert bare.execute("SELECT count(*) FROM information_schema.tables WHERE table_name = 'lines'").fetchone() == (0,)


def test_relationship_with_several_end_labels_becomes_one_file_a_pair(tmp_path: Path) -> None:
    tables = tables_of(
        {
            "persons": [{}],
            "sites": [{"kind": "institution"}, {"kind": "pharmacy"}],
            "visited": [{"person_no": 0, "site_no": 0, "n": 2}, {"person_no": 0, "site_no": 1, "n": 5}],
        }
    )
    found = [e for e in write_extracts(tables, tmp_path) if e.name == "VISITED"]
    assert [(e.end.label, e.rows, dict(e.sums)["n"]) for e in found if e.end] == [
        ("Institution", 1, 2),
        ("Pharmacy", 1, 5),
    ]


def test_totals_and_degrees_come_from_the_tables() -> None:
    tables = tables_of(
        {
            "sites": [{"kind": "institution"}],
            "site_pauses": [
                {"site_no": 0, "from_at": "2026-01-06 00:00", "until_at": "2026-01-07 12:00"},
                {"site_no": 0, "from_at": "2026-01-07 00:00", "until_at": None},
            ],
            "settlements": [{"person_no": 0, "site_no": 0} for _ in range(5)],
            "persons": [{}],
            "pack_sales": [
                {"trace_code": "t", "settlement_no": 0},
                {"trace_code": "t", "settlement_no": 0},
                {"trace_code": "u", "settlement_no": 1},
                {"trace_code": "u"},
                {"trace_code": "u", "settlement_no": 2, "returned": True},
            ],
        }
    )
    institution = next(n for n in NODES if n.label == "Institution")
    # Days 6 to 9 January, the last day of the build: once each although the pauses overlap.
    assert tables.execute(f"SELECT settlements, suspended_days FROM ({node_sql(institution)})").fetchall() == [(5, 4)]
    packs = next(n for n in NODES if n.label == "DrugPack")
    assert tables.execute(node_sql(packs)).fetchall() == [("u", 2)]
