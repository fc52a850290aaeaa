"""One Cypher, two engines: every file of cypher/patterns returns the same rows on Neo4j and on Ladybug.

The graphs are random and hold on purpose what engines treat differently (see `random_graphs`). Rows are compared after
sorting them and the lists in them, which is what the runner does; nothing else is forgiven.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from graphaudit.queries import QuerySpec, load_patterns
from graphaudit.query_spec import Value
from graphaudit.stores.ladybug_reader import open_database
from graphaudit.stores.ladybug_store import ddl
from tests.contract.engines import LadybugEngine, Neo4jEngine, sorted_rows
from tests.contract.random_graphs import Graph, graphs, parameters
from tests.neo4j_server import Neo4jServer

pytestmark = pytest.mark.neo4j

QUERIES = load_patterns()
EXAMPLES = 40
#: Of so many graphs, at least this many must hold what a query looks for: empty answers are easily the same.
LEAST_TELLING = 4

Engines = tuple[LadybugEngine, Neo4jEngine]
seeded = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def engines(neo4j_server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Both engines, empty."""
    neo4j_server.clear()
    path = tmp_path_factory.mktemp("ladybug") / "random.lbug"
    with (
        open_database(path, memory_limit_mb=512, threads=1) as connection,
        neo4j_server.driver() as driver,
        driver.session() as session,
    ):
        for statement in ddl():
            connection.execute(statement)
        yield LadybugEngine(connection), Neo4jEngine(session)


def both(engines: Engines, graph: Graph, text: str, given_parameters: Mapping[str, Value]) -> tuple[Any, Any]:
    """Settled rows of one query on either engine."""
    answers = []
    for engine in engines:
        with engine.holding(graph):
            answers.append(sorted_rows(engine.run(text, given_parameters)))
    return answers[0], answers[1]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.id)
def test_a_pattern_returns_the_same_rows_on_both_engines(query: QuerySpec, engines: Engines) -> None:
    telling = 0

    @seeded
    @given(graph=graphs(query.body), given_parameters=parameters(query))
    def compare(graph: Graph, given_parameters: Mapping[str, Value]) -> None:
        nonlocal telling
        ladybug, neo4j = both(engines, graph, query.body, given_parameters)
        assert ladybug == neo4j
        telling += bool(ladybug)

    compare()
    assert telling >= LEAST_TELLING


#: What a pattern must not do, for the engines answer differently; each is refused by the rules for patterns as well.
DIFFERENT = {
    "a relationship walked twice": "MATCH (a:Person)<-[:OF_PERSON]-(s:Settlement)-[:OF_PERSON]->(b:Person) "
    "RETURN a.person_id AS a, b.person_id AS b",
    "a loop walked back": "MATCH (p:Person)<-[:OF_PERSON]-(a:Settlement)-[:OVERLAPS]->(b:Settlement)"
    "-[:OF_PERSON]->(q:Person) RETURN p.person_id AS p, q.person_id AS q",
    "a sum of nothing": "MATCH (p:Person) OPTIONAL MATCH (p)<-[:OF_PERSON]-(s:Settlement) "
    "RETURN p.person_id AS p, sum(s.total_fen) AS total",
    "two labels": "MATCH (x:Person:Settlement) RETURN count(x) AS n",
    "a logarithm": "MATCH (p:Person) WHERE p.birth_year > 0 RETURN log(p.birth_year + 1) AS nats",
}


@pytest.mark.parametrize("text", DIFFERENT.values(), ids=DIFFERENT)
def test_the_graphs_show_what_engines_treat_differently(text: str, engines: Engines) -> None:
    """Were a pattern to do one of these, the comparison above would tell."""
    different = 0

    @settings(seeded, phases=[Phase.generate])
    @given(graph=graphs(text))
    def compare(graph: Graph) -> None:
        nonlocal different
        ladybug, neo4j = both(engines, graph, text, {})
        different += ladybug != neo4j

    compare()
    assert different
