"""The server that every other test of Neo4j relies on."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from graphaudit.neo4j_local import Runtime
from graphaudit.neo4j_local.class_archive import make_class_archive
from tests.neo4j_server import Neo4jServer, given_server, local_server, unavailable

pytestmark = pytest.mark.neo4j


def test_the_server_takes_writes_and_can_be_emptied(empty_neo4j: Neo4jServer) -> None:
    with empty_neo4j.driver() as driver:
        driver.execute_query("CREATE CONSTRAINT one FOR (n:Thing) REQUIRE n.id IS UNIQUE")
        driver.execute_query("CREATE INDEX two FOR (n:Thing) ON (n.name)")
        driver.execute_query("UNWIND range(1, 100) AS id CREATE (:Thing {id: id})-[:NEXT]->(:Thing {id: -id})")
        assert driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"] == 200
        empty_neo4j.clear()
        assert driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"] == 0
        assert driver.execute_query("SHOW CONSTRAINTS YIELD name").records == []
        assert driver.execute_query("SHOW INDEXES YIELD type WHERE type <> 'LOOKUP' RETURN type").records == []


def test_the_server_hands_out_the_browser(neo4j_server: Neo4jServer) -> None:
    with urllib.request.urlopen(f"{neo4j_server.http_url}/browser/", timeout=30) as page:
        assert page.status == 200
        assert b"Neo4j Browser" in page.read()


def test_without_a_neo4j_tests_are_skipped_or_fail_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRAPHAUDIT_REQUIRE_NEO4J", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Neo4j: because"):
        unavailable("because")
    monkeypatch.setenv("GRAPHAUDIT_REQUIRE_NEO4J", "1")
    with pytest.raises(pytest.fail.Exception, match="required here: because"):
        unavailable("because")


def test_a_given_server_is_for_one_test_process(monkeypatch: pytest.MonkeyPatch, empty_neo4j: Neo4jServer) -> None:
    monkeypatch.setenv("GRAPHAUDIT_TEST_NEO4J_URI", empty_neo4j.uri)
    monkeypatch.setenv("GRAPHAUDIT_TEST_NEO4J_HTTP", empty_neo4j.http_url)
    monkeypatch.setenv("GRAPHAUDIT_TEST_NEO4J_PASSWORD", empty_neo4j.password)
    assert given_server("gw0") == empty_neo4j
    with pytest.raises(pytest.fail.Exception, match="fewer servers"):
        given_server("gw1")
    monkeypatch.setenv("GRAPHAUDIT_TEST_NEO4J_URI", f"bolt://127.0.0.1:1,{empty_neo4j.uri}")
    assert given_server("gw1") == empty_neo4j


def test_a_given_server_that_holds_something_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, empty_neo4j: Neo4jServer
) -> None:
    monkeypatch.setenv("GRAPHAUDIT_TEST_NEO4J_URI", empty_neo4j.uri)
    monkeypatch.setenv("GRAPHAUDIT_TEST_NEO4J_PASSWORD", empty_neo4j.password)
    with empty_neo4j.driver() as driver:
        driver.execute_query("CREATE (:Somebody)")
    with pytest.raises(pytest.fail.Exception, match="holds 1 nodes"):
        given_server("gw0")
    monkeypatch.setenv("GRAPHAUDIT_TEST_NEO4J_PASSWORD", "wrong-wrong-wrong")
    monkeypatch.setenv("GRAPHAUDIT_REQUIRE_NEO4J", "1")
    with pytest.raises(pytest.fail.Exception, match="does not answer"):
        given_server("gw0")


def test_a_server_maps_the_archive_of_classes_which_is_made_once(
    neo4j_runtime: Runtime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    archive = neo4j_runtime.class_archive
    assert archive is not None
    made = archive.stat().st_mtime_ns
    assert make_class_archive(neo4j_runtime) == archive
    assert archive.stat().st_mtime_ns == made
    server = local_server(neo4j_runtime, tmp_path_factory.mktemp("mapped") / "home")
    with server:
        pid = server.server.running()
        assert str(archive) in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
