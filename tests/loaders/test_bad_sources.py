"""A folder or file that cannot be used: a clear message with the next step, and nothing left behind."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from graphaudit.errors import ConfigurationError, SourceError
from loaders import StageOptions, stage_source
from tests.loaders.source_builder import KEY, as_csv, line, settlement, stage_folder, write

NAME, CERTIFICATE, PHONE = "欧阳若兮", "330102199001010011", "13957100001"
GOOD = [settlement("S1", psn_name=NAME, certno=CERTIFICATE, tel=PHONE)]
NOISE = random.Random(7).randbytes(200_000)


def write_good(folder: Path) -> None:
    (folder / "setl_d.csv").write_text(as_csv(GOOD), encoding="utf-8")


def without(column: str) -> str:
    return as_csv([{name: value for name, value in GOOD[0].items() if name != column}])


def parquet_bytes(folder: Path) -> bytes:
    path = folder / "whole.parquet"
    rows = ", ".join(f"('S{n}', '{n}', 'H1', '2026-01-05', '1.00')" for n in range(2000))
    names = "setl_id, psn_no, fixmedins_code, setl_time, medfee_sumamt"
    duckdb.sql(f"COPY (SELECT * FROM (VALUES {rows}) AS t({names})) TO '{path}' (FORMAT parquet)")
    whole = path.read_bytes()
    path.unlink()
    return whole


def damaged_inside(folder: Path) -> bytes:
    whole = bytearray(parquet_bytes(folder))
    whole[40 : len(whole) // 2] = b"\xff" * (len(whole) // 2 - 40)
    return bytes(whole)


@dataclass(frozen=True)
class Bad:
    """How the folder is spoilt, what the message must name, and what the next step must name."""

    spoil: Callable[[Path], object]
    names: tuple[str, ...]
    next_step: str


def file(name: str, content: str | bytes) -> Callable[[Path], object]:
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(data)


BAD: dict[str, Bad] = {
    "empty folder": Bad(lambda folder: None, ("empty",), "setl_d.csv"),
    "no setl_d": Bad(file("mdtrt_d.csv", "mdtrt_id\n1\n"), ("table setl_d was not found",), "setl_d.csv"),
    "no setl_d but a strange name": Bad(
        file("settle.csv", "a\n1\n"), ("setl_d was not found", "settle.csv"), "setl_d.csv"
    ),
    "only a workbook": Bad(file("setl_d.xlsx", b"PK\x03\x04"), ("setl_d was not found", "setl_d.xlsx"), "as CSV"),
    **{
        f"no column {column}": Bad(
            file("setl_d.csv", without(column)), ("setl_d.csv, line 1", column, "columns found: "), "aliases.csv"
        )
        for column in ("setl_id", "psn_no", "fixmedins_code", "setl_time", "medfee_sumamt")
    },
    "a column with a similar name": Bad(
        file("setl_d.csv", as_csv(GOOD).replace("fixmedins_code", "fixmedins_codg")),
        ("setl_d.csv, line 1", "fixmedins_code", "nearest: fixmedins_codg"), "aliases.csv",
    ),
    "a second file lacks a column": Bad(
        lambda folder: (write_good(folder), file("setl_d_2.csv", without("psn_no"))(folder)),
        ("setl_d_2.csv, line 1", "psn_no"), "aliases.csv",
    ),
    "header without rows": Bad(
        file("setl_d.csv", as_csv(GOOD).splitlines()[0] + "\n"), ("setl_d.csv, line 1", "without rows"), "export setl_d"
    ),
    "rows without a header": Bad(
        file("setl_d.csv", as_csv(GOOD).split("\n", 1)[1]), ("setl_d.csv, line 1", "values stand"), "column names"
    ),
    "empty file": Bad(file("setl_d.csv", b""), ("setl_d.csv", "empty"), "header"),
    "blank lines only": Bad(file("setl_d.csv", "\n\n\n"), ("setl_d.csv, line 1", "no header"), "header"),
    "truncated Parquet file": Bad(
        lambda folder: file("setl_d.parquet", parquet_bytes(folder)[:-200])(folder),
        ("setl_d.parquet", "truncated or damaged"), "copy the file again",
    ),
    "Parquet file damaged inside": Bad(
        lambda folder: file("setl_d.parquet", damaged_inside(folder))(folder),
        ("setl_d.parquet", "cannot be read to its end"), "copy the file again",
    ),
    "text named parquet": Bad(file("setl_d.parquet", as_csv(GOOD)), ("setl_d.parquet", "Parquet"), "export or copy"),
    "binary noise": Bad(file("setl_d.csv", NOISE), ("setl_d.csv, line", "binary data"), "CSV (UTF-8)"),
    "binary noise without zero bytes": Bad(
        file("setl_d.csv", NOISE.replace(b"\0", b"\xff")), ("setl_d.csv, line", "neither UTF-8 nor GBK"), "UTF-8"
    ),
    "workbook named csv": Bad(file("setl_d.csv", b"PK\x03\x04" + NOISE), ("setl_d.csv", "workbook"), "CSV or Parquet"),
    "Parquet named csv": Bad(
        lambda folder: file("setl_d.csv", parquet_bytes(folder))(folder), ("setl_d.csv", "Parquet"), "CSV or Parquet"
    ),
    "wrong encoding": Bad(
        file("setl_d.csv", as_csv(GOOD * 50).replace(NAME, "André").encode("cp1252")),
        ("setl_d.csv, line 2", "neither UTF-8 nor GBK"), "UTF-8",
    ),
    "an optional table is noise": Bad(
        lambda folder: (write_good(folder), file("fee_list_d.csv", NOISE)(folder)),
        ("fee_list_d.csv, line", "binary data"), "CSV (UTF-8)",
    ),
    "nothing valid": Bad(
        file("setl_d.csv", as_csv([settlement("S1", vali_flag="0"), settlement("S2", vali_flag="0")])),
        ("setl_d.csv", "no settlement is left of 2 rows", "invalid flag"), "vali_flag",
    ),
    "nothing but refunds": Bad(
        file("setl_d.csv", as_csv([
            settlement("S1", vali_flag="0"),
            settlement("R1", init_setl_id="S1", refd_setl_flag="1", medfee_sumamt="-100", fund_pay_sumamt="-70",
                       psn_pay="-30", acct_pay="-20", cash_payamt="-10"),
        ])),
        ("no settlement is left",), "refd_setl_flag",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_an_unusable_source_is_refused_with_the_next_step_and_nothing_is_left(
    source: Path, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad = BAD[name]
    bad.spoil(source)
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as caught:
        stage_folder(source, tmp_path / "out")
    for expected in bad.names:
        assert expected in caught.value.detail
    assert bad.next_step in caught.value.hint
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True
    for personal in (NAME, CERTIFICATE, PHONE, "330100000001"):
        assert personal not in f"{caught.value} {caught.value.__cause__} {caplog.text}"


@pytest.mark.parametrize("kind", ["nothing", "file"])
def test_a_source_that_is_no_folder_is_refused(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "source"
    if kind == "file":
        source.write_text("x", encoding="utf-8")
    with pytest.raises(SourceError, match="no such folder" if kind == "nothing" else "not a folder") as caught:
        stage_folder(source, tmp_path / "out")
    assert "folder" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_a_refused_source_leaves_the_previous_tables_untouched(tmp_path: Path) -> None:
    good = stage_folder(write(tmp_path / "good", {"setl_d": GOOD}), tmp_path / "out")
    before = {path.name: path.read_bytes() for path in good.folder.iterdir()}
    bad = write(
        tmp_path / "bad", {"setl_d": [*GOOD, settlement("S2", medfee_sumamt="x")], "fee_list_d": [line("L", "S1")]}
    )
    with pytest.raises(SourceError, match="rejected"):
        stage_folder(bad, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in good.folder.iterdir()} == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["rejects.csv", "tables"]


def test_too_little_memory_is_told_as_such(source: Path, tmp_path: Path) -> None:
    write(source, {"setl_d": [settlement(f"S{n:05}") for n in range(20_000)]})
    with pytest.raises(ConfigurationError, match="more memory than its limit") as caught:
        stage_folder(source, tmp_path / "out", memory_limit="2MB")
    assert "memory_limit" in caught.value.hint
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_is_told_as_such(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    write_good(source)
    monkeypatch.setattr("loaders.workspace.used", fail)
    with pytest.raises(ConfigurationError, match="the disk is full"):
        stage_folder(source, tmp_path / "out")


def test_a_short_site_key_is_refused_before_anything_is_read(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="site key has 5 bytes"):
        stage_source(source, tmp_path / "out" / "tables", rejects=tmp_path / "out" / "r.csv", key=b"short")
    assert KEY not in (b"", b"short")


@pytest.mark.parametrize(
    ("option", "value"),
    [("max_rejected_share", 1.5), ("max_rejected_share", -0.1), ("tolerance_fen", -1), ("threads", 0)],
)
def test_an_impossible_option_is_refused_by_name(option: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=option):
        StageOptions(**{option: value})


def test_an_optional_table_without_a_required_column_is_left_out_and_the_report_says_so(
    source: Path, tmp_path: Path
) -> None:
    write_good(source)
    (source / "fee_list_d.csv").write_text("bkkp_sn,setl_id\nL1,S1\n", encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out")
    assert "fee_list_d.csv, line 1" in staged.report.unusable["fee_list_d"]
    assert "det_item_fee_sumamt" in staged.report.unusable["fee_list_d"]
    assert "lines" not in staged.report.coverage
    assert "det_item_fee_sumamt" in staged.report.readable()


def test_optional_tables_may_have_a_header_only(source: Path, tmp_path: Path) -> None:
    write_good(source)
    (source / "psn_info_b.csv").write_text("psn_no,mob\n", encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out")
    assert staged.table("psn_info_b").read == 0
    assert staged.rows("persons", "person_no") == [(0,)]
