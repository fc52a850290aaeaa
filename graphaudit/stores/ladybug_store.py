"""Ladybug: the embedded graph store, one file per build.

A file is written under a temporary name, read back and compared with the tables, and only then renamed, so
that a reader never meets half a graph. Published files are opened read-only and never changed in place.
"""

from __future__ import annotations

import logging
import re
import shutil
import weakref
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import ladybug
import pyarrow
import pyarrow.parquet

from graphaudit.builds.durable import flush, remove
from graphaudit.errors import NotFoundError, StoreError
from graphaudit.progress import Progress, timed
from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, Property
from graphaudit.stores.base import GraphReader, StoreFault, StoreReport
from graphaudit.stores.bulk import Extract, ahead, write_extracts
from graphaudit.stores.extract import WRITTEN_WITH_LEADS
from graphaudit.stores.ladybug_drift import LADYBUG_KINDS, drift
from graphaudit.stores.ladybug_reader import LadybugReader, open_database
from graphaudit.stores.lead_rows import LeadRows, lead_rows
from graphaudit.stores.totals import verify

logger = logging.getLogger(__name__)

SUFFIX = ".lbug"
UNFINISHED = ".unfinished-"
ROWS = ".rows-"


class LadybugStore:
    """All graphs of one site as files below `folder`; `memory_limit_mb` bounds each open file's page cache."""

    def __init__(self, folder: Path, *, memory_limit_mb: int = 2048, threads: int = 2) -> None:
        self.folder = folder
        self.memory_limit_mb = memory_limit_mb
        self.threads = threads
        self._readers: weakref.WeakSet[LadybugReader] = weakref.WeakSet()

    def write(self, build_id: str, tables: duckdb.DuckDBPyConnection, progress: Progress) -> dict[str, int]:
        final = self._path(build_id)
        unfinished, rows = self._aside(build_id)
        self.folder.mkdir(parents=True, exist_ok=True)
        # What a killed run left behind.
        _delete(unfinished)
        remove(rows)
        progress.stage("graph", len(NODES) + len(RELATIONSHIPS) - len(WRITTEN_WITH_LEADS))
        try:
            with timed(f"graph build={build_id}"):
                rows.mkdir()
                extracts = self._load(unfinished, tables, rows, progress)
                counts = self._verify(unfinished, extracts)
                _publish(unfinished, final)
        except (RuntimeError, duckdb.Error, OSError) as error:
            raise StoreError(
                f"the graph of build {build_id} could not be written: {_first_line(error)}", _next_step(error)
            ) from error
        finally:
            _delete(unfinished)
            remove(rows)
        progress.done(f"{sum(counts.values())} nodes and relationships")
        return counts

    def write_leads(self, build_id: str, leads: Sequence[Mapping[str, Any]]) -> None:
        final = self._existing(build_id)
        rows = lead_rows(leads)
        unfinished, _ = self._aside(build_id)
        _delete(unfinished)
        try:
            # A copy, so that readers of the published file keep what they have opened.
            shutil.copyfile(final, unfinished)
            self._replace_leads(unfinished, rows)
            _publish(unfinished, final)
        except (RuntimeError, OSError) as error:
            raise StoreError(
                f"the leads of build {build_id} could not be written: {_first_line(error)}", _next_step(error)
            ) from error
        finally:
            _delete(unfinished)

    def activate(self, build_id: str) -> None:
        # Whoever reads this store names the build: there is nothing to point.
        self._existing(build_id)

    def open(self, build_id: str) -> GraphReader:
        reader = LadybugReader(self._existing(build_id), memory_limit_mb=self.memory_limit_mb, threads=self.threads)
        self._readers.add(reader)
        return reader

    def remove(self, build_id: str) -> None:
        unfinished, rows = self._aside(build_id)
        _delete(self._path(build_id))
        _delete(unfinished)
        remove(rows)

    def inspect(self, build_id: str | None) -> StoreReport:
        faults: tuple[StoreFault, ...] = ()
        if build_id is not None:
            reader = LadybugReader(self._existing(build_id), memory_limit_mb=self.memory_limit_mb, threads=self.threads)
            try:
                faults = drift(reader)
            finally:
                reader.close()
        return StoreReport(f"Ladybug {ladybug.__version__}", str(self.folder), faults)

    def close(self) -> None:
        for reader in list(self._readers):
            reader.close()
        self._readers.clear()

    def _path(self, build_id: str) -> Path:
        # The suffix inside an id would make one build's files look like those that the engine keeps beside another's.
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", build_id) or SUFFIX in build_id:
            raise StoreError("a build id consists of letters, digits, dots, hyphens and underscores")
        return self.folder / f"{build_id}{SUFFIX}"

    def _aside(self, build_id: str) -> tuple[Path, Path]:
        """The unfinished file of a build and the folder of its rows, both hidden and gone when all is done."""
        final = self._path(build_id)
        return final.with_name(f"{UNFINISHED}{final.name}"), final.with_name(f"{ROWS}{build_id}")

    def _existing(self, build_id: str) -> Path:
        path = self._path(build_id)
        if not path.exists():
            raise NotFoundError(f"there is no graph of build {build_id}", "list the builds, or build it again")
        return path

    def _load(self, path: Path, tables: duckdb.DuckDBPyConnection, rows: Path, progress: Progress) -> list[Extract]:
        """Create the declared tables in a new file at `path` and fill them; what was loaded comes back."""
        extracts: list[Extract] = []
        with open_database(path, memory_limit_mb=self.memory_limit_mb, threads=self.threads) as connection:
            for statement in ddl():
                connection.execute(statement)
            # Closed whatever happens, so that nothing is still being computed into a folder that goes.
            with closing(ahead(write_extracts(tables, rows))) as extracts_ahead:
                for extract in extracts_ahead:
                    progress.advance(1 if extracts and extracts[-1].name != extract.name else 0, extract.name)
                    _copy(connection, extract)
                    extract.path.unlink()
                    extracts.append(extract)
            progress.advance(1)
            connection.execute("CHECKPOINT")
        return extracts

    def _verify(self, path: Path, extracts: Sequence[Extract]) -> dict[str, int]:
        """Read every integer of the file at `path` back and compare rows and sums with what was to be loaded."""
        reader = LadybugReader(path, memory_limit_mb=self.memory_limit_mb, threads=self.threads)
        try:
            return verify(reader, extracts)
        finally:
            reader.close()

    def _replace_leads(self, path: Path, rows: LeadRows) -> None:
        with open_database(path, memory_limit_mb=self.memory_limit_mb, threads=self.threads) as connection:
            connection.execute("BEGIN TRANSACTION")
            connection.execute("MATCH (l:Lead) DETACH DELETE l")
            if rows.leads:
                properties = [p.name for node in NODES if node.label == "Lead" for p in node.all_properties]
                fields = ", ".join(f"{name}: r.{name}" for name in properties)
                connection.execute(f"UNWIND $rows AS r CREATE (:Lead {{{fields}}})", {"rows": rows.leads})
            with TemporaryDirectory(dir=path.parent, prefix=ROWS) as folder:
                for label, members in rows.members.items():
                    _copy_members(connection, label, members, Path(folder))
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")


