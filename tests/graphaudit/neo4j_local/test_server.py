"""A server of our own: it outlives its starter, is found again, and loses nothing when it is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphaudit.errors import StoreError
from graphaudit.neo4j_local import Home, Runtime, Server, free_ports, import_full
from tests.neo4j_server import local_server

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

#: Every sign that a shell, the argument files and the configuration could stumble over.
AWKWARD = "we\"ird \\ p'ass $x #1 @y"


@pytest.fixture(scope="module")
def starting(neo4j_runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_server]:
    """A small writable server of this module, not started yet."""
    made = local_server(neo4j_runtime, tmp_path_factory.mktemp("server") / "主目录 home", password=AWKWARD)
    yield made
    made.server.stop()


STARTER = """
import sys
from pathlib import Path
from graphaudit.neo4j_local import Home, Server
print(Server(Home(Path(sys.argv[1]))).start())
"""


def test_it_outlives_its_starter_is_found_killed_recovered_and_stopped(starting: local_server) -> None:
    home, server = starting.home, starting.server
    starter = subprocess.run(
        [sys.executable, "-c", STARTER, str(home.folder)], capture_output=True, text=True, check=True
    )
    pid = int(starter.stdout)
    assert Server(Home(home.folder)).running() == pid
    with starting as running:
        assert server.start() == pid
        # its own session: what ends the terminal or the process group of its starter does not end it
        assert os.getsid(pid) == os.getpgid(pid) == pid != os.getsid(0)
        command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
        assert AWKWARD not in command
        with running.driver() as driver:
            driver.execute_query("CREATE (:Kept {number: 1})")

        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 30
        while server.running() is not None and time.monotonic() < until:
            time.sleep(0.05)
        assert server.running() is None
        assert home.pid_file.exists()

        again = server.start()
        assert again != pid
        server.wait_ready(AWKWARD)
        with running.driver() as driver:
            assert driver.execute_query("MATCH (n:Kept) RETURN n.number AS n").records[0]["n"] == 1
        with pytest.raises(StoreError, match="refuses the password") as refused:
            server.wait_ready("not-the-password-of-it")
        assert "not-the-password" not in str(refused.value)
        assert AWKWARD not in home.log.read_text(encoding="utf-8")
        assert not list((home.folder / "run").glob(".initial-*"))
        assert server.stop() is True
        assert server.running() is None
        assert server.stop() is False


def test_a_setting_that_neo4j_does_not_take_is_told(starting: local_server) -> None:
    conf = starting.home.conf / "neo4j.conf"
    text = conf.read_text(encoding="utf-8")
    conf.write_text(text.replace("server.memory.pagecache.size=", "server.memory.pagecache.size=x"), encoding="utf-8")
    try:
        with pytest.raises(StoreError, match="configuration is not accepted") as refused:
            starting.server.start()
        assert str(starting.home.log) in refused.value.hint
        assert starting.server.running() is None
    finally:
        conf.write_text(text, encoding="utf-8")


def test_rows_that_do_not_fit_fail_the_import(neo4j_runtime: Runtime, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.configure(free_ports(), read_only=True)
    (tmp_path / "nodes.csv").write_text(":ID\n0\n", encoding="utf-8")
    (tmp_path / "edges.csv").write_text(":START_ID,:END_ID\n0,7\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"the import into .* failed") as failed:
        import_full(
            home,
            neo4j_runtime,
            [
                "--id-type=actual",
                "--bad-tolerance=0",
                f"--nodes=A={tmp_path / 'nodes.csv'}",
                f"--relationships=R={tmp_path / 'edges.csv'}",
            ],
            max_off_heap_mb=256,
            heap_mb=256,
        )
    assert failed.value.hint == f"look into {home.logs / 'import.log'}"


FULL_DISK = """
import sys
from pathlib import Path
from graphaudit.errors import StoreError
from graphaudit.neo4j_local import Home, free_ports, import_full, runtime
home = Home(Path(sys.argv[1]) / "home")
home.configure(free_ports(), read_only=True)
try:
    import_full(home, runtime(), ["--nodes=A=" + sys.argv[2]], max_off_heap_mb=256, heap_mb=256)
except StoreError as error:
    print(error)
"""


def test_a_full_disk_is_named(neo4j_runtime: Runtime, tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "--mount", "--map-root-user", "true"], check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    rows = "".join(f"{number},{'x' * 200}{number}\n" for number in range(20_000))
    (tmp_path / "nodes.csv").write_text(f"number:ID,text\n{rows}", encoding="utf-8")
    (tmp_path / "disk").mkdir()
    inside = 'mount -t tmpfs -o size=2m tmpfs "$1" && shift && exec "$@"'
    said = subprocess.run(
        [
            *(unshare, "--mount", "--map-root-user", "sh", "-c", inside, "sh", str(tmp_path / "disk")),
            *(sys.executable, "-c", FULL_DISK, str(tmp_path / "disk"), str(tmp_path / "nodes.csv")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the disk is full" in said.stdout, said.stdout + said.stderr
    assert "make room" in said.stdout
