"""A reader sees exactly one build: rebuilds, deaths and rollbacks go on behind clients that notice nothing.

The tests of this module run in order on one site, whose clients ask all the time.
"""

from __future__ import annotations

import resource
from contextlib import closing
from pathlib import Path

import neo4j
import pytest

from graphaudit.errors import NotFoundError, StoreError
from graphaudit.progress import SilentProgress
from graphaudit.stores.ladybug_store import LadybugStore
from graphaudit.stores.neo4j_store.pointer import read_held, read_pointer
from tests.integration.conftest import PERSONS, Site, tables_of_build
from tests.table_builder import tables_of

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

#: Bytes that a file may have: too little for the rows of so many persons; for the files of the import; for the store.
SMALL_DISK, MIDDLE_DISK, LARGER_DISK = 5_000, 400_000, 900_000
MANY = 4_000

VALUES = (
    "MATCH (p:Person) RETURN p.person_id AS k, p.division AS d, p.birth_year AS y, p.died_on AS died",
    "MATCH (s:Settlement)-[:OF_PERSON]->(p:Person) RETURN s.settlement_id AS k, p.person_id AS p, "
    "s.total_fen AS total, s.settled_at AS at, s.is_manual AS manual, s.refunded_at AS refunded",
    "MATCH (a:Person)-[c:CO_PRESENT]->(b:Person) RETURN a.person_id AS a, b.person_id AS b, c.days AS n, "
    "c.expected AS e, c.llr AS llr, c.same_household AS h",
)


def test_clients_read_at_the_fixed_address_and_cannot_write(site: Site) -> None:
    assert site.now() == "b0"
    with site.client() as driver, pytest.raises(neo4j.exceptions.ClientError, match=r"(?i)read.only"):
        driver.execute_query("CREATE (:Person {person_id: 'x'})")
    status = site.home.status()
    assert (status.running, status.build_id, status.active, status.problems) == (True, "b0", "a", ())
    site.calm()


def test_what_was_imported_is_what_the_embedded_store_holds_value_by_value(site: Site, tmp_path: Path) -> None:
    with site.store() as store, closing(LadybugStore(tmp_path, memory_limit_mb=64, threads=1)) as embedded:
        embedded.write("b0", tables_of_build("b0"), SilentProgress())
        with closing(store.open("b0")) as here, closing(embedded.open("b0")) as there:
            for text in VALUES:
                ours, theirs = (sorted(reader.run(text, {}), key=repr) for reader in (here, there))
                assert ours == theirs
                assert ours
                kinds = [[[type(value) for value in row.values()] for row in rows] for rows in (ours, theirs)]
                assert kinds[0] == kinds[1]
    site.calm()


def test_a_rebuild_is_noticed_by_nobody(site: Site) -> None:
    site.rebuild("b1")
    assert site.now() == "b1"
    status = site.home.status()
    assert (status.build_id, status.active, status.kept_build_id) == ("b1", "b", "b0")
    assert not site.home.is_running("a"), "the old one is stopped and kept"
    site.calm()


def test_the_build_before_is_served_again_without_loading_anything(site: Site) -> None:
    with site.store() as store:
        store.open("b0").close()
        store.activate("b0")
        assert site.now() == "b0"
        report = store.inspect("b0")
        assert report.faults == ()
        assert report.engine.startswith("Neo4j 5.")
        assert "served at bolt://127.0.0.1:" in report.place
        (fault,) = [fault for fault in store.inspect("b1").faults if "clients see b0" in fault.detail]
        assert "rollback b1" in fault.fix
        store.activate("b1")
    assert site.now() == "b1"
    assert site.home.is_running("b")
    site.calm()


# Settlement: its file is being written; import, constraints, verification: as they begin, or a moment later.
@pytest.mark.parametrize("stage", ["Settlement", "import", "verification"])
def test_a_build_killed_while_it_is_loaded_leaves_the_old_one_serving(site: Site, repository: Path, stage: str) -> None:
    site.dies(repository, "b2", stage)
    assert site.now() == "b1"
    with site.store() as store, pytest.raises(NotFoundError, match="neither Neo4j home"):
        store.open("b2")
    site.calm()


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (SMALL_DISK, "the graph's rows of Person"),
        (MIDDLE_DISK, "could not be written: the disk is full"),
        (LARGER_DISK, "the import .* failed: the disk is full"),
    ],
)
def test_a_full_disk_is_said_leaves_no_rows_behind_and_the_old_one_serving(site: Site, size: int, said: str) -> None:
    shown = site.now()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        with site.store() as store, pytest.raises(StoreError, match=said) as caught:
            store.write("b2", tables_of_build("b2", persons=MANY), SilentProgress())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "room" in caught.value.hint
    assert not (site.folder / site.home.idle / "import" / "rows").exists()
    assert read_held(site.folder / site.home.idle) is None
    assert site.now() == shown
    site.calm()


def test_a_build_killed_on_its_way_to_being_shown_is_shown_whole_by_the_next_attempt(
    site: Site, repository: Path
) -> None:
    with site.store() as store:
        store.write("b2", tables_of_build("b2"), SilentProgress())
        for stage in ("leads", "read-only"):
            site.dies(repository, "b2", stage, begun=True)
            assert site.now() == "b1"
            with pytest.raises(StoreError, match="no leads yet"):
                store.activate("b2")
        site.dies(repository, "b2", "flip", begun=True)
        assert site.now() == "b2"
        assert (pointer := read_pointer(site.folder)) is not None
        assert pointer.build_id == "b2"
        store.activate("b2")
    assert site.now() == "b2"
    site.calm()


def test_the_build_after_all_that_works_and_clients_have_seen_one_build_at_a_time(site: Site) -> None:
    site.rebuild("b3")
    assert site.now() == "b3"
    site.calm()
    assert [build for n, build in enumerate(site.seen) if build not in site.seen[:n]] == ["b0", "b1", "b2", "b3"]


def test_a_key_that_is_there_twice_stops_the_build_without_its_value(site: Site) -> None:
    with site.store() as store, pytest.raises(StoreError, match="a key of Person occurs twice") as caught:
        store.write("b4", tables_of({"persons": [{"person_id": "secret"}, {"person_id": "secret"}]}), SilentProgress())
    assert "secret" not in str(caught.value)
    assert site.now() == "b3"
    site.calm()


def test_a_build_that_is_removed_is_gone_and_the_shown_one_stays(site: Site) -> None:
    with site.store() as store:
        store.remove("b2")
        store.remove("never")
        with closing(store.open("b3")) as reader:
            assert reader.counts()["Person"] == PERSONS
        with pytest.raises(NotFoundError):
            store.activate("b2")
    assert site.now() == "b3"
    site.calm()
