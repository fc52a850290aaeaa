"""Headers: how they are matched to columns, and what of them may be shown."""

from __future__ import annotations

import pytest

from loaders.nhsa.catalog import SOURCES, source
from loaders.nhsa.knowledge import read_knowledge
from loaders.sources.headers import match_headers, missing_columns, nearest, plain, shown_header


@pytest.mark.parametrize(
    "spelling", ["setl_id", "SETL_ID", "setlId", "SetlId", "t.setl_id", '"SETL_ID"', "Setl-Id", " setl id "]
)
def test_case_underscores_quotes_and_table_prefix_do_not_matter(spelling: str) -> None:
    assert plain(spelling) == "setlid"


def test_a_columns_own_name_wins_over_an_alias() -> None:
    match = match_headers(source("setl_d"), ["psn_part_amt", "psn_pay"], read_knowledge().aliases)
    assert match.columns == {"psn_pay": 1}
    assert match.unknown == ("psn_part_amt",)


def test_a_repeated_header_counts_once() -> None:
    match = match_headers(source("setl_d"), ["setl_id", "SETL_ID"], {})
    assert match.columns == {"setl_id": 0}
    assert match.unknown == ("SETL_ID",)


def test_a_name_column_is_the_twin_of_its_code() -> None:
    match = match_headers(source("setl_d"), ["med_type", "medTypeName", "psn_name"], {})
    assert match.twins == {"med_type": 1}
    assert match.columns == {"med_type": 0, "psn_name": 2}


def test_of_alternatives_one_is_enough() -> None:
    header = ["setl_id", "psn_no", "fixmedins_code", "medfee_sumamt"]
    setl_d = source("setl_d")
    assert missing_columns(setl_d, [match_headers(setl_d, header, {})]) == ["setl_time or begndate"]
    assert missing_columns(setl_d, [match_headers(setl_d, [*header, "BEGNDATE"], {})]) == []


def test_the_nearest_headers_are_proposed() -> None:
    assert nearest("fixmedins_code", ["fixmedins_codg", "psn_no"]) == ["fixmedins_codg"]


@pytest.mark.parametrize("header", ["SETL_ID", "psnNo", "t.psn_no", "结算流水号", "人员姓名", "医院等级", "col_1"])
def test_a_column_name_may_be_shown(header: str) -> None:
    assert shown_header(header) == header


@pytest.mark.parametrize(
    "cell", ["欧阳若兮", "魏红军", "330102199001010011", "13957100001", "2026-01-05", "", "no 4401021990"]
)
def test_what_could_be_a_cell_of_a_row_is_never_shown(cell: str) -> None:
    assert shown_header(cell) == "***"


@pytest.mark.parametrize("name", [declared.name for declared in SOURCES])
def test_no_two_columns_of_a_table_claim_one_header(name: str) -> None:
    declared, aliases = source(name), read_knowledge().aliases
    every = [field.name for field in declared.fields]
    assert match_headers(declared, every, aliases).columns == {field: place for place, field in enumerate(every)}
    chinese = [field.zh for field in declared.fields]
    assert len(set(chinese)) == len(chinese)
