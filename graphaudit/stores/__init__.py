"""Graph stores behind one protocol: Ladybug embedded, Neo4j in production."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphaudit.errors import ConfigurationError
from graphaudit.stores.base import GraphReader, GraphStore, StoreFault, StoreReport

if TYPE_CHECKING:
    from graphaudit.settings import Settings

__all__ = ["GraphReader", "GraphStore", "Neo4jOptions", "StoreFault", "StoreReport", "open_store", "store_of"]

#: URL schemes of the official driver: plain, encrypted, encrypted without a check of the certificate.
NEO4J_SCHEMES = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})
FORMS = "ladybug:FOLDER, neo4j-home:FOLDER or neo4j://USER@HOST:7687"


@dataclass(frozen=True, slots=True)
class Neo4jOptions:
    """What the Neo4j stores need beside their URL: the user's password; memory of a server on this machine, in MiB.

    `short_lived` makes such a server start sooner and answer more slowly; `cache` is where its jars are kept.
    """

    password: str | None = None
    heap_mb: int = 1024
    page_cache_mb: int = 1024
    short_lived: bool = False
    cache: Path | None = None

    def __repr__(self) -> str:
        return f"Neo4jOptions(heap_mb={self.heap_mb}, page_cache_mb={self.page_cache_mb})"


def store_of(settings: Settings) -> GraphStore:
    """The store that `settings` name, with the password that they give."""
    options = Neo4jOptions(
        password=settings.neo4j_secret(),
        heap_mb=settings.neo4j_heap_mb,
        page_cache_mb=settings.neo4j_page_cache_mb,
        cache=settings.neo4j_cache,
    )
    return open_store(settings.store_url, threads=settings.threads, neo4j=options)


def open_store(url: str, *, threads: int = 2, neo4j: Neo4jOptions | None = None) -> GraphStore:
    """The store that `url` names; its engine is imported only now. ConfigurationError when there is none.

    `ladybug:PATH` is a folder with one file a build.
    `neo4j-home:PATH` is a Neo4j on this machine that is managed here; `neo4j://user@host:7687` (or `bolt://`, and
    `+s` for an encrypted connection) a server that somebody else runs, which holds one build at a time.
    """
    kind, _, rest = url.partition(":")
    if kind == "ladybug" and rest:
        from graphaudit.stores.ladybug_store import LadybugStore

        return LadybugStore(Path(rest), threads=threads)
    options = neo4j or Neo4jOptions()
    if kind == "neo4j-home" and rest:
        from graphaudit.stores.neo4j_store.managed_store import ManagedNeo4jStore

        return ManagedNeo4jStore(Path(rest), options, threads=threads)
    if kind in NEO4J_SCHEMES and rest:
        from graphaudit.stores.neo4j_store.store import Neo4jStore

        return Neo4jStore(url, options.password)
    raise ConfigurationError(
        f"unknown kind of graph store {kind!r}" if rest else "a store URL has a kind and a place", f"known are {FORMS}"
    )
