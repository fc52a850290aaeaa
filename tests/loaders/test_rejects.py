"""Rows that are wrong: each is kept with file, line, column, masked value and reason, and never staged."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import duckdb
import pytest

from graphaudit.errors import SourceError
from loaders import StageOptions, stage_source
from tests.loaders.conftest import Stage
from tests.loaders.source_builder import KEY, SITE, Staged, as_csv, line, settlement, stage_folder, write

NAME, CERTIFICATE, PHONE = "欧阳若兮", "330102199001010011", "13957100001"
PERSONAL = (NAME, CERTIFICATE, PHONE)


def bad(setl_id: str, **given: Any) -> dict[str, Any]:
    return settlement(setl_id, psn_name=NAME, certno=CERTIFICATE, tel=PHONE, **given)


# Line 1 is the header: the position in this list plus 2 is the line.
ROWS = [
    settlement("S01"),
    bad("1.23E+17"),
    bad("S03", psn_no="3.3010219900101E+17"),
    bad(""),
    bad("S05", setl_time="2026-02-30 10:00:00"),
    bad("S06", begndate="0026-01-01"),
    bad("S07", medfee_sumamt="abc"),
    bad("S08", medfee_sumamt=""),
    bad("S09", fund_pay_sumamt="#VALUE!"),
    bad("S10", medfee_sumamt="-5", fund_pay_sumamt="-5", psn_pay="0", acct_pay="0", cash_payamt="0"),
    bad("S11", fund_pay_sumamt="-70"),
    bad("S12", psn_no=""),
    bad("S13", setl_time=""),
    bad("S14", medfee_sumamt="=1+1"),
    bad("S15", ssc_cardno="1.2E+15"),
    bad("D1"),
    bad("D1"),
    bad("D2"),
    bad("D2", medfee_sumamt="99.00", fund_pay_sumamt="69.00"),
    bad("R3", init_setl_id="nowhere", refd_setl_flag="1", medfee_sumamt="-100", fund_pay_sumamt="-70", psn_pay="-30",
        acct_pay="-20", cash_payamt="-10"),
    settlement("S22", fixmedins_code=""),
    settlement("S23", setl_time="not a time at all"),
    settlement("S24"),
]  # fmt: skip
EXPECTED = [
    (3, "setl_id", "number damaged by a spreadsheet; export ids as text", "1.***17"),
    (4, "psn_no", "number damaged by a spreadsheet; export ids as text", "3.***17"),
    (5, "setl_id", "empty", ""),
    (6, "setl_time", "not a date, or an impossible one", "20***00"),
    (7, "begndate", "not a date, or an impossible one", "0026-01-01"),
    (8, "medfee_sumamt", "not an amount", "***"),
    (9, "medfee_sumamt", "empty", ""),
    (10, "fund_pay_sumamt", "not an amount", "***"),
    (11, "", "negative total that is no refund", ""),
    (12, "", "negative part of a positive total", ""),
    (13, "psn_no", "empty", ""),
    (14, "setl_time", "empty, and so is begndate", ""),
    (15, "medfee_sumamt", "not an amount", "***"),
    (16, "ssc_cardno", "number damaged by a spreadsheet; export ids as text", "***"),
    (19, "setl_id", "rows with one key but different contents", "***"),
    (20, "setl_id", "rows with one key but different contents", "***"),
    (21, "init_setl_id", "refund without an original", "***"),
    (22, "fixmedins_code", "empty", ""),
    (23, "setl_time", "not a date, or an impossible one", "no***ll"),
]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    folder = tmp_path_factory.mktemp("rejects")
    return stage_folder(write(folder / "source", {"setl_d": ROWS}), folder / "out", max_rejected_share=0.9)


def test_every_rejected_row_is_kept_with_file_line_column_masked_value_and_reason(staged: Staged) -> None:
    found = [(int(row["line"]), row["column"], row["reason"], row["value"]) for row in staged.rejects]
    assert found == EXPECTED
    assert {(row["table"], row["file"]) for row in staged.rejects} == {("setl_d", "setl_d.csv")}


def test_no_rejected_row_is_staged_and_a_repeated_row_counts_once(staged: Staged) -> None:
    assert staged.column("settlements", "settlement_id") == ["D1", "S01", "S24"]
    assert staged.table("setl_d").aside == {"duplicate row": 1}
    assert staged.report.rows_rejected == len(EXPECTED)


def test_rows_in_are_rows_staged_set_aside_and_rejected(staged: Staged) -> None:
    table = staged.table("setl_d")
    assert table.read == len(ROWS) == table.staged + sum(table.aside.values()) + sum(table.rejected.values())


def test_nothing_personal_is_in_the_rejects_or_the_report(staged: Staged) -> None:
    written = staged.rejects_file.read_text(encoding="utf-8") + staged.report.readable() + repr(staged.report.as_dict())
    for value in (*PERSONAL, "330100000001", "1.23E+17"):
        assert value not in written


def test_no_cell_of_the_rejects_begins_a_formula(stage: Stage) -> None:
    rows = [settlement("S1"), settlement("S2", setl_time="=HYPERLINK(1)"), settlement("S3", setl_time="@1"),
            settlement("S4", medfee_sumamt="--1")]  # fmt: skip
    staged = stage({"setl_d": rows}, max_rejected_share=1)
    assert len(staged.rejects) == 3
    for row in staged.rejects:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_too_many_rejected_rows_stop_the_load_and_say_which(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = write(tmp_path / "source", {"setl_d": ROWS})
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as caught:
        stage_folder(source, tmp_path / "out", max_rejected_share=0.05)
    assert "setl_d: 18 of 23 rows rejected" in caught.value.detail
    assert "0.05" in caught.value.detail
    assert "not a date, or an impossible one in column setl_time: 2 (for example setl_d.csv, line 6: 20***00)" in (
        caught.value.detail
    )
    assert "max_rejected_share" in caught.value.hint
    for value in PERSONAL:
        assert value not in f"{caught.value}{caplog.text}"


def test_the_rejected_rows_of_a_stopped_load_are_kept_and_nothing_else(tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"setl_d": ROWS})
    with pytest.raises(SourceError, match="file of rejected rows") as caught:
        stage_folder(source, tmp_path / "out", max_rejected_share=0.05)
    assert caught.value.hint
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rejects.csv"]
    assert (tmp_path / "out" / "rejects.csv").read_text(encoding="utf-8").count("\n") == 19


@pytest.mark.parametrize(("share", "stops"), [(0.5, False), (0.49, True)])
def test_the_limit_is_a_share_that_may_just_be_reached(stage: Stage, share: float, stops: bool) -> None:
    rows = [settlement("S1"), settlement("S2", medfee_sumamt="x")]
    if stops:
        with pytest.raises(SourceError, match="1 of 2 rows rejected"):
            stage({"setl_d": rows}, max_rejected_share=share)
    else:
        assert stage({"setl_d": rows}, max_rejected_share=share).report.rows_rejected == 1


def test_a_few_bad_rows_of_a_small_optional_table_do_not_stop_the_load(stage: Stage) -> None:
    lines = [line("L1", "S1"), line("L2", "S1", det_item_fee_sumamt="x"), line("", "S1")]
    staged = stage({"setl_d": [settlement("S1")], "fee_list_d": lines})
    assert [(row["table"], row["line"], row["column"]) for row in staged.rejects] == [
        ("fee_list_d", "3", "det_item_fee_sumamt"), ("fee_list_d", "4", "bkkp_sn"),
    ]  # fmt: skip
    assert staged.column("lines", "line_id") == ["L1"]


def test_many_bad_rows_of_an_optional_table_stop_it(stage: Stage) -> None:
    lines = [line(f"L{n}", "S1", cnt="x" if n < 20 else "1") for n in range(100)]
    with pytest.raises(SourceError, match="fee_list_d: 20 of 100 rows rejected"):
        stage({"setl_d": [settlement("S1")], "fee_list_d": lines})


def test_lines_that_cannot_be_split_are_rejected_and_later_lines_keep_their_numbers(
    source: Path, tmp_path: Path
) -> None:
    lines = as_csv([settlement(f"S{n}", psn_name=NAME) for n in range(1, 7)]).splitlines()
    lines[2] = lines[2].rsplit(",", 3)[0]
    lines[4] += ",one,more"
    (source / "setl_d.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out", max_rejected_share=0.5)
    assert [(row["line"], row["reason"], row["value"]) for row in staged.rejects] == [
        ("3", "fewer cells than the header", "***"), ("5", "more cells than the header", "***"),
    ]  # fmt: skip
    assert staged.rows("settlements", "settlement_id", "source_line") == [("S1", 2), ("S3", 4), ("S5", 6), ("S6", 7)]
    assert staged.table("setl_d").read == 6


@pytest.mark.parametrize(("encoding", "broken"), [("utf-8", b"\xc4\xe3"), ("gbk", b"\xff\xff")])
def test_a_line_in_another_encoding_is_rejected_alone(
    source: Path, tmp_path: Path, encoding: str, broken: bytes
) -> None:
    lines = as_csv([settlement(f"S{n:02}", psn_name=NAME) for n in range(40)]).encode(encoding).splitlines()
    lines[7] = lines[7].replace(NAME.encode(encoding), broken)
    (source / "setl_d.csv").write_bytes(b"\n".join(lines) + b"\n")
    staged = stage_folder(source, tmp_path / "out")
    assert [(row["line"], row["reason"]) for row in staged.rejects] == [
        ("8", "bytes that are no text in the file's encoding")
    ]
    assert len(staged.rows("settlements")) == 39


@pytest.mark.parametrize("rows", [30, 30_000])
def test_a_quote_that_is_never_closed_stops_the_load_for_it_swallows_rows(
    source: Path, tmp_path: Path, rows: int
) -> None:
    lines = as_csv([settlement(f"S{n}", psn_name=NAME) for n in range(rows)]).splitlines()
    lines[10] = lines[10].replace(f",{NAME}", f',"{NAME}')
    (source / "setl_d.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"setl_d\.csv, line 11: a quotation mark is opened") as caught:
        stage_folder(source, tmp_path / "out", max_rejected_share=1)
    assert "written twice" in caught.value.hint
    assert NAME not in str(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_text_behind_a_closing_quote_rejects_its_line_alone(source: Path, tmp_path: Path) -> None:
    lines = as_csv([settlement(f"S{n}", psn_name="x") for n in range(4)]).splitlines()
    lines[2] = lines[2].replace(",x", ',"x"y')
    (source / "setl_d.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out", max_rejected_share=0.5)
    assert [(row["line"], row["reason"]) for row in staged.rejects] == [("3", "quotes do not match")]
    assert staged.column("settlements", "source_line") == [2, 4, 5]


def test_windows_line_ends_are_line_ends(source: Path, tmp_path: Path) -> None:
    text = as_csv([settlement("S1"), settlement("S2", medfee_sumamt="x"), settlement("S3")])
    (source / "setl_d.csv").write_bytes(text.replace("\n", "\r\n").encode())
    staged = stage_folder(source, tmp_path / "out", max_rejected_share=0.5)
    assert [row["line"] for row in staged.rejects] == ["3"]
    assert staged.column("settlements", "source_line") == [2, 4]


def test_a_parquet_row_is_counted_from_one(source: Path, tmp_path: Path) -> None:
    text = tmp_path / "rows.csv"
    text.write_text(as_csv([settlement("S1"), settlement("S2", medfee_sumamt="x"), settlement("S3")]), encoding="utf-8")
    target = source / "setl_d.parquet"
    duckdb.sql(f"COPY (FROM read_csv('{text}', all_varchar = true)) TO '{target}' (FORMAT parquet)")
    staged = stage_folder(source, tmp_path / "out", max_rejected_share=0.5)
    assert [(row["file"], row["line"]) for row in staged.rejects] == [("setl_d.parquet", "2")]
    assert staged.column("settlements", "source_line") == [1, 3]


def test_rejects_may_be_parquet(source: Path, tmp_path: Path) -> None:
    write(source, {"setl_d": [settlement("S1"), settlement("S2", medfee_sumamt="x")]})
    target = tmp_path / "rejects.parquet"
    stage_source(source, tmp_path / "tables", rejects=target, key=KEY, options=StageOptions(max_rejected_share=1))
    assert duckdb.sql(f"SELECT * FROM read_parquet('{target}')").fetchall() == [
        ("setl_d", "setl_d.csv", 3, "medfee_sumamt", "***", "not an amount")
    ]


HOSTILE = ["'; DROP TABLE checked.setl_d; --", '" OR 1=1 --', "=cmd|' /C calc'!A0", "}) MATCH (n) DETACH DELETE n //",
           "$tolerance", "\\", "%s {0} {{x}}", "a'||'b", "<script>alert(1)</script>", "𠮷🀄"]  # fmt: skip


def test_text_in_a_cell_stays_text_whatever_it_says(stage: Stage) -> None:
    rows = [
        settlement(f"S{n}{text}", psn_no=f"P{text}", psn_name=text, dise_no=text, med_type=text, invono=text,
                   chfpdr_code=text, opter_id=text, mdtrt_cert_no=text, tel=text, addr=text, emp_no=text)
        for n, text in enumerate(HOSTILE)
    ]  # fmt: skip
    staged = stage({"setl_d": rows})
    assert staged.column("settlements", "settlement_id") == sorted(row["setl_id"] for row in rows)
    # A leading quotation mark is what a spreadsheet writes before an id; in a name it stays.
    assert set(staged.column("settlements", "invoice_no")) == {text.removeprefix("'") for text in HOSTILE}
    assert {name for kind, name in staged.rows("identities", "kind", "name") if kind == "person"} == set(HOSTILE)
    assert staged.rows("sites", "site_id") == [(SITE,)]


def test_absurd_numbers_in_optional_cells_do_not_stop_the_load(stage: Stage) -> None:
    tables = {
        "setl_d": [settlement("S1", brdy="/Date(999999999999999999)/", dscg_way="5")],
        "fee_list_d": [line("L1", "S1", prd_days="1e15", cnt="1e300")],
        "medins_info_b": [{"medins_code": SITE, "aprv_bed_cnt": "9e18", "lnt": "x", "lat": "inf"}],
    }
    staged = stage(tables)
    assert staged.one("lines", "days") is None
    assert staged.one("sites", "beds", "longitude", "latitude") == (None, None, None)
    assert staged.table("medins_info_b").notes == {
        "not understood and left blank: lat": 1, "not understood and left blank: lnt": 1,
    }  # fmt: skip


def test_references_to_absent_persons_sites_and_settlements_make_them_known_or_are_set_aside(stage: Stage) -> None:
    tables = {
        "setl_d": [settlement("S1", psn_no="9", fixmedins_code="H9")],
        "psn_info_b": [{"psn_no": "1", "mob": PHONE}],
        "fixmedins_b": [{"fixmedins_code": SITE, "fixmedins_name": "某院"}],
        "fee_list_d": [line("L1", "S1"), line("L2", "S8")],
        "cent_manl_reim_reg_d": [{"med_fee_reg_id": "F1", "mdtrt_id": "V8", "psn_no": "8"}],
        "med_dfr_d": [{"dfr_id": "D1", "souc_sn": "S8", "dfr_sumamt": "1"}],
        "opsp_reg_d": [{"trt_dcla_detl_sn": "T1", "psn_no": "7", "ide_fixmedins_no": "H7", "diag_dr_code": "D7"}],
        "benign_register": [{"kind": "nursing_home", "person": "nobody"}],
    }
    staged = stage(tables)
    source = [row[2] for row in staged.rows("identities", "kind", "no", "source_id") if row[0] == "person"]
    assert source == ["1", "7", "8", "9"]
    assert staged.column("sites", "site_id") == [SITE, "H7", "H9"]
    assert staged.one("manual_cases", "settlement_no") is None
    assert staged.table("fee_list_d").aside == {"line of a settlement that is not in the source": 1}
    assert staged.table("med_dfr_d").aside == {"payment of another business": 1}
    assert staged.table("benign_register").aside == {"entry about nobody in the source": 1}
    assert not staged.rejects
    for table in staged.report.tables:
        assert table.balanced, table.name
