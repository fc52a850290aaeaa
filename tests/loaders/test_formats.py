"""One table in every format that extracts come in: the canonical tables are always the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.nhsa.catalog import source as declared
from tests.loaders.source_builder import Content, Row, as_csv, line, settlement, stage_folder

ROWS: list[dict[str, Any]] = [
    settlement("S1", psn_name="欧阳若兮", begndate="2026-01-05", chfpdr_code="D330102000001", refd_setl_flag="0"),
    settlement("S2", psn_name="张,三", psn_no="330100000002", med_type="21", enddate="2026-01-07", insutype="310"),
    settlement("S3", psn_name='李"四', psn_no="330100000003", mdtrt_cert_type="02", mdtrt_cert_no="A1", opter_id="007"),
]
LINES = [line("L1", "S1"), line("L2", "S3", hilist_name="阿卡波糖片")]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def chinese(name: str) -> str:
    return declared("setl_d").field(name).zh


def write_csv(folder: Path, *, encoding: str = "utf-8", **how: Any) -> None:
    (folder / "setl_d.csv").write_bytes(as_csv(ROWS, **how).encode(encoding))


def write_parts(folder: Path) -> None:
    for number, row in enumerate(ROWS, start=1):
        (folder / f"setl_d_{number}.csv").write_text(as_csv([row]), encoding="utf-8")


def write_subfolder(folder: Path) -> None:
    (folder / "SETL_D" / "2026").mkdir(parents=True)
    (folder / "SETL_D" / "2026" / "january.csv").write_text(as_csv(ROWS[:1]), encoding="gbk")
    (folder / "SETL_D" / "part.txt").write_text(as_csv(ROWS[1:], delimiter="\t"), encoding="utf-8")


def to_parquet(rows: list[Row], path: Path, select: str = "*") -> None:
    text = path.with_suffix(".tmp")
    text.write_text(as_csv(rows), encoding="utf-8")
    duckdb.sql(f"COPY (SELECT {select} FROM read_csv('{text}', all_varchar = true)) TO '{path}' (FORMAT parquet)")
    text.unlink()


def write_parquet(folder: Path) -> None:
    to_parquet(ROWS, folder / "setl_d.parquet")


def write_typed_parquet(folder: Path) -> None:
    typed = {
        "setl_time": "setl_time::TIMESTAMP",
        "begndate": "begndate::DATE",
        "med_type": "med_type::INTEGER",
        "medfee_sumamt": "medfee_sumamt::DECIMAL(16, 2)",
        "fund_pay_sumamt": "fund_pay_sumamt::DOUBLE",
        "psn_no": "psn_no::BIGINT",
        "insutype": "coalesce(insutype::DOUBLE, 'nan'::DOUBLE)",
    }
    replaced = ", ".join(f"{expression} AS {name}" for name, expression in typed.items())
    to_parquet(ROWS, folder / "setl_d.parquet", f"* REPLACE ({replaced})")


def write_both(folder: Path) -> None:
    to_parquet(ROWS[:2], folder / "setl_d_1.parquet")
    (folder / "setl_d_2.csv").write_text(as_csv(ROWS[2:]), encoding="utf-8")


FORMATS: dict[str, Callable[[Path], None]] = {
    "utf-8": write_csv,
    "utf-8 with a byte-order mark": lambda folder: write_csv(folder, encoding="utf-8-sig"),
    "gbk": lambda folder: write_csv(folder, encoding="gbk"),
    "gb18030": lambda folder: write_csv(folder, encoding="gb18030"),
    "utf-16": lambda folder: write_csv(folder, encoding="utf-16"),
    "tab": lambda folder: write_csv(folder, delimiter="\t"),
    "semicolon": lambda folder: write_csv(folder, delimiter=";"),
    "bar": lambda folder: write_csv(folder, delimiter="|"),
    "upper-case headers": lambda folder: write_csv(folder, rename=str.upper),
    "camelCase headers": lambda folder: write_csv(folder, rename=camel),
    "headers with a table prefix": lambda folder: write_csv(folder, rename=lambda name: f't."{name}"'),
    "Chinese headers": lambda folder: write_csv(folder, rename=chinese),
    "several files": write_parts,
    "a folder of several formats": write_subfolder,
    "parquet": write_parquet,
    "parquet with numbers and dates": write_typed_parquet,
    "parquet beside csv": write_both,
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Content:
    folder = tmp_path_factory.mktemp("expected")
    (folder / "source").mkdir()
    write_csv(folder / "source")
    staged = stage_folder(folder / "source", folder / "out")
    assert sorted(staged.column("settlements", "kind")) == ["inpatient", "outpatient", "outpatient"]
    return staged.content()


@pytest.mark.parametrize("name", FORMATS)
def test_the_format_of_a_file_does_not_matter(source: Path, tmp_path: Path, name: str, expected: Content) -> None:
    FORMATS[name](source)
    assert stage_folder(source, tmp_path / "out").content() == expected


def test_the_report_says_how_each_file_was_read(source: Path, tmp_path: Path) -> None:
    (source / "setl_d_1.csv").write_bytes(as_csv(ROWS[:2], delimiter="\t").encode("gbk"))
    to_parquet(ROWS[2:], source / "setl_d_2.parquet")
    (source / "fee_list_d.csv").write_bytes(as_csv(LINES).encode("utf-8-sig"))
    staged = stage_folder(source, tmp_path / "out")
    assert staged.table("setl_d").files == (
        {"file": "setl_d_1.csv", "format": "csv", "encoding": "gb18030", "delimiter": "\t"},
        {"file": "setl_d_2.parquet", "format": "parquet"},
    )
    assert staged.table("fee_list_d").files[0]["encoding"] == "utf-8-sig"
    assert [row[0] for row in staged.rows("items", "name")] == ["阿卡波糖片"]


def test_files_of_one_table_may_have_other_columns_in_another_order(source: Path, tmp_path: Path) -> None:
    (source / "setl_d_1.csv").write_text(as_csv(ROWS[:1]), encoding="utf-8")
    turned = [dict(reversed(row.items())) for row in ROWS[1:]]
    (source / "setl_d_2.csv").write_text(as_csv(turned, rename=str.upper), encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out")
    assert staged.rows("settlements", "settlement_id", "source_file", "source_line") == [
        ("S1", "setl_d_1.csv", 2), ("S2", "setl_d_2.csv", 2), ("S3", "setl_d_2.csv", 3),
    ]  # fmt: skip


def test_interface_names_are_understood_by_the_alias_map(source: Path, tmp_path: Path) -> None:
    names = {"cash_payamt": "psn_cash_pay", "psn_pay": "psn_part_amt", "fixmedins_code": "medins_code"}
    rows = [settlement("S1", psn_pay="30", insu_admdvs="330102")]
    text = as_csv(rows, rename=lambda name: {**names, "insu_admdvs": "insuplc_admdvs"}.get(name, name))
    (source / "setl_d.csv").write_text(text, encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out")
    assert staged.one("settlements", "cash_fen", "division") == (1000, "330102")
    assert staged.table("setl_d").ignored_columns == ()


def test_a_name_beside_a_coded_column_fills_in_for_it(source: Path, tmp_path: Path) -> None:
    rows = [
        {**settlement("S1", med_type=""), "med_type_name": "普通住院"},
        {**settlement("S2", med_type="11"), "med_type_name": "普通住院"},
        {**settlement("S3", med_type=""), "med_type_name": "新类别"},
    ]
    (source / "setl_d.csv").write_text(as_csv(rows), encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out")
    assert staged.rows("settlements", "medical_category", "kind") == [
        ("21", "inpatient"), ("11", "outpatient"), ("新类别", "other"),
    ]  # fmt: skip


def test_the_spellings_of_nothing_are_nothing(source: Path, tmp_path: Path) -> None:
    rows = [settlement(f"S{number}", chfpdr_code=empty, acct_pay=empty, dise_no=empty, enddate=empty)
            for number, empty in enumerate(("", "NULL", "null", "\\N", "None", "nan", "  "))]  # fmt: skip
    (source / "setl_d.csv").write_text(as_csv(rows), encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out")
    assert set(staged.rows("settlements", "doctor_no", "account_fen", "diagnosis_code")) == {(None, 0, None)}
    assert not staged.rejects
    assert staged.table("setl_d").notes == {}


def test_a_cell_may_hold_a_line_break_and_lines_are_counted_on(source: Path, tmp_path: Path) -> None:
    rows = [settlement("S1", psn_name="上\n下"), settlement("S2", medfee_sumamt="x"), settlement("S3")]
    (source / "setl_d.csv").write_text(as_csv(rows), encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out", max_rejected_share=0.5)
    assert staged.column("settlements", "settlement_id") == ["S1", "S3"]


def test_only_visible_tables_are_read_and_other_files_are_listed(source: Path, tmp_path: Path) -> None:
    write_csv(source)
    for name in ("setl_d_diag.csv", "notes.txt", "fee_list_d.xlsx", ".setl_d.csv", "~$setl_d.csv"):
        (source / name).write_text("a,b\n1,2\n", encoding="utf-8")
    staged = stage_folder(source, tmp_path / "out")
    assert staged.report.ignored_files == ("fee_list_d.xlsx", "notes.txt", "setl_d_diag.csv")
