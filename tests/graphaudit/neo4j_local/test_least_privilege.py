"""A serving server may do little: it only reads, fetches nothing, hands out Browser and listens to this machine."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
import psutil
import pytest

from graphaudit.neo4j_local import Runtime, import_full
from tests.neo4j_server import Neo4jServer, local_server

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

PERSONS = 5


@dataclass
class Serving:
    """A read-only server with a few persons, and its process."""

    server: Neo4jServer
    pid: int
    driver: neo4j.Driver

    def ask(self, text: str, database: str = "neo4j", **parameters: object) -> list[neo4j.Record]:
        return self.driver.execute_query(text, parameters, database_=database).records


@dataclass
class Listener:
    """A port of this machine that counts who calls."""

    port: int
    heard: list[bytes] = field(default_factory=list)


@pytest.fixture(scope="module")
def serving(neo4j_runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Imported offline, then started read-only: as a managed home serves."""
    folder = tmp_path_factory.mktemp("serving")
    rows = "".join(f"{number},P-{number:08}\n" for number in range(PERSONS))
    (folder / "persons.csv").write_text(f"number:ID,person_id\n{rows}", encoding="utf-8")
    starting = local_server(neo4j_runtime, folder / "home", read_only=True)
    report = import_full(
        starting.home,
        neo4j_runtime,
        ["--id-type=actual", f"--nodes=Person={folder / 'persons.csv'}"],
        max_off_heap_mb=256,
        heap_mb=256,
    )
    assert (report.nodes, report.relationships, report.properties) == (PERSONS, 0, PERSONS)
    with starting as server, server.driver() as driver:
        pid = starting.server.running()
        assert pid is not None
        yield Serving(server, pid, driver)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Answers every call with one row of CSV, and keeps what was asked."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        made = Listener(listening.getsockname()[1])

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    made.heard.append(connection.recv(4096))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\na\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_load_csv_sends_nothing_to_the_network(serving: Serving, listener: Listener) -> None:
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        for scheme in ("http", "ftp"):
            with pytest.raises(neo4j.exceptions.ClientError) as refused:
                serving.ask(
                    "MATCH (p:Person) WITH p LIMIT 1 LOAD CSV FROM $url + p.person_id AS row RETURN row",
                    url=f"{scheme}://{host}:{listener.port}/?leak=",
                )
            assert refused.value.code == "Neo.ClientError.Statement.ExternalResourceFailed"
    assert listener.heard == []
    # the listener hears whoever does call, so its silence means something
    with urllib.request.urlopen(f"http://127.0.0.1:{listener.port}/control", timeout=10) as page:
        assert page.status == 200
    assert len(listener.heard) == 1
    assert b"/control" in listener.heard[0]


def test_load_csv_reads_no_file(serving: Serving, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("secret\n", encoding="utf-8")
    for url in ((tmp_path / "secret.csv").as_uri(), "file:///etc/passwd", "file:///../conf/neo4j.conf"):
        with pytest.raises(neo4j.exceptions.ClientError) as refused:
            serving.ask("LOAD CSV FROM $url AS row RETURN row", url=url)
        assert refused.value.code == "Neo.ClientError.Statement.ExternalResourceFailed"
        assert "allow_csv_import_from_file_urls" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (:Person {person_id: 'P-new'})",
        "MATCH (p:Person) SET p.name = 'x'",
        "MATCH (p:Person) DETACH DELETE p",
        "CREATE INDEX FOR (p:Person) ON (p.person_id)",
        "CALL db.createLabel('Other')",
    ],
)
def test_nothing_can_be_written(serving: Serving, text: str) -> None:
    with pytest.raises(neo4j.exceptions.ClientError) as refused:
        serving.ask(text)
    assert refused.value.code == "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase"
    assert serving.ask("MATCH (p:Person) RETURN count(p) AS n, count(p.name) AS names")[0].data() == {
        "n": PERSONS,
        "names": 0,
    }


def test_nothing_but_this_machine_is_listened_to(serving: Serving) -> None:
    listening = [
        connection.laddr
        for connection in psutil.Process(serving.pid).net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) == 2
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_http_hands_out_browser_and_takes_no_query(serving: Serving) -> None:
    with urllib.request.urlopen(f"{serving.server.http_url}/browser/", timeout=30) as page:
        policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert f"connect-src 'self' ws://127.0.0.1:{serving.server.uri.rpartition(':')[2]}" in policy
    assert "segment" not in policy
    assert "googleapis" not in policy
    body = json.dumps({"statements": [{"statement": "RETURN 1"}]}).encode()
    for place in ("/db/neo4j/tx/commit", "/db/neo4j/query/v2", "/db/data/"):
        request = urllib.request.Request(
            f"{serving.server.http_url}{place}", data=body, headers={"Content-Type": "application/json"}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        refused.value.close()
        assert refused.value.code in (404, 405)


@pytest.mark.parametrize("auth", [None, ("neo4j", "neo4j"), ("neo4j", "password"), ("neo4j", "")])
def test_no_default_password_lets_anybody_in(serving: Serving, auth: tuple[str, str] | None) -> None:
    with (
        neo4j.GraphDatabase.driver(serving.server.uri, auth=auth) as driver,
        pytest.raises(neo4j.exceptions.ClientError) as refused,
    ):
        driver.execute_query("RETURN 1")
    assert refused.value.code is not None
    assert refused.value.code.startswith("Neo.ClientError.Security.")


def test_a_new_password_must_not_be_short(serving: Serving) -> None:
    with pytest.raises(neo4j.exceptions.ClientError, match="at least 12 characters"):
        serving.ask("ALTER USER neo4j SET PASSWORD $short CHANGE NOT REQUIRED", database="system", short="eleven-char")


def test_what_a_client_may_read_of_the_configuration_holds_no_secret(serving: Serving) -> None:
    shown = serving.ask("SHOW SETTINGS YIELD name, value RETURN name, value")
    assert len(shown) > 100
    assert not [row["name"] for row in shown if serving.server.password in str(row["value"])]


def test_a_query_that_runs_on_is_ended(serving: Serving) -> None:
    (row,) = serving.ask("SHOW SETTINGS YIELD name, value WHERE name = 'db.transaction.timeout' RETURN value")
    assert row["value"] == "2m"
