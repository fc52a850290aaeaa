"""Load a graph through the driver: constraints first, batches sorted by key, one writer, each batch exactly once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import neo4j
from neo4j.exceptions import IncompleteCommit

from graphaudit.errors import StoreError
from graphaudit.progress import Progress
from graphaudit.schema import NODES, RELATIONSHIPS, node, relationship
from graphaudit.stores.bulk import Extract
from graphaudit.stores.neo4j_store.address import Address
from graphaudit.stores.neo4j_store.connection import FAILURES, LOST, explained
from graphaudit.stores.neo4j_store.reader import Neo4jReader
from graphaudit.stores.neo4j_store.statements import (
    BUILD,
    LOADING,
    MADE_BY,
    constraints,
    create_nodes,
    create_relationships,
    delete_nodes,
    delete_relationships,
    indexes,
)

logger = logging.getLogger(__name__)

BATCH_ROWS = 10_000
#: Times that a commit whose answer was lost is looked into before the load is given up.
UNCERTAIN_COMMITS = 5
INDEX_WAIT_S = 3600


def claim(driver: neo4j.Driver, address: Address, build_id: str) -> None:
    """Mark the database as ours and as being loaded, before anything in it changes."""
    driver.execute_query(
        f"MERGE (b:{BUILD} {{made_by: $made_by}}) SET b.build_id = $build_id, b.state = $state, b.batch = 0",
        made_by=MADE_BY,
        build_id=build_id,
        state=LOADING,
        database_=address.database,
    )


def set_state(driver: neo4j.Driver, address: Address, build_id: str, state: str) -> None:
    """Say how far `build_id` is; nothing happens when the database holds another build."""
    driver.execute_query(
        f"MATCH (b:{BUILD} {{made_by: $made_by, build_id: $build_id}}) SET b.state = $state REMOVE b.batch",
        made_by=MADE_BY,
        build_id=build_id,
        state=state,
        database_=address.database,
    )


def clear(driver: neo4j.Driver, address: Address) -> None:
    """Delete everything declared: relationships first, since deleting a hub with all of its own is one transaction."""
    counts = Neo4jReader(driver, address).counts()
    texts = [delete_relationships(r.name) for r in RELATIONSHIPS if counts[r.name]]
    texts += [delete_nodes(n.label) for n in NODES if counts[n.label]]
    with driver.session(database=address.database) as session:
        for text in texts:
            session.run(text).consume()


def forget(driver: neo4j.Driver, address: Address) -> None:
    """Delete the mark too: the database is nobody's then."""
    driver.execute_query(
        f"MATCH (b:{BUILD} {{made_by: $made_by}}) DELETE b", made_by=MADE_BY, database_=address.database
    )


def prepare(driver: neo4j.Driver, address: Address) -> None:
    """Make every constraint and index that is absent, and wait until all of them serve."""
    with driver.session(database=address.database) as session:
        for definition in (*constraints(), *indexes()):
            session.run(definition.text).consume()
        session.run("CALL db.awaitIndexes($seconds)", seconds=INDEX_WAIT_S).consume()


class OnlineLoad:
    """One load into a claimed and prepared database; `batch_rows` rows travel in one transaction."""

    def __init__(self, driver: neo4j.Driver, address: Address, *, batch_rows: int = BATCH_ROWS) -> None:
        self._driver = driver
        self._address = address
        self._batch_rows = batch_rows
        self._batch = 0

    def run(self, extracts: Iterator[Extract], progress: Progress) -> list[Extract]:
        """Load every extract in the order given and delete its file; what was loaded comes back.

        StoreError says what was being loaded, and how far, when the server stays away longer than the driver's
        patience or refuses a row.
        """
        loaded: list[Extract] = []
        with duckdb.connect(":memory:") as files:
            for extract in extracts:
                progress.advance(1 if loaded and loaded[-1].name != extract.name else 0, extract.name)
                if extract.rows:
                    self._load(extract, files)
                extract.path.unlink()
                loaded.append(extract)
        progress.advance(1)
        return loaded

    def _load(self, extract: Extract, files: duckdb.DuckDBPyConnection) -> None:
        if extract.start and extract.end:
            text = create_relationships(relationship(extract.name), extract.start, extract.end)
            order = "start_key, end_key"
        else:
            text, order = create_nodes(node(extract.name)), node(extract.name).key.name
        target = str(extract.path).replace("'", "''")
        # Sorted, so that one transaction touches neighbours and a repeated load takes the same locks in the same order.
        rows = files.execute(f"SELECT * FROM read_parquet('{target}') ORDER BY {order}")
        done = 0
        while batch := rows.fetchmany(self._batch_rows):
            try:
                created = self._write(text, batch)
            except FAILURES as error:
                what = f"{extract.name} could not be loaded ({done:,} of {extract.rows:,} rows are in)"
                failure = explained(error, self._address, what)
                if isinstance(error, LOST):
                    failure.hint = "start the server again, then run the build again: what is half-loaded is replaced"
                raise failure from error
            if created is not None and created != len(batch):
                raise StoreError(
                    f"{len(batch) - created} of {extract.rows:,} {extract.name} have an end that is not in the graph",
                    "the build's tables do not fit together: run the build again from the staging",
                )
            done += len(batch)

    def _write(self, text: str, rows: Sequence[Any]) -> int | None:
        """Write one batch exactly once; how many entities it made, None when only the server knows."""
        self._batch += 1
        number = self._batch

        def work(transaction: neo4j.ManagedTransaction) -> int:
            counters = transaction.run(text, rows=rows).consume().counters
            # In the same transaction, so that the answer to a lost commit can be asked for afterwards.
            transaction.run(
                f"MATCH (b:{BUILD} {{made_by: $made_by}}) SET b.batch = $number", made_by=MADE_BY, number=number
            ).consume()
            return counters.relationships_created or counters.nodes_created

        for attempt in range(1, UNCERTAIN_COMMITS + 1):
            try:
                with self._driver.session(database=self._address.database) as session:
                    return session.execute_write(work)
            except IncompleteCommit:
                logger.warning("commit uncertain batch=%d attempt=%d", number, attempt)
                if self._last_batch() >= number:
                    return None
                if attempt == UNCERTAIN_COMMITS:
                    raise
        return None

    def _last_batch(self) -> int:
        records, _, _ = self._driver.execute_query(
            f"MATCH (b:{BUILD} {{made_by: $made_by}}) RETURN b.batch AS n",
            made_by=MADE_BY,
            database_=self._address.database,
        )
        return int(records[0]["n"] or 0) if records else 0
