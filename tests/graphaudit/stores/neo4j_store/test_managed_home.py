"""What a managed home decides from its files, without starting anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.errors import NotFoundError, StoreError
from graphaudit.stores import Neo4jOptions
from graphaudit.stores.neo4j_store.managed import ManagedHome
from graphaudit.stores.neo4j_store.managed_store import ManagedNeo4jStore, off_heap_mb, require_build_id
from graphaudit.stores.neo4j_store.pointer import Held, Pointer, read_pointer, remove_held, write_held, write_pointer


@pytest.fixture
def home(tmp_path: Path) -> ManagedHome:
    home = ManagedHome(tmp_path / "neo4j")
    for one in home.homes.values():
        one.create()
    return home


def test_the_next_build_goes_where_no_client_looks(home: ManagedHome) -> None:
    assert home.idle == "a"
    write_pointer(home.folder, Pointer("b1", "a", 1, 2))
    assert home.idle == "b"
    write_pointer(home.folder, Pointer("b2", "b", 3, 4))
    assert home.idle == "a"


def test_a_build_is_found_in_the_home_that_holds_it_whole(home: ManagedHome) -> None:
    assert home.holding("b1") is None
    write_held(home.homes["b"].folder, Held("b1", ready=True))
    assert home.require("b1") == "b"
    remove_held(home.homes["b"].folder)
    with pytest.raises(NotFoundError, match="neither Neo4j home") as caught:
        home.require("b1")
    assert "build it again" in caught.value.hint


def test_a_build_without_leads_is_not_shown(home: ManagedHome) -> None:
    write_held(home.homes["a"].folder, Held("b1", ready=False))
    store = ManagedNeo4jStore(home.folder, Neo4jOptions())
    with pytest.raises(StoreError, match="no leads yet") as caught:
        store.activate("b1")
    assert "--resume" in caught.value.hint
    assert read_pointer(home.folder) is None
    store.close()


def test_removing_what_is_shown_leads_clients_nowhere(home: ManagedHome) -> None:
    graph = home.homes["a"].data / "databases" / "neo4j"
    accounts = home.homes["a"].data / "databases" / "system"
    for folder in (graph, accounts):
        folder.mkdir(parents=True)
    write_held(home.homes["a"].folder, Held("b1", ready=True))
    write_pointer(home.folder, Pointer("b1", "a", 1, 2))
    store = ManagedNeo4jStore(home.folder, Neo4jOptions())
    store.remove("b0")
    assert graph.exists()
    store.remove("b1")
    assert not graph.exists()
    assert accounts.exists(), "the password stays"
    assert read_pointer(home.folder) is None
    assert home.holding("b1") is None
    store.close()


def test_the_status_of_a_home_that_never_ran_is_plain(home: ManagedHome) -> None:
    status = home.status()
    assert (status.running, status.build_id, status.active, status.problems) == (False, None, None, ())
    assert status.bolt == "127.0.0.1:7687"
    assert not home.stop()


def test_what_is_shown_is_not_retired(home: ManagedHome) -> None:
    write_pointer(home.folder, Pointer("b1", "a", 1, 2))
    with pytest.raises(StoreError, match="shown to clients"):
        home.retire("a")


def test_a_full_disk_behind_a_refused_statement_is_said(home: ManagedHome) -> None:
    store = ManagedNeo4jStore(home.folder, Neo4jOptions())
    assert store._server_says("a", "the graph could not be written") is None
    (home.homes["a"].logs / "debug.log").write_text("java.io.IOException: No space left on device\n", encoding="utf-8")
    failure = store._server_says("a", "the graph could not be written")
    assert failure is not None
    assert failure.detail == "the graph could not be written: the disk is full"
    assert "room" in failure.hint
    store.close()


@pytest.mark.parametrize("build_id", ["", "../x", "a b", "-x", "a" * 200])
def test_a_build_id_that_is_no_name_is_refused(build_id: str) -> None:
    with pytest.raises(StoreError, match="a build id"):
        require_build_id(build_id)


def test_the_import_takes_a_share_of_memory_within_bounds() -> None:
    assert 256 <= off_heap_mb() <= 16_384
