"""Put one build's tables into Neo4j, by one of both ways, and say when each step begins: what `bench_neo4j` watches."""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from graphaudit.builds.tables import open_tables
from graphaudit.neo4j_local import Home, Server, free_ports, runtime, set_initial_password
from graphaudit.progress import SilentProgress
from graphaudit.stores import Neo4jOptions
from graphaudit.stores.neo4j_store.managed_store import ManagedNeo4jStore
from graphaudit.stores.neo4j_store.store import Neo4jStore
from tests.benchmarks.sampling import emit

#: Steps of the store's own log; others (the whole, say) are not told.
STEPS = ("import files", "import", "start", "indexes and verification", "start read-only")
PASSWORD = "benchmark-only-7319"
HEAP_MB, PAGE_CACHE_MB = 2048, 2048


class StepEvents(logging.Handler):
    """Passes the beginning of each step on to the parent."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        name = text.removeprefix("start what=")
        if name in STEPS and text != name:
            emit("step", name=name)


def main(way: str, folder: str) -> None:
    """`way` is offline or online; `folder` holds the build's tables and derived tables."""
    progress_log = logging.getLogger("graphaudit.progress")
    progress_log.setLevel(logging.DEBUG)
    progress_log.addHandler(StepEvents())
    with tempfile.TemporaryDirectory(dir=Path(folder).parent) as place:
        (offline if way == "offline" else online)(Path(folder), Path(place))


def offline(folder: Path, place: Path) -> None:
    """A rebuild behind running clients: their gate and an empty home serve already, as in the life of a site."""
    options = Neo4jOptions(PASSWORD, HEAP_MB, PAGE_CACHE_MB)
    with (
        closing(open_tables(folder, temp_directory=place / "spill")) as tables,
        closing(ManagedNeo4jStore(place / "neo4j", options)) as store,
    ):
        ports = free_ports()
        store.home.start(bolt_port=ports.bolt, http_port=ports.http)
        try:
            began = time.perf_counter()
            counts = store.write("bench", tables, SilentProgress())
            store.write_leads("bench", [])
            # the flip itself; the drain that follows waits for nobody here
            store.activate("bench")
            seconds = time.perf_counter() - began
            served = store.home.homes["b"].data / "databases"
            size = sum(file.stat().st_size for file in served.rglob("*") if file.is_file())
            emit("result", entities=sum(counts.values()), seconds=seconds, bytes=size, counts=counts)
        finally:
            store.home.stop()


def online(folder: Path, place: Path) -> None:
    """A load into an empty server that somebody else runs."""
    home, java = Home(place / "server"), runtime()
    home.configure(free_ports(), read_only=False, heap_mb=HEAP_MB, page_cache_mb=PAGE_CACHE_MB, transaction_timeout_s=0)
    set_initial_password(home, java, PASSWORD)
    server = Server(home, java)
    server.start()
    try:
        server.wait_ready(PASSWORD)
        with (
            closing(open_tables(folder, temp_directory=place / "spill")) as tables,
            closing(Neo4jStore(home.bolt_uri, PASSWORD)) as store,
        ):
            emit("step", name="online load")
            began = time.perf_counter()
            counts = store.write("bench", tables, SilentProgress())
            store.write_leads("bench", [])
            store.activate("bench")
            seconds = time.perf_counter() - began
        size = sum(file.stat().st_size for file in (home.data / "databases").rglob("*") if file.is_file())
        emit("result", entities=sum(counts.values()), seconds=seconds, bytes=size, counts=counts)
    finally:
        server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
