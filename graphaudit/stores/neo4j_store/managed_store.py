"""The store behind `neo4j-home:FOLDER`: a build goes into the home that nobody sees, and is shown by one rename."""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import neo4j

from graphaudit.errors import StoreError
from graphaudit.neo4j_local import import_full
from graphaudit.neo4j_local.java_command import DISK_FULL, tail
from graphaudit.neo4j_local.java_command import explained as java_explained
from graphaudit.progress import Progress, timed
from graphaudit.schema import NODES, RELATIONSHIPS
from graphaudit.stores.base import GraphReader, StoreFault, StoreReport
from graphaudit.stores.bulk import ahead, write_extracts
from graphaudit.stores.extract import WRITTEN_WITH_LEADS
from graphaudit.stores.neo4j_store.connection import FAILURES, disk_failure, explained, server_version
from graphaudit.stores.neo4j_store.inspection import faults_of
from graphaudit.stores.neo4j_store.leads import replace_leads
from graphaudit.stores.neo4j_store.managed import ManagedHome
from graphaudit.stores.neo4j_store.offline import ImportFiles, write_import_files
from graphaudit.stores.neo4j_store.online import prepare, set_state
from graphaudit.stores.neo4j_store.pointer import Held, client_addresses, read_held, remove_held, write_held
from graphaudit.stores.neo4j_store.reader import Neo4jReader
from graphaudit.stores.neo4j_store.statements import LOADED, PUBLISHED
from graphaudit.stores.totals import verify

if TYPE_CHECKING:
    from graphaudit.stores import Neo4jOptions

logger = logging.getLogger(__name__)

#: The import may take this share of the machine's memory beside its heap, within bounds: the shown server is running.
OFF_HEAP_SHARE = 0.25
LEAST_OFF_HEAP_MB, MOST_OFF_HEAP_MB = 256, 16_384


