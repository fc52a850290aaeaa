"""Every query of the product on a real Neo4j: it is understood without a warning, and every view shows something."""

from __future__ import annotations

from collections.abc import Iterator

import neo4j
import pytest
from neo4j.graph import Node, Path, Relationship

from graphaudit.cypher_text import parameters_of
from graphaudit.queries import QuerySpec, ViewSpec, effective, load_patterns, load_views
from tests.contract.engines import neo4j_statements
from tests.contract.whole_graph import whole_graph
from tests.neo4j_server import Neo4jServer

pytestmark = pytest.mark.neo4j

QUERIES: tuple[QuerySpec | ViewSpec, ...] = (*load_patterns(), *load_views())
VIEWS = load_views()
#: Opinions on speed, which `test_query_cost` measures instead.
OPINIONS = {"PERFORMANCE"}


@pytest.fixture(scope="module")
def server(neo4j_server: Neo4jServer) -> Iterator[neo4j.Session]:
    """A session with a database in which everything that the schema declares exists."""
    neo4j_server.clear()
    with neo4j_server.driver() as driver, driver.session() as session:
        for text, rows in neo4j_statements(whole_graph()):
            session.run(text, rows=rows).consume()
        yield session
    neo4j_server.clear()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.id)
def test_a_query_is_explained_without_a_warning(query: QuerySpec | ViewSpec, server: neo4j.Session) -> None:
    values = effective(query.params, {})
    used = {name: values[name] for name in parameters_of(query.body)}
    summary = server.run(f"EXPLAIN {query.body}", used).consume()
    assert summary.query_type == "r"
    warnings = [
        (status.gql_status, status.status_description)
        for status in summary.gql_status_objects
        if status.is_notification and status.raw_classification not in OPINIONS
    ]
    assert not warnings


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_a_view_shows_what_it_promises(view: ViewSpec, server: neo4j.Session) -> None:
    records = list(server.run(view.body, {param.name: "k0" for param in view.params}))
    assert records
    shown = [value for record in records for value in record.values()]
    things = [value for value in shown if isinstance(value, Node | Relationship | Path)]
    if view.shows == "table":
        assert not things
        assert all(any(value is not None for value in record.values()) for record in records)
    else:
        assert len(things) == sum(value is not None for value in shown)
        assert any(isinstance(value, Relationship) or (isinstance(value, Path) and len(value)) for value in things)


def test_a_view_about_a_lead_shows_nothing_of_a_lead_that_is_not_there(server: neo4j.Session) -> None:
    for view in VIEWS:
        if view.params:
            assert list(server.run(view.body, {param.name: "nobody" for param in view.params})) == [], view.id


def test_somebody_else_is_never_a_member(server: neo4j.Session) -> None:
    """k2 is outside lead k0: the views that ask for others find it, and nobody else."""
    for view in VIEWS:
        if view.id in {"who_else_touches_it", "others_seen_with_them"}:
            found = {record["other"]["person_id"] for record in server.run(view.body, {"lead": "k0"})}
            assert found == {"k2"}, view.id
