"""The server that every other test of Neo4j relies on."""

from __future__ import annotations

import urllib.request

import pytest

from tests.neo4j_server import Neo4jServer

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
