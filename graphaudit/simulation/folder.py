"""The source folder being written: into a sibling first, renamed when complete."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from graphaudit.errors import ConfigurationError, SourceError

FORMATS = ("csv", "parquet")


class Folder:
    """Writes tables as `name.csv` or, in several parts, `name_001.csv`, in the order of the rows given."""

    def __init__(self, path: Path, file_format: str, parts: int) -> None:
        self.path = path
        self.file_format = file_format
        self.parts = parts
        self.rows: dict[str, int] = {}
        self._database = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
        self._database.execute("SET enable_progress_bar = false")  # the engine's own bar would run into ours

    def close(self) -> None:
        self._database.close()

    def table(self, sql: str, **tables: pa.Table) -> pa.Table:
        """The result of a query over the given tables."""
        for name, table in tables.items():
            self._database.register(name, table)
        try:
            return self._database.sql(sql).to_arrow_table()
        finally:
            for name in tables:
                self._database.unregister(name)

    def write(
        self, name: str, sql: str, tables: Mapping[str, pa.Table], part: int | None = None, *, csv: bool = False
    ) -> None:
        """Write the rows of the query as one file of table `name`; `part` counts from 0 when there are several."""
        file_format = "csv" if csv else self.file_format
        suffix = f"_{part + 1:03d}" if part is not None and self.parts > 1 else ""
        target = str(self.path / f"{name}{suffix}.{file_format}")
        for key, table in tables.items():
            self._database.register(key, table)
        try:
            relation = self._database.sql(sql)
            if file_format == "csv":
                relation.write_csv(target, header=True)
            else:
                relation.write_parquet(target, compression="zstd")
        finally:
            for key in tables:
                self._database.unregister(key)


def check(out: Path, file_format: str) -> None:
    """Refuse a folder that holds anything, and a format that nobody reads."""
    if file_format not in FORMATS:
        raise ConfigurationError(f"no file format {file_format}", hint=f"choose one of {', '.join(FORMATS)}")
    if out.exists() and not out.is_dir():
        raise SourceError(f"{out} is a file, not a folder", hint="name a folder that does not exist yet")
    if out.is_dir() and any(out.iterdir()):
        raise SourceError(f"{out} is not empty", hint="name a new folder, or empty this one first")


@contextmanager
def new_folder(out: Path, file_format: str, parts: int) -> Iterator[Folder]:
    """A folder that appears at `out` only when the block ends well; otherwise nothing is left behind."""
    check(out, file_format)
    out.parent.mkdir(parents=True, exist_ok=True)
    building = out.with_name(f".{out.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    folder = Folder(building, file_format, parts)
    try:
        yield folder
        if out.is_dir():
            out.rmdir()
        building.rename(out)
    finally:
        folder.close()
        shutil.rmtree(building, ignore_errors=True)


def arrow(**columns: Any) -> pa.Table:
    """An Arrow table of the given arrays."""
    return pa.table({name: pa.array(values) for name, values in columns.items()})
