"""One file a build: verified, published whole or not at all, opened read-only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import ladybug
import pytest

from graphaudit.errors import ConfigurationError, NotFoundError, QueryError, StoreError
from graphaudit.progress import SilentProgress
from graphaudit.stores import open_store
from graphaudit.stores.ladybug_reader import open_database
from graphaudit.stores.ladybug_store import LadybugStore
from graphaudit.stores.neo4j_store.managed_store import ManagedNeo4jStore
from graphaudit.stores.neo4j_store.store import Neo4jStore
from tests.table_builder import tables_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LadybugStore]:
    store = LadybugStore(tmp_path / "graph", memory_limit_mb=64, threads=1)
    yield store
    store.close()


def build(store: LadybugStore, tables: duckdb.DuckDBPyConnection, build_id: str = "b1") -> dict[str, int]:
    return store.write(build_id, tables, SilentProgress())


def files_in(store: LadybugStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


def lead(**changes: Any) -> dict[str, Any]:
    return {
        "id": "L-1", "rank": 1, "score": 0.5, "pattern": "insider", "status": "new",
        "title": {"zh": "标题", "en": "title"},
        "members": [
            {"type": "person", "id": "P0", "role": "claimant", "strength": 0.5},
            {"type": "person", "id": "P99", "role": "claimant", "strength": 0.5},
            {"type": "bank_account", "id": "bank_account-0", "role": "payee"},
        ],
        "evidence": [{"settlements": ["S0", "S2"]}, {"settlements": ["S2", "S77"]}],
    } | changes  # fmt: skip


def test_counts_are_those_of_the_tables(store: LadybugStore, tables: duckdb.DuckDBPyConnection) -> None:
    counts = build(store, tables)
    assert counts["Person"] == 2
    assert counts["Settlement"] == 3
    assert counts["SETTLED_AT"] == 3
    assert counts["LIVES_IN"] == 3
    assert counts["HAS_PHONE"] == 2
    assert counts["Employer"] == 1
    assert counts["PAID_TO"] == counts["REVIEWED_BY"] == counts["APPROVED_BY"] == 1
    assert counts["Lead"] == 0
    assert store.open("b1").counts() == counts
    assert files_in(store) == ["b1.lbug"]


def test_only_chosen_settlements_become_nodes(store: LadybugStore, tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute("DELETE FROM graph_settlements WHERE settlement_no = 1")
    counts = build(store, tables)
    assert counts["Settlement"] == 2
    assert counts["OVERLAPS"] == 0
    assert counts["VISITED"] == 2


def test_the_case_names_the_invoice_and_who_entered_it(store: LadybugStore, tables: duckdb.DuckDBPyConnection) -> None:
    build(store, tables)
    rows = store.open("b1").run(
        "MATCH (s:Settlement)-[:EVIDENCED_BY]->(v:Invoice) "
        "RETURN s.settlement_id AS settlement_id, v.invoice_no AS invoice_no",
        {},
    )
    assert rows == [{"settlement_id": "S2", "invoice_no": "I-2"}]


def test_a_graph_that_lost_a_node_is_refused_and_nothing_is_left(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(store, tables, "old")
    load = LadybugStore._load

    def lossy(self: LadybugStore, path: Path, *rest: Any) -> Any:
        extracts = load(self, path, *rest)
        with open_database(path, memory_limit_mb=64, threads=1) as connection:
            connection.execute("MATCH (s:Settlement {settlement_id: 'S1'}) DETACH DELETE s")
        return extracts

    monkeypatch.setattr(LadybugStore, "_load", lossy)
    with pytest.raises(StoreError, match="2 of 3 Settlement"):
        build(store, tables, "new")
    assert files_in(store) == ["old.lbug"]


def test_a_graph_with_a_changed_amount_is_refused(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = LadybugStore._load

    def altering(self: LadybugStore, path: Path, *rest: Any) -> Any:
        extracts = load(self, path, *rest)
        with open_database(path, memory_limit_mb=64, threads=1) as connection:
            connection.execute("MATCH (s:Settlement {settlement_id: 'S1'}) SET s.total_fen = s.total_fen + 1")
        return extracts

    monkeypatch.setattr(LadybugStore, "_load", altering)
    with pytest.raises(StoreError, match=r"Settlement\.total_fen"):
        build(store, tables)
    assert files_in(store) == []


def test_a_key_that_occurs_twice_stops_the_build_without_showing_it(store: LadybugStore) -> None:
    tables = tables_of({"persons": [{"person_id": "secret"}, {"person_id": "secret"}]})
    with pytest.raises(StoreError, match="Person could not be loaded") as caught:
        build(store, tables)
    assert "secret" not in str(caught.value)
    assert files_in(store) == []


def test_a_failed_rebuild_leaves_the_graph_of_the_same_build_readable(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection
) -> None:
    build(store, tables)
    with pytest.raises(StoreError):
        build(store, tables_of({"persons": [{"person_id": "x"}, {"person_id": "x"}]}))
    assert store.open("b1").counts()["Person"] == 2


def test_a_table_with_a_missing_column_names_the_extract(store: LadybugStore) -> None:
    tables = tables_of({})
    tables.execute('ALTER TABLE cards DROP COLUMN "kind"')
    with pytest.raises(StoreError, match="rows of Card"):
        build(store, tables)


def test_a_published_graph_cannot_be_written_through_a_reader(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection
) -> None:
    build(store, tables)
    reader = store.open("b1")
    with pytest.raises(QueryError, match="read-only"):
        reader.run("CREATE (:Person {person_id: 'new'})", {})
    assert reader.counts()["Person"] == 2


def test_two_builds_stand_side_by_side_and_one_can_be_removed(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection
) -> None:
    build(store, tables, "first")
    build(store, tables_of({"persons": [{}]}), "second")
    assert store.open("first").counts()["Person"] == 2
    assert store.open("second").counts()["Person"] == 1
    store.remove("first")
    store.remove("first")
    assert store.open("second").counts()["Person"] == 1
    with pytest.raises(NotFoundError, match="first"):
        store.open("first")


@pytest.mark.parametrize("build_id", ["../outside", "a/b", "", ".hidden", "x" * 200])
def test_a_build_id_cannot_leave_the_folder(store: LadybugStore, build_id: str) -> None:
    with pytest.raises(StoreError, match="build id"):
        store.open(build_id)


def test_a_broken_file_is_refused_with_the_next_step(store: LadybugStore) -> None:
    store.folder.mkdir()
    (store.folder / "b1.lbug").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="run the build again"):
        store.open("b1")


def test_a_query_that_fails_is_a_query_error(store: LadybugStore, tables: duckdb.DuckDBPyConnection) -> None:
    build(store, tables)
    with pytest.raises(QueryError, match="refused"):
        store.open("b1").run("MATCH (n:Nobody) RETURN n", {})


def test_a_question_that_finds_the_page_cache_full_is_asked_again_of_an_empty_one(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("b1", tables, SilentProgress())
    reader = store.open("b1")
    expected = reader.counts()
    execute, asked = ladybug.Connection.execute, []

    def full(self: ladybug.Connection, *arguments: Any, **more: Any) -> Any:
        asked.append(self)
        # the connection that has read before has no room, one that begins anew has
        if self is asked[0]:
            raise RuntimeError("Buffer manager exception: Unable to allocate memory! The buffer pool is full")
        return execute(self, *arguments, **more)

    monkeypatch.setattr(ladybug.Connection, "execute", full)
    assert reader.counts() == expected
    assert asked.count(asked[0]) == 1
    # and where there is no room even so, that is said
    monkeypatch.setattr(ladybug.Connection, "execute", lambda *_: _raise("The buffer pool is full and stays so"))
    with pytest.raises(QueryError, match="buffer pool is full"):
        reader.counts()
    monkeypatch.undo()
    assert reader.counts() == expected


def _raise(said: str) -> Any:
    raise RuntimeError(said)


def test_leads_point_to_members_and_evidence_that_exist(store: LadybugStore, tables: duckdb.DuckDBPyConnection) -> None:
    build(store, tables)
    store.write_leads("b1", [lead()])
    rows = store.open("b1").run(
        "MATCH (l:Lead)-[i:IMPLICATES]->(m) RETURN l.lead_id AS lead_id, i.role AS role, i.strength AS strength, "
        "coalesce(m.person_id, m.bank_account_id, m.settlement_id) AS member_id",
        {},
    )
    assert sorted((r["member_id"], r["role"], r["strength"]) for r in rows) == [
        ("P0", "claimant", 0.5),
        ("S0", "evidence", 1.0),
        ("S2", "evidence", 1.0),
        ("bank_account-0", "payee", 1.0),
    ]


def test_writing_leads_again_replaces_them_and_spares_open_readers(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection
) -> None:
    build(store, tables)
    store.write_leads("b1", [lead(), lead(id="L-2", rank=2)])
    reader = store.open("b1")
    store.write_leads("b1", [lead(id="L-3", title={"zh": "'}) //", "en": 'quote " and\nline'})])
    assert reader.counts()["Lead"] == 2
    rows = store.open("b1").run("MATCH (l:Lead) RETURN l.lead_id AS lead_id, l.title_en AS title", {})
    assert rows == [{"lead_id": "L-3", "title": 'quote " and\nline'}]
    store.write_leads("b1", [])
    assert store.open("b1").counts()["Lead"] == 0
    assert files_in(store) == ["b1.lbug"]


def test_leads_of_an_unknown_build_are_refused(store: LadybugStore) -> None:
    with pytest.raises(NotFoundError):
        store.write_leads("b1", [lead()])


def test_the_url_names_the_store(tmp_path: Path) -> None:
    store = open_store(f"ladybug:{tmp_path}")
    assert isinstance(store, LadybugStore)
    assert store.folder == tmp_path
    assert isinstance(open_store("neo4j://user@host:7687"), Neo4jStore)
    assert isinstance(open_store(f"neo4j-home:{tmp_path}"), ManagedNeo4jStore)
    for url in ("ladybug:", "sqlite:x", "", "graph", "neo4j-home:"):
        with pytest.raises(ConfigurationError) as caught:
            open_store(url)
        assert "neo4j-home:FOLDER" in caught.value.hint
