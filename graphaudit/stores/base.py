"""What every graph store offers: write one build's graph, read it with Cypher, say what it can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import duckdb

    from graphaudit.progress import Progress

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoreFault:
    """Something about a store that should be otherwise, and what to do about it."""

    detail: str
    fix: str


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What a store is: engine with version, where it is, what is wrong with it (nothing: an empty tuple)."""

    engine: str
    place: str
    faults: tuple[StoreFault, ...] = ()


class GraphReader(Protocol):
    """Reads one published build."""

    @property
    def capabilities(self) -> frozenset[str]:
        """Names of the engine features that a query header may ask for under `needs-engine`."""

    def run(self, text: str, parameters: Mapping[str, Any]) -> list[Row]:
        """Run one reading query; values travel as parameters only. QueryError on failure."""

    def counts(self) -> dict[str, int]:
        """Nodes per label and relationships per type."""

    def close(self) -> None:
        """Give the connection back."""


class GraphStore(Protocol):
    """Holds the graphs of all builds of one site."""

    def write(self, build_id: str, tables: duckdb.DuckDBPyConnection, progress: Progress) -> dict[str, int]:
        """Build the graph of `build_id` from the views of `tables`, verify its counts, return them.

        Nothing half-written stays behind on failure; other builds are untouched. StoreError on failure.
        """

    def write_leads(self, build_id: str, leads: Sequence[Mapping[str, Any]]) -> None:
        """Publish `leads` as (:Lead)-[:IMPLICATES]-> members; replaces those already there."""

    def activate(self, build_id: str) -> None:
        """Show `build_id` to everyone who reads the store by itself; doing it twice changes nothing.

        Its graph and leads must be written. What was shown before may be kept for rollback. NotFoundError when
        there is no such graph.
        """

    def open(self, build_id: str) -> GraphReader:
        """A read-only reader of `build_id`. NotFoundError when there is no such graph."""

    def remove(self, build_id: str) -> None:
        """Forget the graph of `build_id`; absent is fine."""

    def inspect(self, build_id: str | None) -> StoreReport:
        """Compare the store, and the graph of `build_id` when there is one, with the declared schema.

        Changes nothing. StoreError or ConfigurationError when the store cannot be reached.
        """

    def close(self) -> None:
        """Release every resource."""
