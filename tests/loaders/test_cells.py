"""How a single cell is read: the engine's macros over text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from loaders import StageOptions
from loaders.nhsa.knowledge import read_knowledge
from loaders.sources.delimited import EMPTY_WORDS
from loaders.staging import _teach
from loaders.workspace import Workspace, open_workspace

Read = Callable[..., Any]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """An engine that knows the macros and code tables."""
    target: Path = tmp_path_factory.mktemp("cells") / "tables"
    with open_workspace(StageOptions(threads=1), target) as opened:
        _teach(opened, read_knowledge())
        yield opened


@pytest.fixture(scope="module")
def read(workspace: Workspace) -> Read:
    """Apply a macro to a value."""
    return lambda macro, *values: workspace.one(
        f"SELECT {macro}({', '.join(f'${n}' for n in 'abc'[: len(values)])})",
        dict(zip("abc", values, strict=False)),
    )


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("12.30", 1230),
        ("12.3", 1230),
        ("12", 1200),
        ("-0.01", -1),
        ("0.005", 1),
        ("1,234.56", 123456),
        ("1，234.56", 123456),
        ("¥1 234.50元", 123450),
        ("1234567890.12", 123456789012),
        ("1e3", 100000),
        ("-1.005", -101),
        ("330009810475", 33000981047500),
        ("999999999999.994", 99999999999999),
        ("99999999999999999", None),
        ("12.30.1", None),
        ("twelve", None),
        ("#REF!", None),
        ("inf", None),
    ],
)
def test_an_amount_in_yuan_becomes_whole_fen(read: Read, cell: str, fen: int | None) -> None:
    assert read("as_fen", cell) == fen


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-01-05", datetime(2026, 1, 5)),
        ("2026-01-05 09:30:15", datetime(2026, 1, 5, 9, 30, 15)),
        ("2026-01-05 09:30:15.250", datetime(2026, 1, 5, 9, 30, 15, 250000)),
        ("2026-1-5 9:03", datetime(2026, 1, 5, 9, 3)),
        ("2026/1/5", datetime(2026, 1, 5)),
        ("2026/1/5 9:03:00", datetime(2026, 1, 5, 9, 3)),
        ("2026-01-05T09:30:15", datetime(2026, 1, 5, 9, 30, 15)),
        ("2026-01-05T01:30:15Z", datetime(2026, 1, 5, 9, 30, 15)),
        ("2026-01-05T09:30:15.000+08:00", datetime(2026, 1, 5, 9, 30, 15)),
        ("2026-01-05T09:30:15+0800", datetime(2026, 1, 5, 9, 30, 15)),
        ("20260105", datetime(2026, 1, 5)),
        ("20260105093015", datetime(2026, 1, 5, 9, 30, 15)),
        ("2026.01.05", datetime(2026, 1, 5)),
        ("2026年1月5日", datetime(2026, 1, 5)),
        ("2026-01-05T01:30Z", datetime(2026, 1, 5, 9, 30)),
        ("05-JAN-26", datetime(2026, 1, 5)),
        ("05-JAN-2026", datetime(2026, 1, 5)),
        ("/Date(1767576615000)/", datetime(2026, 1, 5, 9, 30, 15)),
        ("2026-02-30", None),
        ("2026-13-01", None),
        ("20260230", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("45678", None),
        ("-infinity", None),
        ("infinity", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_read_in_every_spelling_and_an_impossible_one_is_none(
    read: Read, cell: str, moment: datetime | None
) -> None:
    read_time = read("as_time", cell)
    assert (None if read_time is None else read("in_range", read_time)) == moment


@pytest.mark.parametrize(
    ("cell", "identifier"),
    [
        ("0012", "0012"),
        ("'0012", "0012"),
        ('="0012"', "0012"),
        ("12.0", "12"),
        ("J10.0", "J10.0"),
        ("张三", "张三"),
        ("-", "-"),
    ],
)
def test_an_id_loses_only_what_a_spreadsheet_or_a_data_frame_added(read: Read, cell: str, identifier: str) -> None:
    assert read("as_id", cell) == identifier


@pytest.mark.parametrize(
    ("cell", "damaged"),
    [("1.23E+17", True), ("1.23e+17", True), ("'1.23E+17", True), ("4.40E17", True), ("1E+17", True), ("1234", False),
     ("A+B", False), ("4E12", False), ("H1E+17", False)],
)  # fmt: skip
def test_a_number_in_scientific_notation_is_damaged(read: Read, cell: str, damaged: bool) -> None:
    assert read("is_damaged", cell) is damaged


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1", "01"),
        ("01", "01"),
        ("1.0", "01"),
        ("'1", "01"),
        ("11", "11"),
        ("140101", "140101"),
        ("A2", "A2"),
        ("A", "A"),
    ],
)
def test_a_code_gets_its_leading_zeros_back_and_nothing_else(read: Read, cell: str, code: str) -> None:
    assert read("as_code", cell, 2) == code


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("13957100001", "13957100001"),
        ("+86 139 5710 0001", "13957100001"),
        ("0086-13957100001", "13957100001"),
        ("8613957100001", "13957100001"),
        ("0571-8765 4321", "057187654321"),
        ("本人13957100001", "13957100001"),
        ("13800138000", None),
        ("11111111111", None),
        ("00000000000", None),
        ("12345678901", None),
        ("110", None),
        ("无", None),
    ],
)
def test_a_placeholder_is_no_phone_and_one_number_has_one_spelling(read: Read, cell: str, phone: str | None) -> None:
    assert read("as_phone", cell) == phone


@pytest.mark.parametrize(
    ("cell", "doctor"),
    [("D330102000001", "D330102000001"), ("未知", None), ("unknown", None), ("0", None), ("000000", None),
     ("9999", None),     ("-", None), ("无", None), ("n/a", None)],
)  # fmt: skip
def test_a_filler_is_no_doctor(read: Read, cell: str, doctor: str | None) -> None:
    assert read("known_doctor", cell) == doctor


@pytest.mark.parametrize(
    ("cell", "tidied"),
    [("  a b ", "a b"), ("\t330102", "330102"), ("330102\t", "330102"), ("　张三　", "张三"), ("   ", None),
     ("\t", None),     ("a", "a"), ("a\r", "a\r")],
)  # fmt: skip
def test_what_stands_around_a_cell_is_nothing(read: Read, cell: str, tidied: str | None) -> None:
    assert read("tidy_text", cell) == tidied


_ODD_CELLS = (
    None, "", " ", "\t", "　", "x ", " x", "x\t", "　x　", "x　", "、x", "{x", "~", "É1", "0", "1", "1 ", "01", "'0012",
    '="0012"', "12.0", "A1.0", "7", "住院", " 住院 ", "Y", "是", "1.23E+17", " 1.23e+17 ", "　1.2E+17 ", "4E12", "E9.5",
    "J06.900", "-5", "+7", " 12.5 ", "1,234.50", "¥12", "12.345", "inf", "nan", " inf", "1e400", "99999999999999999",
    "2026-01-05", " 2026-01-05 09:30:15 ", "2026/1/5", "2026-01-05T01:30Z", "2026-01-05T01:30Z  ", "2026-02-30",
    "2026-01-05T09:30:15.000+08:00", "0001-01-01", "9999-12-31", "infinity", " epoch", "12-JAN-26", "20260105",
    "/Date(1767225600000)/", "2026年1月5日", "2026-01-05 25:00:00",
)  # fmt: skip


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("quick_id(x, [])", "as_id(tidy(x))"),
        ("coalesce(cell_is_damaged(x), false)", "is_damaged(tidy(x))"),
        ("quick_text(x, [])", "tidy_text(x)"),
        ("quick_flag(x, [])", "as_flag(tidy(x))"),
        ("quick_code(x, [], 1, NULL, names)", "code_or_name(as_code(tidy_text(x), 1), NULL, names)"),
        ("quick_code(x, [], 2, NULL, names)", "code_or_name(as_code(tidy_text(x), 2), NULL, names)"),
        ("quick_code(x, [], 3, NULL, names)", "code_or_name(as_code(tidy_text(x), 3), NULL, names)"),
        ("settled_fen(quick_yuan(x), x, [])", "as_fen(tidy(x))"),
        ("settled_number(quick_number(x), x, [])", "as_number(tidy(x))"),
        ("settled_time(quick_time(x), x, [])", "in_range(as_time(tidy(x)))"),
    ],
)
def test_the_short_way_to_read_a_cell_leads_where_the_long_does(workspace: Workspace, short: str, long: str) -> None:
    cells = {"cells": list(_ODD_CELLS)}
    table = "(SELECT unnest($cells::VARCHAR[]) AS x, map(['住院'], ['21']) AS names)"

    ways = workspace.run(f"SELECT x, {short}, {long} FROM {table}", cells)

    assert [row[:2] for row in ways] == [(x, taken) for x, _, taken in ways]
    assert len({str(taken) for _, _, taken in ways}) > 1, "the cells tell the ways apart"


@pytest.mark.parametrize("word", EMPTY_WORDS)
def test_a_word_for_an_empty_cell_is_nothing_whatever_the_column_holds(workspace: Workspace, word: str) -> None:
    ways = workspace.run(
        """SELECT quick_id(x, w), quick_text(x, w), quick_flag(x, w), quick_code(x, w, 2, NULL, map(['住院'], ['21'])),
            settled_fen(quick_yuan(x), x, w), settled_number(quick_number(x), x, w), settled_time(quick_time(x), x, w)
        FROM (SELECT $word AS x, $words::VARCHAR[] AS w)""",
        {"word": word, "words": list(EMPTY_WORDS)},
    )

    assert set(ways[0]) == {None}


@pytest.mark.parametrize(
    ("cell", "personal", "shown"),
    [
        ("330102199001010011", True, "33***11"),
        ("张三", True, "***"),
        ("12.50.1", False, "12.50.1"),
        ("12.50.1", True, "***"),
        ("2026-02-30", False, "2026-02-30"),
        ("330102199001010011", False, "33***11"),
        ("=cmd|' /C calc'!A0", False, "'=c***A0"),
        ("-5", False, "'-5"),
        ("@SUM(A1:A9)", False, "'@S***9)"),
    ],
)
def test_a_rejected_value_is_masked_and_begins_no_formula(read: Read, cell: str, personal: bool, shown: str) -> None:
    assert read("shown", cell, personal) == shown


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("81000000000000000001", ["81000000000000000001"]),
        ("81000000000000000001,81000000000000000002", ["81000000000000000001", "81000000000000000002"]),
        ('[{"drug_trac_codg":"81000000000000000001"}]', ["81000000000000000001"]),
        ("81000000000000000001;81000000000000000001", ["81000000000000000001"]),
    ],
)
def test_one_cell_may_hold_several_trace_codes(read: Read, cell: str, codes: list[str]) -> None:
    assert read("trace_codes", cell) == codes


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("杭州市上城区 1号", "杭州市上城区1号"),
        ("杭州市,上城区。1号", "杭州市上城区1号"),
        ("无", None),
        ("不详", None),
        ("杭州市", None),
    ],
)
def test_an_address_has_one_spelling_and_a_town_is_none(read: Read, cell: str, address: str | None) -> None:
    assert read("as_address", cell) == address


@pytest.mark.parametrize(
    ("cell", "locality"),
    [
        ("安和市3区12村45号", "安和市3区12村"),
        ("安和市3区12村四组7号", "安和市3区12村"),
        ("平安镇东风路1号院3号楼2单元401室", "平安镇东风路"),
        ("红旗街道幸福社区8栋", "红旗街道幸福社区"),
        ("青山区第三社区阳光花园 12-3-401", "青山区第三社区阳光花园"),
        ("青山区三里村", "青山区三里村"),
        ("一组25号楼", None),
        ("杭州市", None),
    ],
)
def test_a_locality_is_what_stands_before_the_house(read: Read, cell: str, locality: str | None) -> None:
    address = read("as_address", cell)
    assert (address and read("as_locality", address)) == locality
