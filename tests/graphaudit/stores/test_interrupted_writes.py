"""A write that is killed, or meets a full disk, leaves nothing that could be taken for a graph."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from graphaudit.errors import NotFoundError, StoreError
from graphaudit.progress import SilentProgress
from graphaudit.stores import bulk, ladybug_store
from graphaudit.stores.ladybug_store import LadybugStore
from tests.table_builder import tables_of

SETTLEMENTS = 20_000

#: Runs in a process of its own, which dies in the middle: argv is the folder, the label, the milliseconds after it.
KILLED = """
import sys
from pathlib import Path
from typing import Any
from tests.graphaudit.stores.test_interrupted_writes import write_and_die
write_and_die(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LadybugStore]:
    store = small_store(tmp_path / "graph")
    yield store
    store.close()


@pytest.fixture
def file_limit() -> Iterator[Callable[[int], None]]:
    """Lets files of this process grow to a number of bytes only, as a disk that fills up would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def small_store(folder: Path) -> LadybugStore:
    return LadybugStore(folder, memory_limit_mb=64, threads=1)


def many_settlements() -> duckdb.DuckDBPyConnection:
    tables = tables_of(
        {"persons": [{}], "sites": [{"kind": "institution"}], "settlements": [{"person_no": 0, "site_no": 0}]}
    )
    tables.execute(
        "INSERT INTO settlements SELECT s.* REPLACE (i AS settlement_no, 'S' || i AS settlement_id) "
        "FROM settlements AS s, range(1, $n) AS r(i)",
        {"n": SETTLEMENTS},
    )
    tables.execute("INSERT INTO graph_settlements SELECT settlement_no FROM settlements WHERE settlement_no > 0")
    return tables


def write_and_die(folder: Path, label: str, after_ms: int) -> None:
    """Write build b1 and be killed `after_ms` after `label` begins."""

    class Deadly(SilentProgress):
        def advance(self, steps: int = 1, note: str = "") -> None:
            if note == label:
                kill = (os.getpid(), signal.SIGKILL)
                if after_ms:
                    threading.Timer(after_ms / 1000, os.kill, kill).start()
                else:
                    os.kill(*kill)

    small_store(folder).write("b1", many_settlements(), Deadly())


def killed(store: LadybugStore, repository: Path, label: str, after_ms: int = 0) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(store.folder), label, str(after_ms)],
        cwd=repository,
        check=False,
        timeout=60,
        capture_output=True,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert left(store), "it was killed before it wrote anything"


def left(store: LadybugStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir() if path.name.startswith("."))


# Settlement: with its extract under way, or some milliseconds on, in its COPY; SERVES: late, when most is written.
@pytest.mark.parametrize(
    ("label", "after_ms"), [("Settlement", 0), ("Settlement", 60), ("OF_PERSON", 40), ("SERVES", 0)]
)
def test_a_killed_write_leaves_no_graph_and_the_next_one_clears_up(
    store: LadybugStore, repository: Path, label: str, after_ms: int
) -> None:
    killed(store, repository, label, after_ms)
    with pytest.raises(NotFoundError):
        store.open("b1")
    counts = store.write("b1", tables_of({"persons": [{}, {}]}), SilentProgress())
    assert store.open("b1").counts() == counts
    assert [path.name for path in store.folder.iterdir()] == ["b1.lbug"]


def test_a_killed_rebuild_leaves_the_published_graph_and_others_as_they_were(
    store: LadybugStore, repository: Path
) -> None:
    store.write("b0", tables_of({"persons": [{}]}), SilentProgress())
    store.write("b1", tables_of({"persons": [{}, {}]}), SilentProgress())
    killed(store, repository, "SERVES")
    assert store.open("b0").counts()["Person"] == 1
    assert store.open("b1").counts()["Person"] == 2
    assert store.open("b1").counts()["Settlement"] == 0
    store.remove("b1")
    assert [path.name for path in store.folder.iterdir()] == ["b0.lbug"]


@pytest.mark.parametrize("size", [100_000, 1_000_000, 2_500_000])
def test_a_full_disk_is_said_and_leaves_the_old_graph(
    store: LadybugStore, file_limit: Callable[[int], None], size: int
) -> None:
    store.write("b0", tables_of({"persons": [{}]}), SilentProgress())
    tables = many_settlements()
    file_limit(size)
    with pytest.raises(StoreError, match="has room"):
        store.write("b1", tables, SilentProgress())
    assert [path.name for path in store.folder.iterdir()] == ["b0.lbug"]
    assert store.open("b0").counts()["Person"] == 1


def test_leads_on_a_full_disk_leave_the_graph_without_them(
    store: LadybugStore, file_limit: Callable[[int], None]
) -> None:
    counts = store.write("b1", many_settlements(), SilentProgress())
    file_limit(500_000)
    with pytest.raises(StoreError, match="has room"):
        store.write_leads("b1", [])
    assert store.open("b1").counts() == counts
    assert [path.name for path in store.folder.iterdir()] == ["b1.lbug"]


def test_a_file_that_the_engine_has_not_finished_is_not_published(
    store: LadybugStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = LadybugStore._verify

    def with_log(self: LadybugStore, path: Path, extracts: object) -> object:
        counts = verify(self, path, extracts)  # type: ignore[arg-type]
        path.with_name(f"{path.name}.wal").write_bytes(b"a transaction")
        return counts

    monkeypatch.setattr(LadybugStore, "_verify", with_log)
    with pytest.raises(StoreError, match="not finished"):
        store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
    assert list(store.folder.iterdir()) == []


def test_an_interruption_leaves_nothing_and_passes_through(
    store: LadybugStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ladybug_store, "_copy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
    assert list(store.folder.iterdir()) == []


def test_a_failing_copy_waits_for_the_extract_under_way(store: LadybugStore, monkeypatch: pytest.MonkeyPatch) -> None:
    write = bulk._write

    def slow(*arguments: Any) -> bulk.Extract:
        time.sleep(0.2)
        return write(*arguments)

    def failing(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(bulk, "_write", slow)
    monkeypatch.setattr(ladybug_store, "_copy", failing)
    with pytest.raises(StoreError, match="broken") as kept:
        store.write("b1", tables_of({"persons": [{}]}), SilentProgress())
    assert kept.value.__cause__ is not None, "its traceback keeps every frame alive, as a caller's may"
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("extract")]
    assert list(store.folder.iterdir()) == []


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    store = LadybugStore(tmp_path / "graph", memory_limit_mb=1, threads=1)
    with pytest.raises(StoreError, match="memory"):
        store.write("b1", many_settlements(), SilentProgress())
    assert list(store.folder.iterdir()) == []
