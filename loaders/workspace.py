"""The engine and the scratch folder of one load: gone afterwards, whether it succeeded or not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from graphaudit.errors import ConfigurationError
from loaders.options import StageOptions

# Scratch files are read a few times and thrown away: what makes a file small or quick to search is not worth its time.
SCRATCH = "(FORMAT parquet, COMPRESSION lz4_raw, WRITE_BLOOM_FILTER false, DICTIONARY_SIZE_LIMIT 4000)"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A connection and a folder for everything that is only needed during the load."""

    connection: duckdb.DuckDBPyConnection
    folder: Path

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Execute one statement and return its rows."""
        with _resources():
            return self.connection.execute(sql, used(sql, parameters)).fetchall()

    def one(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The single value that `sql` gives."""
        return self.run(sql, parameters)[0][0]

    def materialise(self, name: str, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Write the rows of `sql` to a scratch file and make them the view `name`: bounded memory at any size."""
        path = self.folder / f"{name}.parquet"
        self.run(f"COPY ({sql}) TO {quoted(path)} {SCRATCH}", parameters)
        self.view(name, path)

    def view(self, name: str, path: Path) -> None:
        """Make the Parquet file at `path` the view `name`."""
        self.connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet({quoted(path)})")


def used(sql: str, parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    """Those of `parameters` that `sql` mentions; the engine refuses others."""
    return {name: value for name, value in (parameters or {}).items() if f"${name}" in sql}


def quoted(path: Path) -> str:
    """A path of our own as an SQL string; statements that define views take no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


@contextmanager
def _resources() -> Iterator[None]:
    """Tell a lack of memory or disk space from anything that is wrong with the data."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise ConfigurationError(
            "the load needs more memory than its limit", "raise memory_limit, or lower threads, and load again"
        ) from None
    except duckdb.IOException as error:
        if "No space left" not in str(error):
            raise
        raise ConfigurationError(
            "the disk is full", "free space where the tables and temporary files lie, and load again"
        ) from None


@contextmanager
def open_workspace(options: StageOptions, beside: Path) -> Iterator[Workspace]:
    """A workspace below the options' temporary directory, else beside the folder `beside`."""
    parent = options.temp_directory or beside.parent
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".staging-", dir=parent))
    try:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": options.memory_limit,
                "threads": options.threads,
                "temp_directory": str(folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            connection.execute("SET enable_progress_bar = false")  # the engine's own bar would run into ours
            for statement in sql_text("macros").split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            yield Workspace(connection, folder)
        finally:
            connection.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sql_text(name: str) -> str:
    """The packaged statement `name`."""
    return files("loaders.nhsa").joinpath("sql", f"{name}.sql").read_text("utf-8")
