"""A build on disk, opened for reading: its tables, and with its graph the view that detectors are given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import duckdb

from graphaudit.builds.confirmed import Cases, numbered_cases
from graphaudit.builds.tables import open_tables
from graphaudit.builds.view import BuildView
from graphaudit.progress import Progress
from graphaudit.settings import Settings
from graphaudit.stores.base import GraphStore


@contextmanager
def opened_tables(folder: Path, settings: Settings, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the build in `folder`; what does not fit into memory goes to `spill`."""
    connection = open_tables(folder, memory_limit=settings.memory_limit, threads=settings.threads, temp_directory=spill)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def opened_view(
    folder: Path,
    settings: Settings,
    store: GraphStore,
    spill: Path,
    progress: Progress,
    *,
    seed: int,
    confirmed: Cases = MappingProxyType({}),
) -> Iterator[BuildView]:
    """The build in `folder` as detectors see it. NotFoundError when the store no longer holds its graph.

    `confirmed` holds the members of confirmed leads, as the registry has them.
    """
    coverage = json.loads((folder / "load.json").read_text(encoding="utf-8"))["coverage"]
    with opened_tables(folder, settings, spill) as tables:
        graph = store.open(folder.name)
        try:
            yield BuildView(
                build_id=folder.name,
                tables=tables,
                graph=graph,
                coverage=frozenset(coverage),
                seed=seed,
                progress=progress,
                folder=folder,
                confirmed=numbered_cases(tables, confirmed),
            )
        finally:
            graph.close()