class ManagedNeo4jStore:
    """Builds in the two homes below `folder`. `close` stops the servers that it started, unless clients see them."""

    def __init__(self, folder: Path, options: Neo4jOptions, *, memory_limit_mb: int = 1024, threads: int = 2) -> None:
        self.home = ManagedHome(
            folder,
            password=options.password,
            heap_mb=options.heap_mb,
            page_cache_mb=options.page_cache_mb,
            short_lived=options.short_lived,
            cache=options.cache,
        )
        self.memory_limit_mb = memory_limit_mb
        self.threads = threads
        self._drivers: dict[str, neo4j.Driver] = {}
        self._started: set[str] = set()

    def write(self, build_id: str, tables: duckdb.DuckDBPyConnection, progress: Progress) -> dict[str, int]:
        require_build_id(build_id)
        progress.stage("graph", len(NODES) + len(RELATIONSHIPS) - len(WRITTEN_WITH_LEADS) + 2)
        name = self.home.idle
        what = f"the graph of build {build_id} could not be written"
        with self._working(name, what), timed(f"graph build={build_id} home={name}"):
            self._release(name)
            remove_held(self.home.homes[name].folder)
            files = self._import(name, build_id, tables, progress)
            driver = self._start(name, read_only=False)
            progress.advance(1, "verification")
            counts = self._index_and_verify(name, driver, files)
            set_state(driver, self.home.address(name), build_id, LOADED)
            write_held(self.home.homes[name].folder, Held(build_id, ready=False))
        progress.done(f"{sum(counts.values())} nodes and relationships")
        return counts

    def write_leads(self, build_id: str, leads: Sequence[Mapping[str, Any]]) -> None:
        name = self.home.require(build_id)
        folder = self.home.homes[name].folder
        with self._working(name, f"the leads of build {build_id} could not be written"):
            # Not to be shown from here on until all of it is in again.
            write_held(folder, Held(build_id, ready=False))
            driver = self._start(name, read_only=False)
            replace_leads(driver, self.home.address(name), leads)
            set_state(driver, self.home.address(name), build_id, PUBLISHED)
            if self.home.serves:
                self._start(name, read_only=True)
            else:
                # nobody will see it before the next start, which is read-only
                self._release(name)
                self.home.stop_server(name)
            write_held(folder, Held(build_id, ready=True))
            self._show_again(name, build_id)

    def activate(self, build_id: str) -> None:
        name = self.home.require(build_id)
        held = read_held(self.home.homes[name].folder)
        if held is None or not held.ready:
            raise StoreError(
                f"the graph of build {build_id} has no leads yet",
                "run the build again with --resume, which writes them",
            )
        with self._working(name, f"build {build_id} could not be shown"):
            if self.home.serves:
                self._start(name, read_only=True)
            elif not self.home.is_running(name):
                self.home.configure(name, read_only=True)
            before = self.home.pointer
            self.home.show(name, build_id)
        if before is not None and before.home != name:
            self._release(before.home)
            self.home.retire(before.home)

    def open(self, build_id: str) -> GraphReader:
        name = self.home.require(build_id)
        held = read_held(self.home.homes[name].folder)
        with self._working(name, f"the graph of build {build_id} could not be opened"):
            driver = self._start(name, read_only=held is not None and held.ready)
            return Neo4jReader(driver, self.home.address(name))

    def remove(self, build_id: str) -> None:
        name = self.home.holding(build_id)
        if name is not None:
            self._release(name)
            self.home.erase_graph(name)

    def inspect(self, build_id: str | None) -> StoreReport:
        status = self.home.status()
        faults = [StoreFault(problem, "graphaudit neo4j start") for problem in status.problems]
        engine = f"Neo4j {status.version}"
        served = f"served at {client_addresses(self.home.folder)[1]}" if status.running else "not served"
        if build_id is not None:
            name = self.home.require(build_id)
            if status.build_id != build_id:
                shown = status.build_id or "no build"
                faults.append(
                    StoreFault(
                        f"clients see {shown}, {build_id} is published", f"graphaudit builds rollback {build_id}"
                    )
                )
            self.open(build_id).close()
            driver = self._drivers[name]
            with self._working(name, "the store could not be looked at"):
                engine = f"Neo4j {server_version(driver, self.home.address(name))}"
                faults += faults_of(driver, self.home.address(name), build_id)
        return StoreReport(engine, f"{self.home.folder}, {served}", tuple(faults))

    def close(self) -> None:
        pointer = self.home.pointer
        for name in list(self._drivers):
            self._release(name)
        for name in sorted(self._started):
            if not (self.home.serves and pointer is not None and pointer.home == name):
                self.home.stop_server(name)
        self._started.clear()

    def _import(self, name: str, build_id: str, tables: duckdb.DuckDBPyConnection, progress: Progress) -> ImportFiles:
        """Write the files, import them into the stopped home, delete them: they hold every row of the graph."""
        home = self.home.homes[name]
        self.home.stop_server(name)
        self.home.configure(name, read_only=False)
        folder = home.folder / "import" / "rows"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            # Closed whatever happens, so that nothing is still being computed into a folder that goes.
            with closing(ahead(write_extracts(tables, folder))) as extracts, timed("import files"):
                files = write_import_files(
                    extracts,
                    folder,
                    home.folder,
                    build_id,
                    progress,
                    memory_limit_mb=self.memory_limit_mb,
                    threads=self.threads,
                )
            progress.advance(1, "import")
            with timed("import"):
                report = import_full(
                    home, self.home.runtime, files.arguments, max_off_heap_mb=off_heap_mb(), heap_mb=self.home.heap_mb
                )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if (report.nodes, report.relationships) != (files.nodes, files.relationships):
            raise StoreError(
                f"the import wrote {report.nodes:,} nodes and {report.relationships:,} relationships "
                f"of {files.nodes:,} and {files.relationships:,}",
                "run the build again; if it happens twice, check the disk",
            )
        return files

    def _index_and_verify(self, name: str, driver: neo4j.Driver, files: ImportFiles) -> dict[str, int]:
        """Make constraints and indexes while everything is counted and summed: neither fills all cores by itself."""
        address = self.home.address(name)
        with timed("indexes and verification"), ThreadPoolExecutor(1, thread_name_prefix="indexes") as worker:
            indexing = worker.submit(prepare, driver, address)
            counts = verify(Neo4jReader(driver, address), files.extracts, workers=2)
            indexing.result()
        return counts

    def _start(self, name: str, *, read_only: bool) -> neo4j.Driver:
        """A driver for home `name`, whose server runs with or without the right to write."""
        home = self.home.homes[name]
        running = self.home.is_running(name)
        if not running or home.is_read_only != read_only:
            self._release(name)
            self._started.add(name)
            with timed("start read-only" if read_only else "start"):
                self.home.start_server(name, read_only=read_only)
        if name not in self._drivers:
            self._drivers[name] = self.home.driver(name)
        return self._drivers[name]

    def _release(self, name: str) -> None:
        driver = self._drivers.pop(name, None)
        if driver is not None:
            driver.close()

    def _show_again(self, name: str, build_id: str) -> None:
        """The leads of the shown build were written: its server has other ports now."""
        pointer = self.home.pointer
        if pointer is not None and pointer.home == name:
            self.home.show(name, build_id)

    @contextmanager
    def _working(self, name: str, what: str) -> Iterator[None]:
        """What goes wrong with home `name` comes out as a StoreError that begins with `what`."""
        try:
            yield
        except FAILURES as error:
            raise self._server_says(name, what) or explained(error, self.home.address(name), what) from error
        except (duckdb.Error, OSError) as error:
            raise StoreError(
                f"{what}: {disk_failure(error)}",
                f"check that the disk of {self.home.folder} has room, then run the build again",
            ) from error

    def _server_says(self, name: str, what: str) -> StoreError | None:
        """That the disk is full, when it is: the driver is told only that something could not be done."""
        home = self.home.homes[name]
        log = home.logs / "debug.log"
        failure = java_explained(what, tail(log), home, log)
        return failure if failure.detail.endswith(DISK_FULL) else None


def require_build_id(build_id: str) -> None:
    """StoreError unless `build_id` may stand in a file and a folder name."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", build_id):
        raise StoreError("a build id consists of letters, digits, dots, hyphens and underscores")


def off_heap_mb() -> int:
    """Memory for the import beside its heap, in MiB."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20)
    return max(LEAST_OFF_HEAP_MB, min(MOST_OFF_HEAP_MB, int(total * OFF_HEAP_SHARE)))