def _copy_members(
    connection: ladybug.Connection, label: str, members: Sequence[Mapping[str, Any]], folder: Path
) -> None:
    """Join leads to their members by one COPY, which takes a second where a match for every row takes minutes."""
    target = folder / f"{label}.parquet"
    columns = ("lead_id", "member_id", "role", "strength")
    pyarrow.parquet.write_table(pyarrow.table({name: [member[name] for member in members] for name in columns}), target)
    source = str(target).replace("\\", "\\\\").replace("'", "\\'")
    # ignore_errors passes over members that have no node (settlements outside the graph's window), as it should.
    connection.execute(f"COPY IMPLICATES FROM '{source}' (from='Lead', to='{label}', ignore_errors=true)")


def ddl() -> list[str]:
    """CREATE statements of the declared graph, nodes before relationships."""
    nodes = [
        f"CREATE NODE TABLE {node.label}({_fields(node.all_properties)}, PRIMARY KEY({node.key.name}))"
        for node in NODES
    ]
    relationships = []
    for relationship in RELATIONSHIPS:
        pairs = ", ".join(f"FROM {start.label} TO {end.label}" for start, end in relationship.pairs)
        fields = f", {_fields(relationship.properties)}" if relationship.properties else ""
        relationships.append(f"CREATE REL TABLE {relationship.name}({pairs}{fields})")
    return nodes + relationships


def _fields(properties: Sequence[Property]) -> str:
    return ", ".join(f"{p.name} {LADYBUG_KINDS[p.kind]}" for p in properties)


def _copy(connection: ladybug.Connection, extract: Extract) -> None:
    source = str(extract.path).replace("\\", "\\\\").replace("'", "\\'")
    ends = f" (from='{extract.start.label}', to='{extract.end.label}')" if extract.start and extract.end else ""
    if not extract.rows:
        return
    try:
        connection.execute(f"COPY {extract.name} FROM '{source}'{ends}")
    except RuntimeError as error:
        raise StoreError(
            f"{extract.name} could not be loaded into the graph: {_message(error, extract)}",
            _next_step(error),
        ) from error


def _publish(unfinished: Path, final: Path) -> None:
    """Give the file at `unfinished` its final name, once it is whole and on the disk."""
    if _beside(unfinished):
        raise StoreError(f"the engine has not finished writing {final.name}", "run the build again")
    flush(unfinished)
    for leftover in _beside(final):
        leftover.unlink()
    unfinished.replace(final)
    flush(final.parent)


def _delete(path: Path) -> None:
    """Remove a database file and what the engine keeps beside it."""
    path.unlink(missing_ok=True)
    for leftover in _beside(path):
        leftover.unlink(missing_ok=True)


def _beside(path: Path) -> list[Path]:
    """What the engine keeps beside the database file at `path` while it writes."""
    return sorted(path.parent.glob(f"{path.name}.*"))


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _next_step(error: Exception) -> str:
    text = str(error)
    if re.search(r"primary key|key value", text):
        return "an id is missing or occurs twice in the build's tables; run the build again from the staging"
    if isinstance(error, OSError) or re.search(r"IO exception|IO Error|No space left", text):
        return "check that the folder of the graph is writable and its disk has room, then run the build again"
    if re.search(r"Buffer manager|Out of Memory", text):
        return "give the store or the build more memory, then run the build again"
    return "the graph is derived data: run the build again"


def _message(error: Exception, extract: Extract) -> str:
    """The engine's message; up to the key that it names where a key of `extract` is declared personal."""
    ends = (extract.start, extract.end) if extract.start and extract.end else _labelled(extract.name)
    if any(node.key.personal for node in ends):
        return re.sub(r"(key value|primary key) .*", r"\1 …", _first_line(error))
    return _first_line(error)


def _labelled(label: str) -> tuple[NodeType, ...]:
    return tuple(node for node in NODES if node.label == label)
