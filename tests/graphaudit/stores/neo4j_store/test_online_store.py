"""A server that somebody else runs: loaded through the driver, replaced in place, never at a stranger's cost."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import neo4j
import pytest
from neo4j.exceptions import IncompleteCommit

from graphaudit.errors import NotFoundError, QueryError, StoreError
from graphaudit.neo4j_local import free_ports
from graphaudit.neo4j_local.server import is_listening
from graphaudit.progress import SilentProgress
from graphaudit.schema import NODES, RELATIONSHIPS
from graphaudit.stores import bulk
from graphaudit.stores.extract import WRITTEN_WITH_LEADS, node_sql
from graphaudit.stores.ladybug_store import LadybugStore
from graphaudit.stores.neo4j_store import connection, gate
from graphaudit.stores.neo4j_store.address import Address
from graphaudit.stores.neo4j_store.connection import connect
from graphaudit.stores.neo4j_store.gate import Gate
from graphaudit.stores.neo4j_store.inspection import faults_of
from graphaudit.stores.neo4j_store.online import OnlineLoad
from graphaudit.stores.neo4j_store.pointer import Clients, Pointer, remove_pointer, write_clients, write_pointer
from graphaudit.stores.neo4j_store.statements import constraints, indexes
from graphaudit.stores.neo4j_store.store import Neo4jStore
from tests.neo4j_server import Neo4jServer
from tests.table_builder import tables_of

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

#: Order of rows is nobody's promise: compared sorted.
QUERIES = (
    "MATCH (p:Person) RETURN p.person_id AS a, p.birth_year AS b, p.died_on AS c, p.division AS d",
    "MATCH (s:Settlement)-[:OF_PERSON]->(p) RETURN s.settlement_id AS a, p.person_id AS b, s.settled_at AS c, "
    "s.total_fen AS d, s.is_manual AS e, s.refunded_fen AS f",
    "MATCH (s:Settlement) RETURN s.kind AS a, count(s) AS n, sum(s.total_fen) AS total",
    "MATCH (p:Person)-[v:VISITED]->(x:Institution|Pharmacy) RETURN p.person_id AS a, v.n AS n, v.fund_fen AS f",
    "MATCH (a:Person)-[c:CO_PRESENT]->(b:Person) RETURN a.person_id AS a, c.llr AS llr, [c.days, 1] AS l",
    "MATCH (p:Person) OPTIONAL MATCH (p)-[:HAS_PHONE]->(h:Phone) RETURN p.person_id AS a, h.phone_id AS h",
    "MATCH (p:Person) WHERE p.person_id IN $keys RETURN collect(p.person_id) AS keys, $day AS day",
)
PARAMETERS = {"keys": ["P1"], "day": 7}


@pytest.fixture(scope="module")
def server(neo4j_server: Neo4jServer) -> Iterator[Neo4jServer]:
    """The test server; what is in it goes at the end of the module, constraints too."""
    neo4j_server.clear()
    yield neo4j_server
    neo4j_server.clear()


@pytest.fixture
def store(server: Neo4jServer) -> Iterator[Neo4jStore]:
    """A store on the test server, which is empty; two rows travel at a time, so that every load takes many batches.

    Constraints of the test before stay: making them anew costs more than all else.
    """
    with server.driver() as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
    store = Neo4jStore(server.uri, server.password, batch_rows=2)
    yield store
    store.close()


def everything(server: Neo4jServer) -> tuple[list[Any], list[Any]]:
    """All nodes and relationships with their properties, in an order of their own."""
    with server.driver() as driver:
        nodes = driver.execute_query("MATCH (n) WHERE NOT n:Build RETURN labels(n) AS l, properties(n) AS p").records
        edges = driver.execute_query(
            "MATCH (a)-[r]->(b) RETURN properties(a) AS a, type(r) AS t, properties(r) AS p, properties(b) AS b"
        ).records
    return sorted(map(repr, nodes)), sorted(map(repr, edges))


def build_node(server: Neo4jServer) -> dict[str, Any]:
    with server.driver() as driver:
        (record,) = driver.execute_query("MATCH (b:Build) RETURN properties(b) AS b").records
    return dict(record["b"])


def test_a_graph_is_the_same_as_in_the_embedded_store_value_by_value(
    store: Neo4jStore, tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    embedded = LadybugStore(tmp_path / "graph", memory_limit_mb=64, threads=1)
    with closing(embedded):
        assert store.write("b1", tables, SilentProgress()) == embedded.write("b1", tables, SilentProgress())
        here, there = store.open("b1"), embedded.open("b1")
        assert here.counts() == there.counts()
        assert here.capabilities == {"portable_cypher", "neo4j"}
        for text in QUERIES:
            parameters = {k: v for k, v in PARAMETERS.items() if f"${k}" in text}
            ours, theirs = (sorted(reader.run(text, parameters), key=repr) for reader in (here, there))
            assert ours == theirs
            assert [[type(v) for v in row.values()] for row in ours] == [[type(v) for v in r.values()] for r in theirs]


def test_loading_twice_changes_nothing_and_another_build_replaces_it(
    store: Neo4jStore, server: Neo4jServer, tables: duckdb.DuckDBPyConnection
) -> None:
    counts = store.write("b1", tables, SilentProgress())
    once = everything(server)
    assert store.write("b1", tables, SilentProgress()) == counts
    assert everything(server) == once
    store.write("b2", tables_of({"persons": [{}]}), SilentProgress())
    assert [len(entries) for entries in everything(server)] == [1, 0]
    with pytest.raises(NotFoundError, match=r"does not hold the graph of build b1, but b2 \(loaded\)"):
        store.open("b1")
    store.remove("b1")
    assert store.open("b2").counts()["Person"] == 1
    store.remove("b2")
    assert everything(server) == ([], [])
    with pytest.raises(NotFoundError, match="but no build"):
        store.open("b2")


def test_constraints_and_indexes_are_there_before_the_first_row(
    store: Neo4jStore, server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.clear()
    seen: dict[str, set[tuple[str, str]]] = {}

    def look(self: OnlineLoad, extracts: object, progress: object) -> list[Any]:
        with server.driver() as driver:
            for what in ("CONSTRAINTS", "INDEXES"):
                rows = driver.execute_query(f"SHOW {what} YIELD labelsOrTypes AS l, properties AS p").records
                seen[what] = {(row["l"][0], row["p"][0]) for row in rows if row["p"]}
            state = driver.execute_query("MATCH (n) RETURN labels(n) AS l, n.state AS s").records
            seen["nodes"] = {(*row["l"], row["s"]) for row in state}  # type: ignore[misc]
        return []

    monkeypatch.setattr(OnlineLoad, "run", look)
    store.write("b1", tables_of({}), SilentProgress())
    assert seen["CONSTRAINTS"] == {(d.label, d.column) for d in constraints()}
    assert seen["INDEXES"] >= {(d.label, d.column) for d in indexes()}
    assert seen["nodes"] == {("Build", "loading")}


def test_the_state_of_the_build_is_said_while_it_lasts(
    store: Neo4jStore, server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
    assert build_node(server) == {"build_id": "b1", "state": "loaded", "made_by": "graphaudit"}
    store.activate("b1")
    assert build_node(server)["state"] == "published"
    store.activate("b1")
    monkeypatch.setattr(OnlineLoad, "_write", lambda *_: 0)
    with pytest.raises(StoreError, match="1 of 1 Person have an end"):
        store.write("b2", tables_of({"persons": [{}]}), SilentProgress())
    assert build_node(server)["state"] == "loading"
    with pytest.raises(NotFoundError, match=r"b2 \(loading\)"):
        store.open("b2")
    report = store.inspect("b1")
    assert any("b2 is being loaded" in fault.detail and fault.fix for fault in report.faults)
    with pytest.raises(NotFoundError):
        store.activate("b2")
    monkeypatch.undo()
    assert store.write("b2", tables_of({"persons": [{}]}), SilentProgress())["Person"] == 1


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_whose_answer_is_lost_is_written_exactly_once(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch, committed: bool, tables: duckdb.DuckDBPyConnection
) -> None:
    execute = neo4j.Session.execute_write
    lost = []

    def losing(self: neo4j.Session, work: Any) -> Any:
        number = len(lost)
        lost.append(number)
        if number % 2:
            return execute(self, work)
        if committed:
            execute(self, work)
        raise IncompleteCommit("the connection broke")

    monkeypatch.setattr(neo4j.Session, "execute_write", losing)
    counts = store.write("b1", tables, SilentProgress())
    monkeypatch.undo()
    assert len(lost) > 40
    assert store.open("b1").counts() == counts


class Line:
    """A line to the server that can be cut and mended, at an address that stays the same."""

    def __init__(self, folder: Path, server: Neo4jServer) -> None:
        self.folder = folder
        port = int(server.uri.rpartition(":")[2])
        self.whole = Pointer("b", "a", port, port)
        self.ports = free_ports()
        write_clients(folder, Clients(self.ports.bolt, self.ports.http))
        self.mend()

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self.ports.bolt}"

    def cut(self) -> None:
        remove_pointer(self.folder)

    def mend(self) -> None:
        write_pointer(self.folder, self.whole)

    def serve(self, over: threading.Event) -> None:
        async def until_over() -> None:
            serving = asyncio.create_task(Gate(self.folder).serve())
            while not over.is_set():
                await asyncio.sleep(0.05)
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving

        asyncio.run(until_over())


@pytest.fixture
def line(server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr(gate, "DRAIN_S", 0.0)
    line, over = Line(tmp_path, server), threading.Event()
    running = threading.Thread(target=line.serve, args=(over,))
    running.start()
    while not is_listening("127.0.0.1", line.ports.bolt):
        time.sleep(0.02)
    yield line
    over.set()
    running.join()


class Cutting(SilentProgress):
    """Cuts the line when `label` begins; mends it after `seconds`, or never."""

    def __init__(self, line: Line, label: str, seconds: float | None) -> None:
        self.line, self.label, self.seconds = line, label, seconds

    def advance(self, steps: int = 1, note: str = "") -> None:
        if note == self.label:
            self.line.cut()
            # until the one connection is really gone
            time.sleep(0.5)
            if self.seconds is not None:
                threading.Timer(self.seconds, self.line.mend).start()


@pytest.mark.usefixtures("store")
def test_a_server_that_comes_back_during_a_load_is_loaded_to_the_end(
    line: Line, server: Neo4jServer, tables: duckdb.DuckDBPyConnection
) -> None:
    with closing(Neo4jStore(line.uri, server.password, batch_rows=2)) as store:
        counts = store.write("b1", tables, Cutting(line, "OF_PERSON", 1.0))
        assert store.open("b1").counts() == counts


@pytest.mark.usefixtures("store")
def test_a_server_that_stays_away_during_a_load_is_said_and_the_next_load_replaces_the_half(
    line: Line, server: Neo4jServer, tables: duckdb.DuckDBPyConnection
) -> None:
    with closing(Neo4jStore(line.uri, server.password, batch_rows=2, retry_s=1.0)) as store:
        with pytest.raises(StoreError, match=r"OF_PERSON could not be loaded \(0 of 3 rows are in\)") as caught:
            store.write("b1", tables, Cutting(line, "OF_PERSON", None))
        assert "start the server again" in caught.value.hint
        assert build_node(server)["state"] == "loading"
        line.mend()
        assert store.write("b1", tables, SilentProgress())["OF_PERSON"] == 3


def test_an_end_that_is_not_in_the_graph_and_a_key_that_is_there_twice_stop_the_load(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match=r"Person could not be loaded \(0 of 2.*key occurs twice") as caught:
        store.write("b1", tables_of({"persons": [{"person_id": "secret"}, {"person_id": "secret"}]}), SilentProgress())
    assert "secret" not in str(caught.value)
    monkeypatch.setattr(
        bulk, "node_sql", lambda node: f"SELECT * FROM ({node_sql(node)}) WHERE {node.label != 'Institution'}"
    )
    tables = tables_of(
        {"persons": [{}], "sites": [{"kind": "institution"}], "visited": [{"person_no": 0, "site_no": 0, "n": 1}]}
    )
    with pytest.raises(StoreError, match="1 of 1 VISITED have an end that is not in the graph"):
        store.write("b1", tables, SilentProgress())


def test_a_number_that_arrives_changed_is_noticed(
    store: Neo4jStore, server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = OnlineLoad.run

    def altering(self: OnlineLoad, *arguments: Any) -> Any:
        loaded = run(self, *arguments)
        with server.driver() as driver:
            driver.execute_query("MATCH (p:Person) SET p.birth_year = 1")
        return loaded

    monkeypatch.setattr(OnlineLoad, "run", altering)
    with pytest.raises(StoreError, match=r"Person\.birth_year does not add up"):
        store.write("b1", tables_of({"persons": [{"birth_year": 1990}]}), SilentProgress())


def test_leads_replace_those_before_and_pass_over_members_outside_the_graph(
    store: Neo4jStore, tables: duckdb.DuckDBPyConnection
) -> None:
    def lead(rank: int, lead_id: str, person: str) -> dict[str, Any]:
        return {
            "id": lead_id,
            "rank": rank,
            "score": 0.5,
            "pattern": "insider",
            "title": {"zh": "线索", "en": "o'Brien"},
            "status": "new",
            "members": [{"type": "person", "id": person, "role": "holder", "strength": 0.5}],
            "evidence": [{"settlements": ["S0", "elsewhere"]}],
        }

    store.write("b1", tables, SilentProgress())
    store.write_leads("b1", [lead(1, "L-1", "P0"), lead(2, "L-2", "nobody")])
    reader = store.open("b1")
    members = "MATCH (l:Lead)-[i:IMPLICATES]->(m) RETURN l.lead_id AS l, i.role AS role, i.strength AS s"
    found = sorted(tuple(row.values()) for row in reader.run(members, {}))
    assert found == [("L-1", "evidence", 1.0), ("L-1", "holder", 0.5), ("L-2", "evidence", 1.0)]
    store.write_leads("b1", [lead(1, "L-3", "P1")])
    assert {row["l"] for row in reader.run(members, {})} == {"L-3"}
    with pytest.raises(NotFoundError):
        store.write_leads("b9", [])


def test_the_reader_refuses_to_write_and_shows_no_value_in_its_errors(store: Neo4jStore) -> None:
    store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
    reader = store.open("b1")
    with pytest.raises(QueryError):
        reader.run("CREATE (:Person {person_id: 'x'})", {})
    with pytest.raises(QueryError, match="refused the query"):
        reader.run("MATCH (n:Person RETURN n", {})
    with pytest.raises(QueryError) as caught:
        reader.run("MATCH (p:Person) RETURN toInteger($v) + date($v) AS n", {"v": "secret"})
    assert "secret" not in str(caught.value)
    assert reader.counts()["Person"] == 1
    assert set(reader.counts()) == {n.label for n in NODES} | {r.name for r in RELATIONSHIPS}
    assert set(reader.counts()) >= WRITTEN_WITH_LEADS


def test_a_strangers_database_is_refused_by_name_and_left_as_it_was(server: Neo4jServer) -> None:
    server.clear()
    with server.driver() as driver:
        driver.execute_query("CREATE (:Person {name: 'Keanu'})-[:ACTED_IN]->(:Movie {title: 'The Matrix'})")
    before = everything(server)
    with closing(Neo4jStore(server.uri, server.password)) as store:
        with pytest.raises(StoreError, match=r"somebody else's data: Movie, ACTED_IN \(2 nodes in all\)") as caught:
            store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
        assert "database of its own" in caught.value.hint
        assert "Keanu" not in str(caught.value)
        store.remove("b1")
        assert any("Movie" in fault.detail for fault in store.inspect(None).faults)
        with server.driver() as driver:
            driver.execute_query("MATCH (m:Movie) DETACH DELETE m")
        with pytest.raises(StoreError, match="no build of ours has written: 1 Person"):
            store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
    assert len(before[0]) == 2
    assert "Keanu" in everything(server)[0][0]


def test_drift_and_missing_constraints_and_indexes_are_found_with_their_fix(
    store: Neo4jStore, server: Neo4jServer
) -> None:
    store.write("b1", tables_of({"persons": [{"birth_year": 1990}, {}]}), SilentProgress())
    report = store.inspect("b1")
    assert report.faults == ()
    assert report.engine.startswith("Neo4j 5.")
    with server.driver() as driver:
        driver.execute_query("DROP CONSTRAINT key_Card")
        driver.execute_query("DROP INDEX by_Person_division")
        driver.execute_query("MATCH (p:Person) SET p.birth_year = '1990', p.shoe_size = 42")
    faults = {fault.detail: fault.fix for fault in store.inspect("b2").faults}
    assert set(faults) == {
        "the database holds b1, b2 is published",
        "no uniqueness constraint on Card.card_id",
        "no index on Person.division",
        "Person.birth_year is declared integer and stored as str",
        "Person.shoe_size is in the graph and not declared",
    }
    assert "CREATE CONSTRAINT key_Card" in faults["no uniqueness constraint on Card.card_id"]


def test_a_wrong_password_a_wrong_place_and_another_version_are_said_with_the_next_step(
    neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="refuses the password of neo4j") as caught:
        connect(Address(neo4j_server.uri), "not-the-password-1")
    assert "GRAPHAUDIT_NEO4J_PASSWORD" in caught.value.hint
    assert "not-the-password-1" not in str(caught.value)
    with pytest.raises(StoreError, match="no database nowhere"):
        connect(Address(neo4j_server.uri, database="nowhere"), neo4j_server.password)
    with pytest.raises(StoreError, match=r"no Neo4j server answers at bolt://127\.0\.0\.1:1") as caught:
        connect(Address("bolt://127.0.0.1:1"), neo4j_server.password)
    assert "check host and port" in caught.value.hint
    http = neo4j_server.http_url.replace("http", "bolt")
    with pytest.raises(StoreError, match="no Neo4j server answers"):
        connect(Address(http), neo4j_server.password)
    monkeypatch.setattr(connection, "server_version", lambda *_: "4.4.38 community")
    with pytest.raises(StoreError, match=r"is Neo4j 4\.4\.38 community, this store needs Neo4j 5") as caught:
        connect(Address(neo4j_server.uri), neo4j_server.password)
    assert "5.26" in caught.value.hint


def test_faults_of_an_empty_database_are_none(server: Neo4jServer) -> None:
    server.clear()
    with server.driver() as driver:
        assert faults_of(driver, Address(server.uri), None) == ()
