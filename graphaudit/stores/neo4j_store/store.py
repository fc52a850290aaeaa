"""A Neo4j server that somebody else runs: it holds one build at a time, replaced in place.

While a graph is being replaced, readers of the server see that in `(:Build {state: "loading"})`; leads are served from
the registry meanwhile. A rebuild that nobody notices needs two homes: see `managed`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import neo4j

from graphaudit.errors import NotFoundError, StoreError
from graphaudit.progress import Progress, timed
from graphaudit.schema import NODES, RELATIONSHIPS
from graphaudit.stores.base import GraphReader, StoreReport
from graphaudit.stores.bulk import ahead, write_extracts
from graphaudit.stores.extract import WRITTEN_WITH_LEADS
from graphaudit.stores.neo4j_store.address import read_address
from graphaudit.stores.neo4j_store.connection import FAILURES, RETRY_S, connect, disk_failure, explained, server_version
from graphaudit.stores.neo4j_store.contents import contents_of, refuse_foreign
from graphaudit.stores.neo4j_store.inspection import faults_of
from graphaudit.stores.neo4j_store.leads import replace_leads
from graphaudit.stores.neo4j_store.online import BATCH_ROWS, OnlineLoad, claim, clear, forget, prepare, set_state
from graphaudit.stores.neo4j_store.reader import Neo4jReader
from graphaudit.stores.neo4j_store.statements import LOADED, LOADING, PUBLISHED
from graphaudit.stores.totals import verify

logger = logging.getLogger(__name__)


class Neo4jStore:
    """The database that `url` names. It must be empty or written by this store; anything else is refused by name."""

    def __init__(
        self, url: str, password: str | None, *, batch_rows: int = BATCH_ROWS, retry_s: float = RETRY_S
    ) -> None:
        self.address = read_address(url)
        self._password = password
        self._batch_rows = batch_rows
        self._retry_s = retry_s
        self._driver: neo4j.Driver | None = None

    def write(self, build_id: str, tables: duckdb.DuckDBPyConnection, progress: Progress) -> dict[str, int]:
        progress.stage("graph", len(NODES) + len(RELATIONSHIPS) - len(WRITTEN_WITH_LEADS))
        with self._connected(f"the graph of build {build_id} could not be written") as driver:
            refuse_foreign(contents_of(driver, self.address), self.address)
            with timed(f"graph build={build_id}"), TemporaryDirectory(prefix="graphaudit-rows-") as rows:
                claim(driver, self.address, build_id)
                clear(driver, self.address)
                prepare(driver, self.address)
                load = OnlineLoad(driver, self.address, batch_rows=self._batch_rows)
                # Closed whatever happens, so that nothing is still being computed into a folder that goes.
                with closing(ahead(write_extracts(tables, Path(rows)))) as extracts:
                    loaded = load.run(extracts, progress)
                counts = verify(Neo4jReader(driver, self.address), loaded)
                set_state(driver, self.address, build_id, LOADED)
        progress.done(f"{sum(counts.values())} nodes and relationships")
        return counts

    def write_leads(self, build_id: str, leads: Sequence[Mapping[str, Any]]) -> None:
        with self._connected(f"the leads of build {build_id} could not be written") as driver:
            self._require(driver, build_id)
            replace_leads(driver, self.address, leads)

    def activate(self, build_id: str) -> None:
        with self._connected(f"build {build_id} could not be marked as published") as driver:
            self._require(driver, build_id)
            set_state(driver, self.address, build_id, PUBLISHED)

    def open(self, build_id: str) -> GraphReader:
        with self._connected(f"the graph of build {build_id} could not be opened") as driver:
            self._require(driver, build_id)
            return Neo4jReader(driver, self.address)

    def remove(self, build_id: str) -> None:
        with self._connected(f"the graph of build {build_id} could not be removed") as driver:
            if contents_of(driver, self.address).build_id == build_id:
                clear(driver, self.address)
                forget(driver, self.address)

    def inspect(self, build_id: str | None) -> StoreReport:
        with self._connected("the store could not be looked at") as driver:
            return StoreReport(
                f"Neo4j {server_version(driver, self.address)}",
                self.address.uri,
                faults_of(driver, self.address, build_id),
            )

    def close(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()

    def _require(self, driver: neo4j.Driver, build_id: str) -> None:
        """NotFoundError unless the whole graph of `build_id` is in the database."""
        contents = contents_of(driver, self.address)
        if contents.build_id != build_id or contents.state == LOADING:
            held = f"{contents.build_id} ({contents.state})" if contents.build_id else "no build"
            raise NotFoundError(
                f"the server at {self.address.uri} does not hold the graph of build {build_id}, but {held}",
                "build it again; a server run by somebody else holds one build at a time",
            )

    @contextmanager
    def _connected(self, what: str) -> Iterator[neo4j.Driver]:
        """The one driver of this store; what it raises comes out as a StoreError that begins with `what`."""
        if self._driver is None:
            self._driver = connect(self.address, self._password, retry_s=self._retry_s)
        try:
            yield self._driver
        except FAILURES as error:
            raise explained(error, self.address, what) from error
        except (duckdb.Error, OSError) as error:
            raise StoreError(
                f"{what}: {disk_failure(error)}",
                "check that the folder for temporary files has room, then run the build again",
            ) from error
