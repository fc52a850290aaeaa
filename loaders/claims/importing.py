"""read → check → map: a folder of claims becomes a source folder of platform tables."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb

from graphaudit.errors import SourceError
from graphaudit.progress import Progress, SilentProgress
from loaders.claims.tables import FILES, REFUSALS, ClaimsFile, Form
from loaders.sources.parquet_files import RELATION, read_columns

#: Platform tables in the order of writing, each from the file of this name in sql/.
TABLES = ("setl_d", "fee_list_d", "psn_info_b", "psn_insu_d", "opsp_reg_d")

# `7092.0` is how a data frame writes the code 7092; `NA` is how it writes nothing.
_CODE = r"nullif(nullif(regexp_replace(trim({column}::VARCHAR), '^(\d+)\.0$', '\1'), ''), 'NA')"


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows read from each file of claims and written to each platform table."""

    read: dict[str, int]
    written: dict[str, int]


def read_sql(name: str) -> str:
    """The statement that makes one platform table out of the claims."""
    return (files("loaders.claims") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def import_claims(claims: Path, out: Path, progress: Progress | None = None) -> Imported:
    """Write the claims in folder `claims` as a source folder `out` of platform tables, one Parquet file each.

    Only `inpatient.parquet` must be there. Ids stay the source's own: a build makes the pseudonyms. Dollars stand where
    the platform has yuan; days carry no clock. `out` appears complete or not at all and must not hold anything before.
    SourceError names file, row, column and reason where a file, a column or a cell cannot be used.
    """
    progress = progress or SilentProgress()
    progress.stage("import claims", len(FILES) + len(TABLES))
    _require_new(out)
    if not claims.is_dir():
        raise SourceError(f"there is no folder {claims}", "give the folder that holds inpatient.parquet")
    with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
        connection.execute("SET enable_progress_bar = false")  # the engine's own bar would run into ours
        read = {}
        for file in FILES:
            read[file.name] = _read(connection, claims, file)
            progress.advance(note=file.name)
        written = _write_all(connection, out, progress)
    progress.done(f"{written['setl_d']:,} settlements")
    return Imported({name: rows for name, rows in read.items() if rows}, written)


def _require_new(out: Path) -> None:
    if out.is_file():
        raise SourceError(f"{out} is a file, not a folder", "name a folder that does not exist yet")
    if out.is_dir() and any(out.iterdir()):
        raise SourceError(f"{out} is not empty", "name a new folder, or empty this one first")


def _read(connection: duckdb.DuckDBPyConnection, folder: Path, file: ClaimsFile) -> int:
    """Table `file.name` with every declared column in its form, null where the file lacks it; rows read."""
    path = folder / f"{file.name}.parquet"
    if not path.is_file():
        if file.mandatory:
            raise SourceError(f"{path.name}: there is no such file in {folder}", "give the folder that holds it")
        columns = ", ".join(f'NULL::{form} AS "{name}"' for name, form in file.columns.items())
        connection.execute(f'CREATE TABLE "{file.name}" AS SELECT {columns} LIMIT 0')
        return 0
    header = {name.lower() for name in read_columns(connection, path, path.name).header}
    missing = [name for name in file.required if name.lower() not in header]
    if missing:
        raise SourceError(
            f"{path.name}: required column {missing[0]} is missing", "compare its columns with docs/loaders.md"
        )
    present = {name: form for name, form in file.columns.items() if name.lower() in header}
    _refuse_bad_cells(connection, path, file, present)
    columns = ", ".join(
        f'{_cell(name, form) if name in present else f"NULL::{form}"} AS "{name}"'
        for name, form in file.columns.items()
    )
    row = connection.execute(
        f'CREATE TABLE "{file.name}" AS SELECT {columns} FROM {RELATION}', {"path": str(path)}
    ).fetchone()
    rows = int(row[0]) if row else 0
    if file.mandatory and not rows:
        raise SourceError(f"{path.name}: there are no rows", "export the file again")
    return rows


def _cell(name: str, form: Form) -> str:
    text = _CODE.format(column=f'"{name}"')
    return text if form is Form.ID else f"TRY_CAST({text} AS {form})"


def _refuse_bad_cells(
    connection: duckdb.DuckDBPyConnection, path: Path, file: ClaimsFile, present: dict[str, Form]
) -> None:
    """SourceError for the first column, in declared order, with a cell that is empty or does not read as it must."""
    tests: list[tuple[str, str, str]] = []
    for name, form in present.items():
        text, cell = _CODE.format(column=f'"{name}"'), _cell(name, form)
        if name in file.required:
            tests.append((name, "empty", f"{text} IS NULL"))
        if form in REFUSALS:
            below = f" OR {cell} < 0" if form is Form.AMOUNT else ""
            tests.append((name, REFUSALS[form], f"{text} IS NOT NULL AND ({cell} IS NULL{below})"))
    if "ClaimID" in file.required:
        tests.append(
            (
                "ClaimEndDt",
                "before ClaimStartDt",
                f"{_cell('ClaimEndDt', Form.DAY)} < {_cell('ClaimStartDt', Form.DAY)}",
            )
        )
    found = connection.execute(
        f"SELECT {', '.join(f'min(file_row_number) FILTER ({when})' for _, _, when in tests)} "
        f"FROM {RELATION[:-1]}, file_row_number = true)",
        {"path": str(path)},
    ).fetchone()
    for (name, reason, _), row in zip(tests, found or (), strict=True):
        if row is not None:
            raise SourceError(
                f"{path.name}, row {row + 1}, column {name}: {reason}",
                "correct the export; docs/loaders.md has the columns",
            )


def _write_all(connection: duckdb.DuckDBPyConnection, out: Path, progress: Progress) -> dict[str, int]:
    out.parent.mkdir(parents=True, exist_ok=True)
    building = out.with_name(f".{out.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    # records of patients: for the owner alone
    building.mkdir(mode=0o700)
    try:
        written = {}
        for name in TABLES:
            target = str(building / f"{name}.parquet").replace("'", "''")
            row = connection.execute(
                f"COPY ({read_sql(name)}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            ).fetchone()
            written[name] = int(row[0]) if row else 0
            if not written[name]:
                (building / f"{name}.parquet").unlink()
            progress.advance(note=name)
        if out.is_dir():
            out.rmdir()
        building.rename(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return written
