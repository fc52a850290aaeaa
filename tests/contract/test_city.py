"""A small simulated city on both stores: the same rows of every pattern, the same leads in the same order.

And the same city fourteen times over, on Neo4j: every pattern stays within a budget of db-hits per result row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import pytest
from pydantic import SecretStr

from api.pipeline import build
from graphaudit.builds.manifest import manifests
from graphaudit.builds.tables import open_tables
from graphaudit.cypher_text import parameters_of
from graphaudit.neo4j_local import Runtime
from graphaudit.queries import QuerySpec, effective, load_patterns
from graphaudit.settings import Settings
from graphaudit.site_key import site_key
from graphaudit.stores import store_of
from graphaudit.stores.base import GraphReader
from tests.contract.engines import sorted_rows
from tests.contract.large_graph import many_times
from tests.neo4j_server import Neo4jServer

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

QUERIES = load_patterns()

#: So many settlements must be in the large graph, and so many times is the city in it.
LARGE, COPIES = 300_000, 14

#: Query -> db-hits per result row that it may cost in the large graph, an empty answer counting as one row: about three
#: times what it costs. Rows about a handler are dear, one for hundreds of cases; a query that looks at every
#: settlement or person takes millions.
BUDGETS = {
    "card_in_two_places": 3_000,
    "card_of_several_persons": 3_000,
    "clashes_at_one_site": 8_000,
    "closed_clientele": 12_000,
    "doctor_pharmacy_triangle": 75_000,
    "payees_joined": 5_000,
    "payees_of_one_handler": 170_000,
    "same_handler_enters_and_reviews": 220_000,
    "shared_contact_stays": 3_000,
    "shared_invoice": 50_000,
    "shared_payee_account": 1_000,
}


@dataclass(frozen=True)
class Built:
    """One published build: its folder, its leads as written, and its graph."""

    folder: Path
    leads: list[dict[str, Any]]
    graph: GraphReader


@pytest.fixture(scope="module")
def built(
    home: Path, city: Path, neo4j_server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Built]]:
    """The same source, built once on each store, with the same site key."""
    neo4j_server.clear()
    address = neo4j_server.uri.partition("://")[2]
    embedded = Settings(data=home)
    server = Settings(
        data=tmp_path_factory.mktemp("neo4j") / "home",
        site_key=SecretStr(site_key(embedded).decode()),
        store=f"neo4j://{neo4j_server.user}@{address}",
        neo4j_password=SecretStr(neo4j_server.password),
        threads=1,
    )
    (manifest,) = manifests(embedded.builds_folder)
    result = build(city, server)
    opened, done = [], {}
    for name, settings, build_id in (
        ("ladybug", embedded, manifest.build_id),
        ("neo4j", server, result.build_id),
    ):
        store = store_of(settings)
        opened.append(store)
        folder = settings.builds_folder / build_id
        done[name] = Built(folder, _leads(folder), store.open(build_id))
    yield done
    for store in opened:
        store.close()
    neo4j_server.clear()


@pytest.fixture(scope="module")
def large(
    built: dict[str, Built], neo4j_runtime: Runtime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[neo4j.Driver]:
    """The city many times over."""
    folder = tmp_path_factory.mktemp("large")
    with (
        closing(
            open_tables(built["ladybug"].folder, memory_limit="512MB", threads=2, temp_directory=folder / "spill")
        ) as tables,
        many_times(COPIES, tables, neo4j_runtime, folder / "home") as driver,
    ):
        yield driver


def _leads(folder: Path) -> list[dict[str, Any]]:
    leads: list[dict[str, Any]] = json.loads((folder / "leads.json").read_text(encoding="utf-8"))
    for lead in leads:
        del lead["build_id"]
    return leads


def test_the_same_source_gives_the_same_leads_on_both_stores(built: dict[str, Built]) -> None:
    ladybug, neo4j = built["ladybug"].leads, built["neo4j"].leads
    assert len(ladybug) >= 3
    assert {lead["pattern"] for lead in ladybug} & {query.pattern for query in QUERIES}
    assert [lead["id"] for lead in neo4j] == [lead["id"] for lead in ladybug]
    assert [lead["members"] for lead in neo4j] == [lead["members"] for lead in ladybug]
    assert neo4j == ladybug


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.id)
def test_a_pattern_returns_the_same_rows_of_the_city(query: QuerySpec, built: dict[str, Built]) -> None:
    values = effective(query.params, {})
    used = {name: values[name] for name in parameters_of(query.body)}
    rows = {name: sorted_rows(one.graph.run(query.body, used)) for name, one in built.items()}
    assert rows["neo4j"] == rows["ladybug"]


def test_loose_thresholds_find_more_and_still_the_same(built: dict[str, Built]) -> None:
    found = 0
    for query in QUERIES:
        loose = {p.name: type(p.default)(10**6 if p.name.startswith("most_") else 0) for p in query.params}
        used = {name: loose[name] for name in parameters_of(query.body)}
        rows = {name: sorted_rows(one.graph.run(query.body, used)) for name, one in built.items()}
        assert rows["neo4j"] == rows["ladybug"], query.id
        found += bool(rows["ladybug"])
    assert found == len(QUERIES)


def test_every_pattern_has_a_budget() -> None:
    assert set(BUDGETS) == {query.id for query in QUERIES}


def test_the_large_graph_is_large(large: neo4j.Driver) -> None:
    held = large.execute_query("MATCH (s:Settlement) RETURN count(s) AS n").records[0]["n"]
    busiest = large.execute_query(
        "MATCH (x:Institution|Pharmacy) RETURN max(COUNT { (x)<-[:SETTLED_AT]-() }) AS n"
    ).records[0]["n"]
    assert held >= LARGE
    assert busiest >= LARGE / 30


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.id)
def test_a_pattern_stays_within_its_budget_of_db_hits(query: QuerySpec, large: neo4j.Driver) -> None:
    values = effective(query.params, {})
    used = {name: values[name] for name in parameters_of(query.body)}
    answer = large.execute_query(f"PROFILE {query.body}", used)
    spent = _hits(answer.summary.profile or {})
    per_row = spent / max(1, len(answer.records))
    assert spent > 0
    assert per_row <= BUDGETS[query.id], f"{spent} db-hits for {len(answer.records)} rows"


def _hits(step: dict[str, Any]) -> int:
    return int(step.get("dbHits", 0)) + sum(_hits(child) for child in step.get("children", ()))
