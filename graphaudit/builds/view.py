"""What a detector is given: the build's tables, its graph, a seed and somewhere to report progress."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graphaudit.progress import Progress, SilentProgress

if TYPE_CHECKING:
    import duckdb

    from graphaudit.stores.base import GraphReader


@dataclass(frozen=True, slots=True, order=True)
class ConfirmedCase:
    """A lead that a check confirmed: numbers, ascending, of those of its persons whom this build knows."""

    lead_id: str
    persons: tuple[int, ...]


@dataclass(slots=True)
class BuildView:
    """Read-only sight of one build.

    `tables` is a DuckDB connection with one view per canonical and derived table (never `identities`);
    `graph` reads the build's graph; `coverage` names the canonical tables and `table.column`s that the
    source really delivered, so that a detector whose `needs` are unmet is skipped with the reason. `confirmed` holds
    earlier leads that were confirmed, by id.
    """

    build_id: str
    tables: duckdb.DuckDBPyConnection
    graph: GraphReader
    coverage: frozenset[str]
    seed: int = 0
    progress: Progress = field(default_factory=SilentProgress)
    folder: Path | None = None
    confirmed: tuple[ConfirmedCase, ...] = ()
