"""Pid files outlive processes, and numbers are given again: nothing but our own server is ever found or stopped."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from graphaudit.errors import ConfigurationError, StoreError
from graphaudit.neo4j_local import Home, Ports, Runtime, Server, free_ports, import_full, set_initial_password
from graphaudit.neo4j_local.processes import command_line


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A configured home with no server."""
    made = Home(tmp_path / "home")
    made.configure(free_ports(), read_only=False)
    return made


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with us."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True) as process:
        yield process
        process.kill()


def test_stopping_what_does_not_run_is_no_failure(home: Home) -> None:
    assert Server(home).running() is None
    assert Server(home).stop() is False


def test_a_number_that_another_process_has_got_is_left_alone(home: Home, stranger: subprocess.Popen[bytes]) -> None:
    home.pid_file.write_text(str(stranger.pid), encoding="ascii")
    server = Server(home)
    assert server.running() is None
    assert server.stop() is False
    assert not home.pid_file.exists()
    assert stranger.poll() is None


@pytest.mark.parametrize("left", ["", "no number", "4194304999", "-1", "0"])
def test_a_damaged_pid_file_means_nothing(home: Home, left: str) -> None:
    home.pid_file.write_text(left, encoding="ascii")
    assert Server(home).running() is None
    assert Server(home).stop() is False


def test_a_process_that_shows_no_arguments_yet_is_waited_for(
    stranger: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, looks = psutil.Process.cmdline, []

    def just_started(process: psutil.Process) -> list[str]:
        looks.append(process.pid)
        return [] if len(looks) < 3 else shown(process)

    monkeypatch.setattr(psutil.Process, "cmdline", just_started)
    assert command_line(stranger.pid)[0] == sys.executable
    assert looks == [stranger.pid] * 3


def test_an_ended_process_has_no_arguments() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        began = time.monotonic()
        while psutil.Process(ended.pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() - began < 30
            time.sleep(0.01)
        assert command_line(ended.pid) == []


def test_a_server_whose_starter_died_too_early_is_found_by_its_command(home: Home) -> None:
    looks_like_one = [sys.executable, "-c", "import time; time.sleep(300)", f"--home-dir={home.folder}"]
    with subprocess.Popen(looks_like_one, start_new_session=True) as process:
        server = Server(home)
        assert server.running() is None
        assert server.stop(timeout_s=20) is True
        # 0 when the server object has reaped it, as it is a child of this very process
        assert process.wait(20) in (0, -signal.SIGTERM)
    assert server.running() is None


def test_a_tool_whose_caller_was_killed_is_ended_before_anything_else_happens(home: Home, tmp_path: Path) -> None:
    # as a build that is killed during the import leaves it: still writing into the home
    left = [sys.executable, "-c", "import time; time.sleep(300)", f"-Dbasedir={home.folder}"]
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    java.chmod(0o700)
    runtime = Runtime(java, (tmp_path / "x.jar",), "5.26")
    for act in (
        lambda: Server(home).stop(),
        lambda: Server(home, runtime).start(),
        lambda: import_full(home, runtime, [], max_off_heap_mb=256),
        lambda: set_initial_password(home, runtime, "Kw7-harbour-lamp"),
    ):
        with subprocess.Popen(left, start_new_session=True) as process:
            with contextlib.suppress(StoreError):
                act()
            assert process.wait(20) in (0, -signal.SIGKILL)


def test_one_that_does_not_end_is_killed(home: Home) -> None:
    deaf = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(300)"
    with subprocess.Popen(
        [sys.executable, "-c", deaf, f"--home-dir={home.folder}"], start_new_session=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        home.pid_file.write_text(str(process.pid), encoding="ascii")
        assert Server(home).stop(timeout_s=0.5) is True
        assert process.wait(20) in (0, -signal.SIGKILL)


def test_a_port_in_use_is_named_before_anything_is_started(home: Home) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        home.configure(Ports(free_ports().bolt, taken), read_only=False)
        with pytest.raises(StoreError, match=rf"another program listens on 127\.0\.0\.1:{taken}") as refused:
            Server(home, Runtime(Path("/nowhere/java"), (), "5.26")).start()
        assert "--http-port" in refused.value.hint
    assert not home.pid_file.exists()


def test_a_home_that_was_never_configured_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no Neo4j home"):
        Server(Home(tmp_path / "home"), Runtime(Path("/nowhere/java"), (), "5.26")).start()


def test_a_java_that_fails_at_once_leaves_its_reason_and_nothing_running(home: Home, tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text(
        "#!/bin/sh\necho 'java.lang.UnsupportedClassVersionError: compiled by a more recent version' >&2\nexit 1\n",
        encoding="utf-8",
    )
    java.chmod(0o700)
    server = Server(home, Runtime(java, (tmp_path / "x.jar",), "5.26"))
    with pytest.raises(StoreError, match="did not start: this Java is of another version"):
        server.start(timeout_s=60)
    assert server.running() is None
    assert not home.pid_file.exists()
    assert home.log.stat().st_mode & 0o077 == 0
