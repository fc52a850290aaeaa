"""Which files of a source folder belong to which table."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from graphaudit.errors import SourceError

DELIMITED = frozenset({".csv", ".txt", ".tsv"})
PARQUET = ".parquet"
_WORKBOOKS = frozenset({".xlsx", ".xls", ".xlsm", ".et", ".ods"})
_LAYOUT = (
    "a table is setl_d.csv, setl_d.parquet, several files setl_d*.csv or a folder setl_d/; "
    "docs/loaders.md shows a source folder"
)


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """One file of a table; `name` is its path relative to the source folder, with forward slashes."""

    name: str
    path: Path

    @property
    def is_parquet(self) -> bool:
        """True for Parquet, false for delimited text."""
        return self.path.suffix.lower() == PARQUET


@dataclass(frozen=True, slots=True)
class Folder:
    """Files per table, sorted by name, and the names of the files that no table claims."""

    files: dict[str, tuple[SourceFile, ...]]
    ignored: tuple[str, ...]


def list_files(source: Path) -> list[Path]:
    """All visible files below `source`, sorted by their relative path."""
    if not source.exists():
        raise SourceError(f"{source}: no such folder", "check the path of the source folder")
    if not source.is_dir():
        raise SourceError(f"{source}: not a folder", f"give the folder that holds the extracts; {_LAYOUT}")
    visible = [
        path
        for path in source.rglob("*")
        if path.is_file() and not any(part.startswith((".", "~$")) for part in path.relative_to(source).parts)
    ]
    return sorted(visible, key=lambda path: path.relative_to(source).as_posix())


def read_folder(source: Path, tables: Collection[str], mandatory: Collection[str]) -> Folder:
    """Assign the files below `source` to `tables`; SourceError when a mandatory table has none."""
    paths = list_files(source)
    if not paths:
        raise SourceError(f"{source}: the folder is empty", _LAYOUT)
    found: dict[str, list[SourceFile]] = {}
    ignored: list[str] = []
    for path in paths:
        relative = path.relative_to(source)
        table = _table_of(relative, tables)
        if table is None:
            ignored.append(relative.as_posix())
        else:
            found.setdefault(table, []).append(SourceFile(relative.as_posix(), path))
    for name in mandatory:
        if name not in found:
            raise SourceError(_not_found(source, name, ignored), _next_step(name, ignored))
    return Folder({name: tuple(sorted(files)) for name, files in found.items()}, tuple(ignored))


def _table_of(relative: Path, tables: Collection[str]) -> str | None:
    if relative.suffix.lower() not in DELIMITED | {PARQUET}:
        return None
    if len(relative.parts) > 1:
        folder = relative.parts[0].lower()
        return folder if folder in tables else None
    # setl_d.csv, setl_d_202601.csv, setl_d-part2.csv, setl_d (1).csv; never setl_diag.csv or setl_d_diag.csv.
    stem = relative.stem.lower()
    for table in sorted(tables, key=len, reverse=True):
        if stem == table or (stem.startswith(table) and _SUFFIX.fullmatch(stem[len(table) :])):
            return table
    return None


_SUFFIX = re.compile(r"[\s_.\-]*(?:\d[\d\s_.\-]*|\(\d+\)|(?:part|p|no|utf8|gbk|all|copy)[\s_.\-]*\d*)")


def _not_found(source: Path, name: str, ignored: list[str]) -> str:
    listed = ", ".join(ignored[:8]) + (" …" if len(ignored) > 8 else "")
    return f"{source}: table {name} was not found" + (f"; files that belong to no table: {listed}" if ignored else "")


def _next_step(name: str, ignored: list[str]) -> str:
    workbook = next((file for file in ignored if Path(file).suffix.lower() in _WORKBOOKS), None)
    if workbook:
        return (
            f"{workbook} is a workbook: export {name} as CSV (UTF-8) straight from the database, not by a spreadsheet"
        )
    return _LAYOUT
