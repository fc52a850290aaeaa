"""Exports: the contract as JSON, spreadsheets that open without harm, files that are whole or not there."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from graphaudit.errors import ConfigurationError, NotFoundError
from graphaudit.leads.export import LEAD_COLUMNS, MEMBER_COLUMNS, harmless, write_csv, write_json, write_xlsx
from graphaudit.leads.identities import read_identities, with_source_ids

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")')


def lead(rank: int, **changes: Any) -> dict[str, Any]:
    return {
        "rank": rank,
        "id": f"L-{rank}",
        "build_id": "b1",
        "score": 0.9,
        "q_value": None,
        "pattern": "hoarded_cards",
        "title": {"zh": "疑似集中刷卡", "en": "Cards swiped together"},
        "members": [
            {"type": "person", "id": "p-1", "role": "card_holder", "strength": 0.9},
            {"type": "pharmacy", "id": "P33", "role": "site", "strength": 1.0},
        ],
        "amount": {"fund": 10.5, "account": 0.0, "total": 1234.05},
        "priority": 3.0,
        "period": {"from": "2026-01-03", "to": "2026-06-28"},
        "evidence": [],
        "benign_explanations": [],
        "would_clear": None,
        "legal_basis": [],
        "status": "new",
        "contributions": [],
        "kept_inside": True,
        **changes,
    }


def test_json_follows_the_contract_in_rank_order(tmp_path: Path) -> None:
    write_json([lead(2), lead(1)], tmp_path / "leads.json")
    rows = json.loads((tmp_path / "leads.json").read_text(encoding="utf-8"))
    assert [row["rank"] for row in rows] == [1, 2]
    assert "kept_inside" not in rows[0]
    assert list(rows[0])[:4] == ["rank", "id", "build_id", "score"]
    assert "疑似" in (tmp_path / "leads.json").read_text(encoding="utf-8")


def test_csv_has_one_row_a_lead_and_a_second_file_with_one_row_a_member(tmp_path: Path) -> None:
    files = write_csv([lead(1), lead(2)], tmp_path / "leads.csv", language="zh")
    assert [path.name for path in files] == ["leads.csv", "leads.members.csv"]
    assert files[0].read_bytes().startswith(b"\xef\xbb\xbf")
    with files[0].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == LEAD_COLUMNS
    assert rows[1][5:10] == ["疑似集中刷卡", "1", "1", "10.5", "1234.05"]
    with files[1].open(encoding="utf-8-sig", newline="") as file:
        members = list(csv.reader(file))
    assert tuple(members[0]) == MEMBER_COLUMNS
    assert len(members) == 5


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_cell_holding_a_formula_is_harmless_in_csv(tmp_path: Path, formula: str) -> None:
    members = [{"type": "person", "id": formula, "role": "card_holder", "strength": 1.0}]
    write_csv([lead(1, title={"zh": formula, "en": formula}, members=members)], tmp_path / "x.csv")
    for name, column in (("x.csv", 5), ("x.members.csv", 3)):
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
            cell = list(csv.reader(file))[1][column]
        assert cell == f"'{formula}"


@pytest.mark.parametrize("formula", [f for f in FORMULAS if not f.startswith(("\t", "\r"))])
def test_a_cell_holding_a_formula_is_harmless_in_xlsx(tmp_path: Path, formula: str) -> None:
    members = [{"type": "person", "id": formula, "role": "card_holder", "strength": 1.0}]
    write_xlsx([lead(1, title={"zh": formula, "en": formula}, members=members)], tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    for sheet, column in (("leads", 6), ("members", 4)):
        cell = book[sheet].cell(2, column)
        assert cell.data_type == "s"
        assert cell.value == f"'{formula}"
    book.close()


def test_a_workbook_has_two_sheets_with_fixed_headers_and_numbers_as_numbers(tmp_path: Path) -> None:
    write_xlsx([lead(1)], tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["leads", "members"]
    assert [cell.value for cell in book["leads"][1]] == list(LEAD_COLUMNS)
    assert book["leads"].freeze_panes == "A2"
    assert book["leads"].cell(2, 10).value == 1234.05
    assert book["leads"].cell(2, 4).value is None
    assert book["leads"].cell(2, 6).value == "Cards swiped together"
    book.close()


def test_an_ordinary_text_stays_as_it_is() -> None:
    assert harmless("疑似集中刷卡 = x") == "疑似集中刷卡 = x"


@pytest.mark.parametrize("write", [write_json, write_csv, write_xlsx])
def test_an_export_into_nowhere_says_so_and_leaves_nothing(tmp_path: Path, write: Any) -> None:
    with pytest.raises(ConfigurationError, match="no folder"):
        write([lead(1)], tmp_path / "absent" / "leads.x")
    with pytest.raises(ConfigurationError, match="is a folder"):
        write([lead(1)], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    write_json([lead(1)], tmp_path / "leads.json")
    before = (tmp_path / "leads.json").read_bytes()
    with pytest.raises(KeyError):
        write_json([{"rank": 1}], tmp_path / "leads.json")
    assert (tmp_path / "leads.json").read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["leads.json"]


@pytest.fixture
def build_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "b1"
    (folder / "tables").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE i (kind VARCHAR, no INTEGER, id VARCHAR, source_id VARCHAR, name VARCHAR)")
        connection.execute(
            "INSERT INTO i VALUES ('person', 0, 'p-1', '330001', '张三'), ('site', 0, 'P33', 'P33', '药店')"
        )
        connection.execute("INSERT INTO i VALUES ('phone', 0, 'p-1', '13800000000', NULL)")
        connection.execute("COPY i TO $path (FORMAT parquet)", {"path": str(folder / "tables" / "identities.parquet")})
    return folder


def test_source_ids_take_the_place_of_pseudonyms(build_folder: Path) -> None:
    leads = [lead(1)]
    identities = read_identities(build_folder, leads)
    members = with_source_ids(leads, identities)[0]["members"]
    assert [member["id"] for member in members] == ["330001", "P33"]
    assert "name" not in members[0]
    assert with_source_ids(leads, identities, names=True)[0]["members"][0]["name"] == "张三"
    assert leads[0]["members"][0]["id"] == "p-1"


def test_a_member_that_the_build_does_not_know_is_an_error_without_its_id(build_folder: Path) -> None:
    unknown = lead(1, members=[{"type": "person", "id": "p-404", "role": "x", "strength": 1.0}])
    with pytest.raises(NotFoundError) as caught:
        read_identities(build_folder, [unknown])
    assert "p-404" not in str(caught.value)


def test_identities_that_are_gone_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no longer kept"):
        read_identities(tmp_path / "b9", [lead(1)])
    with pytest.raises(NotFoundError, match="no longer kept"):
        read_identities(tmp_path / "b9", [])
