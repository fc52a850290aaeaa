"""Graph stores behind one protocol: Ladybug embedded, Neo4j in production."""

from __future__ import annotations

from pathlib import Path

from graphaudit.errors import ConfigurationError
from graphaudit.stores.base import GraphReader, GraphStore

__all__ = ["GraphReader", "GraphStore", "open_store"]


def open_store(url: str, *, memory_limit_mb: int = 1024, threads: int = 2) -> GraphStore:
    """The store that `url` names; its engine is imported only now. ConfigurationError when there is none.

    `ladybug:PATH` is a folder with one file a build; `memory_limit_mb` bounds the engine's page cache.
    """
    kind, _, rest = url.partition(":")
    if kind == "ladybug" and rest:
        from graphaudit.stores.ladybug_store import LadybugStore

        return LadybugStore(Path(rest), memory_limit_mb=memory_limit_mb, threads=threads)
    if kind in {"neo4j", "neo4j-home", "neo4j+s", "bolt"}:
        raise ConfigurationError(
            "the Neo4j store is not available in this version", "use the embedded store: --store ladybug:FOLDER"
        )
    raise ConfigurationError(
        f"unknown kind of graph store {kind!r}" if rest else "a store URL has the form ladybug:FOLDER",
        "use the embedded store: --store ladybug:FOLDER",
    )
