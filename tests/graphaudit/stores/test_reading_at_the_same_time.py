"""Published graphs have many readers: of one process, of several, while leads are written and builds go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from graphaudit.errors import NotFoundError, QueryError
from graphaudit.progress import SilentProgress
from graphaudit.stores.ladybug_reader import open_database
from graphaudit.stores.ladybug_store import LadybugStore

#: Says how many persons it reads, waits for a line, and says it again.
READER = """
import sys
from pathlib import Path
from graphaudit.stores.ladybug_store import LadybugStore
reader = LadybugStore(Path(sys.argv[1]), memory_limit_mb=64, threads=1).open("b1")
query = "MATCH (p:Person)-[:VISITED]->(s:Institution) RETURN count(DISTINCT p) AS n"
for _ in range(2):
    sys.stdout.write(f"{reader.run(query, {})[0]['n']}\\n")
    sys.stdout.flush()
    sys.stdin.readline()
reader.close()
"""


@pytest.fixture
def store(tmp_path: Path, tables: duckdb.DuckDBPyConnection) -> Iterator[LadybugStore]:
    store = LadybugStore(tmp_path / "graph", memory_limit_mb=64, threads=1)
    store.write("b1", tables, SilentProgress())
    yield store
    store.close()


def persons(store: LadybugStore) -> int:
    reader = store.open("b1")
    count = reader.counts()["Person"]
    reader.close()
    return count


def test_several_readers_of_one_process_read_the_same(store: LadybugStore) -> None:
    readers = [store.open("b1") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda reader: reader.counts(), readers * 5))
    assert len(counts) == 20
    assert all(count == counts[0] for count in counts)
    assert counts[0]["Person"] == 2


def test_threads_share_one_reader(store: LadybugStore) -> None:
    reader = store.open("b1")
    query = "MATCH (s:Settlement) WHERE s.settlement_id = $k RETURN s.settlement_id AS k"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: reader.run(query, {"k": f"S{n % 3}"}), range(60)))
    assert found == [[{"k": f"S{n % 3}"}] for n in range(60)]


def test_other_processes_read_while_leads_are_written_and_the_build_goes(store: LadybugStore, repository: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(store.folder)],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "1\n"
        store.write_leads("b1", [])
        assert persons(store) == 2
        store.remove("b1")
        for process in running:
            output, _ = process.communicate("\n\n", timeout=30)
            assert output == "1\n"
            assert process.returncode == 0
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_a_build_that_goes_while_open_stays_readable_to_who_has_it(store: LadybugStore) -> None:
    reader = store.open("b1")
    before = reader.counts()
    store.remove("b1")
    assert reader.counts() == before
    with pytest.raises(NotFoundError):
        store.open("b1")
    assert list(store.folder.iterdir()) == []


def test_a_build_written_again_while_open_shows_the_new_graph_to_new_readers_only(
    store: LadybugStore, tables: duckdb.DuckDBPyConnection
) -> None:
    reader = store.open("b1")
    tables.execute("INSERT INTO persons SELECT * REPLACE (9 AS person_no, 'P9' AS person_id) FROM persons LIMIT 1")
    store.write("b1", tables, SilentProgress())
    assert reader.counts()["Person"] == 2
    assert persons(store) == 3


def test_closing_twice_is_fine_and_closing_the_store_closes_its_readers(store: LadybugStore) -> None:
    reader = store.open("b1")
    reader.close()
    reader.close()
    other = store.open("b1")
    store.close()
    with pytest.raises(QueryError, match="closed"):
        other.run("MATCH (p:Person) RETURN count(*) AS n", {})


def test_reading_leaves_no_file_and_does_not_change_the_graph(store: LadybugStore) -> None:
    path = store.folder / "b1.lbug"
    before = path.read_bytes()
    for _ in range(3):
        persons(store)
    assert path.read_bytes() == before
    assert [entry.name for entry in store.folder.iterdir()] == ["b1.lbug"]


def test_a_graph_opened_for_serving_has_no_unwritten_log(store: LadybugStore) -> None:
    with open_database(store.folder / "b1.lbug", memory_limit_mb=64, threads=1) as connection:
        assert connection.execute("MATCH (p:Person) RETURN count(*)").get_next() == [2]
    assert persons(store) == 2
