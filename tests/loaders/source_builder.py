"""A source folder written by hand, staged, and read back: the builders."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from graphaudit.records import TABLES
from loaders import StageOptions, StageReport, stage_source

KEY = b"a site key of thirty-two bytes.."
Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
Content = dict[str, list[tuple[Any, ...]]]

SITE = "H33010200001"
PHARMACY = "P33010200009"


def settlement(setl_id: str, **given: Any) -> dict[str, Any]:
    """A settlement of 100 yuan, 70 of them from the fund, with what a test cares about replaced."""
    return {
        "setl_id": setl_id, "mdtrt_id": f"V{setl_id}", "psn_no": "330100000001", "fixmedins_code": SITE,
        "setl_time": "2026-01-05 09:30:00", "med_type": "11", "medfee_sumamt": "100.00", "fund_pay_sumamt": "70.00",
        "psn_pay": "30.00", "acct_pay": "20.00", "cash_payamt": "10.00", **given,
    }  # fmt: skip


def line(bkkp_sn: str, setl_id: str, **given: Any) -> dict[str, Any]:
    """A fee line of one box for ten yuan."""
    return {
        "bkkp_sn": bkkp_sn, "setl_id": setl_id, "hilist_code": "XA10BA02", "cnt": "1", "det_item_fee_sumamt": "10.00",
        **given,
    }  # fmt: skip


def as_csv(rows: Sequence[Row], *, delimiter: str = ",", rename: Callable[[str], str] = str) -> str:
    """Delimited text with all columns that any row has, in the order of their first appearance."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow([rename(name) for name in header])
    writer.writerows([[row.get(name, "") for name in header] for row in rows])
    return out.getvalue()


def write(folder: Path, tables: Tables) -> Path:
    """One CSV file (UTF-8) per table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(as_csv(rows), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Staged:
    """What a load left: the report, the canonical tables and the rejected rows."""

    report: StageReport
    folder: Path
    rejects_file: Path

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of a canonical table in stored order; all columns when none are named."""
        chosen = ", ".join(f'"{column}"' for column in columns) or "*"
        path = self.folder / f"{table}.parquet"
        return duckdb.sql(f"SELECT {chosen} FROM read_parquet('{path}')").fetchall()

    def one(self, table: str, *columns: str) -> Any:
        """The single row of a table, or its single value when one column is asked for."""
        (row,) = self.rows(table, *columns)
        return row[0] if len(columns) == 1 else row

    def column(self, table: str, column: str) -> list[Any]:
        """One column in stored order."""
        return [row[0] for row in self.rows(table, column)]

    def content(self) -> Content:
        """All canonical tables but the file and line that a row came from: what depends on facts alone."""
        found = {}
        for declared in TABLES:
            kept = [column.name for column in declared.columns if column.name not in ("source_file", "source_line")]
            found[declared.name] = self.rows(declared.name, *kept)
        return found

    @property
    def rejects(self) -> list[dict[str, str]]:
        """The rejected rows as written."""
        with self.rejects_file.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def table(self, name: str) -> Any:
        """The report of one source table."""
        (found,) = [table for table in self.report.tables if table.name == name]
        return found


def stage_folder(source: Path, target: Path, **options: Any) -> Staged:
    """Stage a folder below `target`."""
    report = stage_source(
        source, target / "tables", rejects=target / "rejects.csv", key=KEY, options=StageOptions(**options)
    )
    return Staged(report, target / "tables", target / "rejects.csv")
