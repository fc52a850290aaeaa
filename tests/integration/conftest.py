"""A managed Neo4j with clients at work, for tests that rebuild behind their backs."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import neo4j
import pytest

from graphaudit.neo4j_local import USER, Runtime, free_ports
from graphaudit.progress import Progress, SilentProgress
from graphaudit.stores import Neo4jOptions
from graphaudit.stores.neo4j_store.managed import ManagedHome, client_addresses
from graphaudit.stores.neo4j_store.managed_store import ManagedNeo4jStore
from tests.table_builder import tables_of

HEAP_MB, PAGE_CACHE_MB = 384, 64
#: Seconds between two questions within a transaction, and between two looks of a client: what asks without a pause only
#: takes the processor from the rebuild behind it.
PAUSE_S, REST_S = 0.03, 0.15
TEXTS = ("", None, 'say "hi"', "two\nlines", " '}) DETACH DELETE n // \\", "药店,$x;`y`\t|\\N", "NULL")
PERSONS = len(TEXTS)


def tables_of_build(build_id: str, persons: int = PERSONS) -> duckdb.DuckDBPyConnection:
    """A tiny graph in which every person carries the name of its build, and some text that is easily spoilt."""
    return tables_of(
        {
            "persons": [
                {"insurance_type": build_id, "birth_year": 1990 + n, "division": TEXTS[n % len(TEXTS)]}
                for n in range(persons)
            ],
            "sites": [{"kind": "institution"}],
            "settlements": [
                {"person_no": n, "site_no": 0, "total_fen": 2**53 + n, "is_manual": n % 2 == 0} for n in range(persons)
            ],
            "co_present": [{"person_a": 0, "person_b": 1, "days": 4, "expected": 4 / 7, "llr": 1e-9}],
        }
    )


def leads_of_build(build_id: str) -> Sequence[Mapping[str, Any]]:
    """One lead that carries the name of its build."""
    return [
        {
            "id": "L-1",
            "rank": 1,
            "score": 0.5,
            "pattern": "insider",
            "title": {"zh": "线索", "en": build_id},
            "status": "new",
            "members": [{"type": "person", "id": "P0", "role": "holder", "strength": 1.0}],
            "evidence": [{"settlements": ["S0"]}],
        }
    ]


@dataclass
class Site:
    """A managed home that serves, and what its clients have met: which builds, and every error and mixture."""

    folder: Path
    options: Neo4jOptions
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def home(self) -> ManagedHome:
        return ManagedHome(
            self.folder,
            password=self.options.password,
            heap_mb=HEAP_MB,
            page_cache_mb=PAGE_CACHE_MB,
            short_lived=True,
        )

    @contextmanager
    def store(self) -> Iterator[ManagedNeo4jStore]:
        with closing(ManagedNeo4jStore(self.folder, self.options, memory_limit_mb=256)) as store:
            yield store

    def rebuild(self, build_id: str, progress: Progress | None = None) -> None:
        """A whole build as the pipeline does it."""
        with self.store() as store:
            store.write(build_id, tables_of_build(build_id), progress or SilentProgress())
            with closing(store.open(build_id)) as reader:
                assert reader.run("MATCH (p:Person) RETURN count(p) AS n", {}) == [{"n": PERSONS}]
            store.write_leads(build_id, leads_of_build(build_id))
            store.activate(build_id)

    def client(self, **settings: Any) -> neo4j.Driver:
        """A client's driver at the fixed address."""
        _, bolt = client_addresses(self.folder)
        return neo4j.GraphDatabase.driver(bolt, auth=(USER, self.options.password or ""), **settings)

    def look(self, driver: neo4j.Driver) -> str:
        """The build that one transaction sees, from three places in the graph."""

        def work(transaction: neo4j.ManagedTransaction) -> set[str]:
            builds = {f"{r['id']}" for r in transaction.run("MATCH (b:Build) RETURN b.build_id AS id, b.state AS s")}
            time.sleep(PAUSE_S)
            builds |= {r["id"] for r in transaction.run("MATCH (p:Person) RETURN DISTINCT p.insurance_type AS id")}
            leads = [r["id"] for r in transaction.run("MATCH (l:Lead)-[:IMPLICATES]->() RETURN l.title_en AS id")]
            assert len(leads) == 2, f"half a graph: {leads}"
            return builds | set(leads)

        with driver.session() as session:
            builds = session.execute_read(work)
        assert len(builds) == 1, f"a mixture: {builds}"
        return next(iter(builds))

    def now(self) -> str:
        """The build that a new client sees."""
        with self.client() as driver:
            return self.look(driver)

    def calm(self) -> None:
        """No client has met anything but one whole build at a time."""
        assert not self.wrong

    def dies(self, repository: Path, build_id: str, stage: str, *, begun: bool = False) -> None:
        """A build in a process of its own that is killed at `stage`; `begun`: its graph is written already."""
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.integration.dying_build",
                str(self.folder),
                self.options.password or "",
                build_id,
                stage,
                str(int(begun)),
            ],
            cwd=repository,
            check=False,
            timeout=300,
            capture_output=True,
        )
        assert run.returncode == -9, run.stderr.decode()[-2000:]


@pytest.fixture(scope="module")
def site(neo4j_runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that serves build b0, with three clients asking all the time: two over Bolt, one over HTTP."""
    options = Neo4jOptions(secrets.token_urlsafe(16), HEAP_MB, PAGE_CACHE_MB, short_lived=True)
    site = Site(tmp_path_factory.mktemp("site") / "neo4j", options)
    ports = free_ports()
    over = threading.Event()
    clients = [threading.Thread(target=ask, args=(site, over)) for ask in (_patient, _fresh, _page)]
    try:
        site.rebuild("b0")
        site.home.start(bolt_port=ports.bolt, http_port=ports.http)
        for client in clients:
            client.start()
        yield site
    finally:
        over.set()
        for client in clients:
            if client.ident is not None:
                client.join()
        site.home.stop()


def _patient(site: Site, over: threading.Event) -> None:
    """One driver, and so the same few connections, all the time."""
    with site.client() as driver:
        while not over.wait(REST_S):
            _note(site, driver)


def _fresh(site: Site, over: threading.Event) -> None:
    """A new connection each time."""
    while not over.wait(REST_S):
        with site.client() as driver:
            _note(site, driver)


def _note(site: Site, driver: neo4j.Driver) -> None:
    try:
        build_id = site.look(driver)
    except (neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError, AssertionError) as error:
        site.wrong.append(f"{type(error).__name__}: {error}")
    else:
        if not site.seen or site.seen[-1] != build_id:
            site.seen.append(build_id)


def _page(site: Site, over: threading.Event) -> None:
    """Somebody who opens the Browser again and again."""
    http, _ = client_addresses(site.folder)
    while not over.wait(REST_S * 4):
        try:
            with urllib.request.urlopen(f"{http}/browser/", timeout=30) as page:
                page.read()
        except OSError as error:
            site.wrong.append(f"Browser: {error}")
