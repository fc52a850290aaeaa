"""The files for the import: every node one number, every relationship two, nothing lost or changed in between."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pytest

from graphaudit.errors import StoreError
from graphaudit.progress import SilentProgress
from graphaudit.stores import bulk
from graphaudit.stores.bulk import write_extracts
from graphaudit.stores.extract import node_sql
from graphaudit.stores.neo4j_store.offline import ImportFiles, header_of, write_import_files
from tests.table_builder import tables_of


def written(tables: duckdb.DuckDBPyConnection, folder: Path) -> ImportFiles:
    rows = folder / "rows"
    rows.mkdir(exist_ok=True)
    return write_import_files(
        write_extracts(tables, rows), rows, folder, "b1", SilentProgress(), memory_limit_mb=256, threads=1
    )


def content(path: Path) -> list[dict[str, str]]:
    names = header_of(path).read_text(encoding="utf-8").strip().split(",")
    with path.open(encoding="utf-8", newline="") as file:
        return [dict(zip(names, row, strict=True)) for row in csv.reader(file)]


def test_all_nodes_share_one_dense_numbering_and_relationships_use_it(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    files = written(tables, tmp_path)
    number_of: dict[tuple[str, str], str] = {}
    for path in sorted((tmp_path / "rows").glob("*.csv")):
        if "-" in path.stem or path.stem.endswith(".header"):
            continue
        for row in content(path):
            number_of[path.stem, next(iter(list(row.values())[1:]))] = row[":ID"]
    assert sorted(map(int, number_of.values())) == list(range(files.nodes))
    visits = content(tmp_path / "rows" / "VISITED-Person-Pharmacy.csv")
    assert [(v[":START_ID"], v[":END_ID"], v["n:long"]) for v in visits] == [
        (number_of["Person", "P1"], number_of["Pharmacy", "X1"], "2")
    ]
    assert files.relationships == sum(e.rows for e in files.extracts if e.start)
    assert files.nodes == sum(e.rows for e in files.extracts if not e.start) + 1, "the node of the build itself"


def test_headers_carry_the_declared_kinds_and_the_arguments_name_every_file(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    files = written(tables, tmp_path)
    header = header_of(tmp_path / "rows" / "Settlement.csv").read_text(encoding="utf-8")
    assert header.startswith(":ID,settlement_id:string,kind:string,begin_at:localdatetime,")
    assert "total_fen:long" in header
    assert "is_manual:boolean" in header
    named = [a for a in files.arguments if a.startswith(("--nodes", "--relationships"))]
    present = {path.name for path in (tmp_path / "rows").glob("*.csv")}
    assert {Path(p).name for a in named for p in a.split("=")[2].split(",")} == present
    assert "--id-type=actual" in files.arguments
    assert not list((tmp_path / "rows").glob("*.parquet")), "what was joined in is deleted at once"


def test_an_empty_text_an_absent_one_and_hostile_ones_are_told_apart(tmp_path: Path) -> None:
    tables = tables_of(
        {
            "persons": [
                {"division": ""},
                {"division": None},
                {"division": 'say "hi", \\'},
                {"division": "two\nlines"},
                {"division": " a "},
            ]
        }
    )
    files = written(tables, tmp_path)
    text = (tmp_path / "rows" / "Person.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert re.match(r'0,P0,,,,"",', lines[0])
    assert re.match(r"1,P1,,,,,", lines[1])
    assert [row["division:string"] for row in content(tmp_path / "rows" / "Person.csv")] == [
        "",
        "",
        'say "hi", \\',
        "two\nlines",
        " a ",
    ]
    assert "--multiline-fields=rows/Person.csv" in files.arguments


def test_files_without_line_breaks_are_read_in_parallel(tables: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert not [a for a in written(tables, tmp_path).arguments if a.startswith("--multiline")]


def test_a_lost_end_and_a_missing_key_stop_it_without_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = tables_of(
        {
            "persons": [{"person_id": "secret"}],
            "sites": [{"kind": "institution"}],
            "visited": [{"person_no": 0, "site_no": 0, "n": 1}],
        }
    )

    monkeypatch.setattr(
        bulk, "node_sql", lambda node: f"SELECT * FROM ({node_sql(node)}) WHERE {node.label != 'Institution'}"
    )
    with pytest.raises(StoreError, match="VISITED: 1 relationships lead to 0 pairs") as caught:
        written(tables, tmp_path)
    assert "secret" not in str(caught.value)
    monkeypatch.setattr(
        bulk,
        "node_sql",
        lambda node: f"SELECT * REPLACE (NULL AS {node.key.name}) FROM ({node_sql(node)})",
    )
    with pytest.raises(StoreError, match="1 of 1 Person have no key"):
        written(tables, tmp_path)
