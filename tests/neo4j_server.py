"""A real Neo4j for the tests: one that is given, else one of our own for each test process, started when first needed.

GRAPHAUDIT_TEST_NEO4J_URI=bolt://127.0.0.1:7687   with GRAPHAUDIT_TEST_NEO4J_PASSWORD (and _USER, _HTTP): its database
                                                  must be empty; several test processes need one each, with commas
GRAPHAUDIT_REQUIRE_NEO4J=1                        where no Neo4j can be had, fail instead of skipping
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import neo4j
import pytest

from graphaudit.errors import GraphauditError
from graphaudit.neo4j_local import USER, Home, Runtime, Server, free_ports, runtime, set_initial_password
from graphaudit.neo4j_local.class_archive import make_class_archive
from graphaudit.neo4j_local.home import DATABASE

#: Small, as several run beside two test processes.
HEAP_MB, PAGE_CACHE_MB = 512, 64

#: Tests serve guides from ports that they cannot know beforehand.
GUIDE_ORIGIN = "http://127.0.0.1:*"


@dataclass(frozen=True)
class Neo4jServer:
    """A running server that accepts writes; its database is for one test process alone."""

    uri: str
    http_url: str
    user: str
    password: str

    def driver(self) -> neo4j.Driver:
        """A new driver; whoever asks for it closes it."""
        return neo4j.GraphDatabase.driver(self.uri, auth=(self.user, self.password))

    def clear(self) -> None:
        """Take away every node, constraint and index."""
        with self.driver() as driver, driver.session(database=DATABASE) as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()
            for row in session.run("SHOW CONSTRAINTS YIELD name").data():
                session.run(f"DROP CONSTRAINT `{row['name']}`").consume()
            for row in session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name").data():
                session.run(f"DROP INDEX `{row['name']}`").consume()


@pytest.fixture(scope="session")
def neo4j_runtime() -> Runtime:
    """Java and jars of a local Neo4j, for tests that start servers of their own: dozens, so each must be quick."""
    try:
        make_class_archive(runtime())
        return runtime()
    except GraphauditError as error:
        unavailable(str(error))


@pytest.fixture(scope="session")
def neo4j_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """The server of this test process; tests that count what is in it ask for `empty_neo4j`."""
    if os.environ.get("GRAPHAUDIT_TEST_NEO4J_URI"):
        yield given_server(os.environ.get("PYTEST_XDIST_WORKER", "gw0"))
        return
    java_and_jars = request.getfixturevalue("neo4j_runtime")
    with local_server(java_and_jars, tmp_path_factory.mktemp("neo4j") / "home") as server:
        yield server


@pytest.fixture
def empty_neo4j(neo4j_server: Neo4jServer) -> Iterator[Neo4jServer]:
    """The server of this test process with nothing in it, before and afterwards."""
    neo4j_server.clear()
    yield neo4j_server
    neo4j_server.clear()


def unavailable(reason: str) -> NoReturn:
    """Skip, visibly; or fail, where Neo4j is required."""
    if os.environ.get("GRAPHAUDIT_REQUIRE_NEO4J") == "1":
        pytest.fail(f"Neo4j is required here: {reason}", pytrace=False)
    pytest.skip(f"no Neo4j: {reason}")


class local_server:
    """Starts a small server in `folder` and stops it at the end."""

    def __init__(
        self, java_and_jars: Runtime, folder: Path, *, read_only: bool = False, password: str | None = None
    ) -> None:
        self.home = Home(folder)
        self.password = password or secrets.token_urlsafe(16)
        self.home.configure(
            free_ports(),
            read_only=read_only,
            heap_mb=HEAP_MB,
            page_cache_mb=PAGE_CACHE_MB,
            guide_origin=GUIDE_ORIGIN,
            short_lived=True,
        )
        self.server = Server(self.home, java_and_jars)
        set_initial_password(self.home, java_and_jars, self.password)

    def __enter__(self) -> Neo4jServer:
        self.server.start()
        self.server.wait_ready(self.password)
        return Neo4jServer(self.home.bolt_uri, self.home.http_url, USER, self.password)

    def __exit__(self, *exception: object) -> None:
        self.server.stop()


def given_server(worker: str) -> Neo4jServer:
    """The server that the environment names for this test process."""
    uris = os.environ["GRAPHAUDIT_TEST_NEO4J_URI"].split(",")
    number = int(worker.removeprefix("gw") or 0)
    if number >= len(uris):
        pytest.fail(
            "GRAPHAUDIT_TEST_NEO4J_URI names fewer servers than there are test processes: "
            "separate them with commas, or run with -n 0",
            pytrace=False,
        )
    host = neo4j.Address.parse(uris[number].partition("://")[2], default_host="127.0.0.1").host
    pages = os.environ.get("GRAPHAUDIT_TEST_NEO4J_HTTP", f"http://{host}:7474").split(",")
    server = Neo4jServer(
        uris[number],
        pages[min(number, len(pages) - 1)],
        os.environ.get("GRAPHAUDIT_TEST_NEO4J_USER", USER),
        os.environ.get("GRAPHAUDIT_TEST_NEO4J_PASSWORD", ""),
    )
    try:
        with server.driver() as driver:
            held = driver.execute_query("MATCH (n) RETURN count(n) AS nodes", database_=DATABASE).records[0]["nodes"]
    except (neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError) as error:
        unavailable(f"{server.uri} does not answer ({type(error).__name__})")
    if held:
        pytest.fail(f"{server.uri} holds {held} nodes, which tests would delete: give an empty one", pytrace=False)
    return server
