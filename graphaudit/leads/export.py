"""Leads as files: JSON by the contract, CSV and XLSX that a spreadsheet opens without harm."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from graphaudit.builds.durable import replacing
from graphaudit.errors import ConfigurationError

Language = Literal["zh", "en"]
Lead = Mapping[str, Any]
Cell = str | int | float | None

LEAD_COLUMNS = (
    "rank", "id", "score", "q_value", "pattern", "title", "persons", "sites", "fund", "total", "from", "to", "status",
)  # fmt: skip
MEMBER_COLUMNS = ("rank", "lead_id", "type", "id", "role", "strength")

#: The keys of an exported lead, in order; whatever else a lead carries inside stays inside.
EXPORTED = (
    "rank", "id", "build_id", "score", "q_value", "pattern", "title", "members", "amount", "priority", "period",
    "evidence", "benign_explanations", "would_clear", "legal_basis", "status", "contributions",
)  # fmt: skip

#: Where else a lead can be looked at: exported where there is such a place.
OPTIONAL = ("links",)

#: A cell that begins so is computed by a spreadsheet instead of being shown.
HARMFUL = ("=", "+", "-", "@", "\t", "\r")
_SITES = ("institution", "pharmacy")
_WIDTHS = {"id": 18, "title": 60, "pattern": 18, "lead_id": 18, "from": 12, "to": 12, "role": 20}


def write_json(leads: Sequence[Lead], path: Path) -> list[Path]:
    """Write the list in rank order; returns the file written. ConfigurationError when the folder is not there."""
    rows = [
        {key: lead[key] for key in EXPORTED} | {key: lead[key] for key in OPTIONAL if key in lead}
        for lead in _in_order(leads)
    ]
    with replacing(_target(path)) as temporary:
        temporary.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [path]


def write_csv(leads: Sequence[Lead], path: Path, *, language: Language = "en") -> list[Path]:
    """Write one row a lead to `path` and one row a member to NAME.members.csv; returns both.

    UTF-8 with a byte order mark, without which spreadsheets show Chinese as noise.
    """
    members = path.with_suffix(".members.csv")
    _write_rows(_target(path), LEAD_COLUMNS, lead_rows(leads, language))
    _write_rows(members, MEMBER_COLUMNS, member_rows(leads))
    return [path, members]


def write_xlsx(leads: Sequence[Lead], path: Path, *, language: Language = "en") -> list[Path]:
    """Write a workbook with the sheets leads and members; returns the file written."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with replacing(_target(path)) as temporary, xlsxwriter.Workbook(str(temporary), options) as book:
        header = book.add_format({"bold": True})
        for name, columns, rows in (
            ("leads", LEAD_COLUMNS, lead_rows(leads, language)),
            ("members", MEMBER_COLUMNS, member_rows(leads)),
        ):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column, header)
                sheet.set_column(place, place, _WIDTHS.get(column, 10))
            for line, row in enumerate(rows, start=1):
                for place, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(line, place, harmless(cell))
                    elif cell is not None:
                        sheet.write_number(line, place, cell)
            if rows:
                sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    return [path]


def lead_rows(leads: Sequence[Lead], language: Language = "en") -> list[list[Cell]]:
    """One row a lead in rank order, columns as in LEAD_COLUMNS; amounts in yuan."""
    return [
        [
            lead["rank"],
            lead["id"],
            lead["score"],
            lead["q_value"],
            lead["pattern"],
            lead["title"][language],
            sum(1 for member in lead["members"] if member["type"] == "person"),
            sum(1 for member in lead["members"] if member["type"] in _SITES),
            lead["amount"]["fund"],
            lead["amount"]["total"],
            lead["period"]["from"],
            lead["period"]["to"],
            lead["status"],
        ]
        for lead in _in_order(leads)
    ]


def member_rows(leads: Sequence[Lead]) -> list[list[Cell]]:
    """One row a member, leads in rank order, columns as in MEMBER_COLUMNS."""
    return [
        [lead["rank"], lead["id"], member["type"], member["id"], member["role"], member["strength"]]
        for lead in _in_order(leads)
        for member in lead["members"]
    ]


def harmless(cell: str) -> str:
    """`cell` with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(HARMFUL) else cell


def _write_rows(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


def _in_order(leads: Sequence[Lead]) -> list[Lead]:
    return sorted(leads, key=lambda lead: int(lead["rank"]))


def _target(path: Path) -> Path:
    if not path.parent.is_dir():
        raise ConfigurationError(f"there is no folder {path.parent}", "create it, or choose another place")
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder", "give the name of a file")
    return path
