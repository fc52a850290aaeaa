"""What the tables hold, the graph returns: the same body for every store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graphaudit.progress import SilentProgress
from graphaudit.stores.base import GraphStore
from graphaudit.stores.ladybug_store import LadybugStore
from graphaudit.stores.neo4j_store.store import Neo4jStore
from tests.neo4j_server import Neo4jServer
from tests.table_builder import tables_of

HOSTILE = [
    "o'Brien",
    'say "hi"',
    "two\nlines",
    "'}) DETACH DELETE n //",
    "$x `y` \\",
    "药店",
    "a,b;c\t|",
    "NULL",
    "\\N",
]


@pytest.fixture(params=["ladybug", pytest.param("neo4j", marks=[pytest.mark.neo4j, pytest.mark.slow])], scope="module")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """Every store in turn, empty."""
    if request.param == "ladybug":
        with closing(LadybugStore(tmp_path_factory.mktemp("graph"), memory_limit_mb=64, threads=1)) as embedded:
            yield embedded
        return
    server: Neo4jServer = request.getfixturevalue("neo4j_server")
    server.clear()
    with closing(Neo4jStore(server.uri, server.password)) as remote:
        yield remote
    server.clear()


def test_values_of_every_kind_and_hostile_text_stay_what_they_are(store: GraphStore) -> None:
    persons = [
        {"person_id": f"P-{text}", "division": text, "birth_year": 1900 + n, "died_on": date(2026, 1, 1 + n)}
        for n, text in enumerate(HOSTILE)
    ]
    persons.append({"person_id": "P-null"})
    at = datetime(2026, 2, 3, 4, 5, 6)
    settlements = [{"person_no": 0, "site_no": 0, "settled_at": at, "total_fen": 2**53 + 1, "is_manual": True}]
    store.write(
        "kinds",
        tables_of({"persons": persons, "settlements": settlements, "sites": [{"kind": "institution"}]}),
        SilentProgress(),
    )
    reader = store.open("kinds")
    rows = reader.run(
        "MATCH (p:Person) RETURN p.person_id AS k, p.division AS division, p.birth_year AS y, p.died_on AS died", {}
    )
    found = {row["k"]: (row["division"], row["y"], str(row["died"])) for row in rows}
    assert found == {f"P-{text}": (text, 1900 + n, f"2026-01-{n + 1:02d}") for n, text in enumerate(HOSTILE)} | {
        "P-null": (None, None, "None")
    }
    for text in HOSTILE:
        chosen = reader.run("MATCH (p:Person) WHERE p.division = $text RETURN p.person_id AS k", {"text": text})
        assert [row["k"] for row in chosen] == [f"P-{text}"]
    settlement = reader.run(
        "MATCH (s:Settlement) "
        "RETURN s.total_fen AS total, s.settled_s AS at_s, s.is_manual AS manual, s.minute AS minute",
        {},
    )
    assert settlement == [{"total": 2**53 + 1, "at_s": 1770091506, "manual": True, "minute": 245}]
    reader.close()


# Shrinking would write a graph some hundred times.
@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    persons=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5, unique=True
    ),
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 99)), max_size=12),
)
def test_random_relationships_survive_the_round_trip(
    store: GraphStore, persons: list[str], pairs: list[tuple[int, int, int]]
) -> None:
    edges = {(min(a, b) % len(persons), max(a, b) % len(persons)): days for a, b, days in pairs}
    tables = tables_of(
        {
            "persons": [{"person_id": f"#{text}"} for text in persons],
            "co_present": [
                {"person_a": a, "person_b": b, "days": days, "expected": days / 7, "llr": days / 3}
                for (a, b), days in edges.items()
            ],
        }
    )
    counts = store.write("random", tables, SilentProgress())
    reader = store.open("random")
    rows = reader.run(
        "MATCH (a:Person)-[c:CO_PRESENT]->(b:Person) "
        "RETURN a.person_id AS a, b.person_id AS b, c.days AS days, c.expected AS expected",
        {},
    )
    reader.close()
    assert counts["Person"] == len(persons)
    assert {(row["a"], row["b"], row["days"], row["expected"]) for row in rows} == {
        (f"#{persons[a]}", f"#{persons[b]}", days, days / 7) for (a, b), days in edges.items()
    }
    assert len(rows) == len(edges)
