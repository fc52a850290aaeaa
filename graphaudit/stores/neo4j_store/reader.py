"""Reads one build's graph from a Neo4j server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import neo4j

from graphaudit.errors import QueryError
from graphaudit.stores.base import Row
from graphaudit.stores.neo4j_store.address import Address
from graphaudit.stores.neo4j_store.connection import FAILURES, LOST, explained, masked
from graphaudit.stores.neo4j_store.statements import counts
from graphaudit.stores.neo4j_store.values import plain


class Neo4jReader:
    """Reading transactions on the server behind `driver`; may be used by several threads at once.

    Each query is one managed transaction: the driver repeats it when the connection is lost or the server restarts,
    so that a rebuild behind the same address is not noticed. `closing` is called once, when the reader is closed.
    """

    capabilities: frozenset[str] = frozenset({"portable_cypher", "neo4j"})

    def __init__(self, driver: neo4j.Driver, address: Address, closing: Callable[[], None] | None = None) -> None:
        self._driver = driver
        self._address = address
        self._closing = closing

    def run(self, text: str, parameters: Mapping[str, Any]) -> list[Row]:
        def work(transaction: neo4j.ManagedTransaction) -> list[Row]:
            result = transaction.run(text, dict(parameters))
            names = result.keys()
            return [dict(zip(names, map(plain, record.values()), strict=True)) for record in result]

        try:
            with self._driver.session(
                database=self._address.database, default_access_mode=neo4j.READ_ACCESS
            ) as session:
                return session.execute_read(work)
        except LOST as error:
            failure = explained(error, self._address)
            raise QueryError(failure.detail, failure.hint) from error
        except FAILURES as error:
            raise QueryError(f"the graph engine refused the query: {masked(error)}") from error

    def counts(self) -> dict[str, int]:
        return {str(row["name"]): int(row["n"]) for row in self.run(counts(), {})}

    def close(self) -> None:
        closing, self._closing = self._closing, None
        if closing is not None:
            closing()
