"""The jars: exactly those of the lock, fetched once, checked always, whatever the network or the disk does."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.neo4j_local import jars as module
from graphaudit.neo4j_local.jars import LOCK, Jar, locked_jars, read_lock, shipped_lock, version_of_lock
from graphaudit.neo4j_local.lock_maker import ASKED, text_of
from tests.neo4j_server import unavailable


def content(name: str) -> bytes:
    return f"the jar {name}".encode()


def jar(name: str) -> Jar:
    return Jar("org.example", name, "1.0", "", hashlib.sha256(content(name)).hexdigest())


JARS = tuple(jar(name) for name in ("one", "two", "three"))


class Network:
    """Stands for Maven Central: counts what is asked for and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lock = threading.Lock()
        self.answer: Callable[[str, int], bytes] = lambda name, times: content(name)

    def fetcher(self, repository: Path) -> Callable[[Jar], Path]:
        def fetch(wanted: Jar) -> Path:
            with self.lock:
                self.asked.append(wanted.artifact)
                times = self.asked.count(wanted.artifact)
            path = repository / "org/example" / wanted.artifact / "1.0" / wanted.file_name
            # what a broken download leaves behind must have gone before the next try
            assert not path.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a part")
            path.write_bytes(self.answer(wanted.artifact, times))
            return path

        return fetch


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """A network that answers."""
    made = Network()
    monkeypatch.setattr(module, "_fetcher", made.fetcher)
    return made


def test_the_lock_names_what_was_asked_for_and_says_nothing_twice() -> None:
    lock = shipped_lock()
    named = {(one.group, one.artifact): one.version for one in lock}
    assert len(named) <= len(lock)
    for group, artifact, version in ASKED:
        assert named[group, artifact] == version
    assert version_of_lock().startswith("5.26.")
    assert {one.version for one in lock if one.group == "org.neo4j"} == {version_of_lock()}
    assert len({one.file_name for one in lock}) == len(lock)
    assert text_of(lock) == LOCK.read_text(encoding="utf-8")


def test_a_damaged_lock_is_refused() -> None:
    for text in ("org.example:one:1.0 abc\n", "org.example:one 0\n", "../x:one:1.0 " + "0" * 64):
        with pytest.raises(ConfigurationError, match="line 1"):
            read_lock(text)
    same = "\n".join(f"{group}:one:1.0 {'0' * 64}" for group in ("a", "b"))
    with pytest.raises(ConfigurationError, match="one name"):
        read_lock(same)


def test_they_are_fetched_once_into_a_folder_of_their_own(network: Network, tmp_path: Path) -> None:
    found = locked_jars(tmp_path, JARS)
    assert [path.read_bytes() for path in found] == [content(one.artifact) for one in JARS]
    assert {path.name for path in found[0].parent.iterdir()} == {one.file_name for one in JARS}
    assert locked_jars(tmp_path, JARS) == found
    assert sorted(network.asked) == ["one", "three", "two"]


def test_what_is_damaged_or_missing_is_fetched_again_and_a_stranger_goes(network: Network, tmp_path: Path) -> None:
    one, two, _ = locked_jars(tmp_path, JARS)
    network.asked.clear()
    one.write_bytes(b"something else")
    two.unlink()
    (one.parent / "stranger.jar").write_bytes(b"would be on the class path")
    assert [path.read_bytes() for path in locked_jars(tmp_path, JARS)] == [content(each.artifact) for each in JARS]
    assert sorted(network.asked) == ["one", "two"]
    assert not (one.parent / "stranger.jar").exists()


def test_a_download_that_breaks_off_is_tried_again(network: Network, tmp_path: Path) -> None:
    def sometimes(name: str, times: int) -> bytes:
        if times == 1 and name == "one":
            raise ConnectionResetError
        return b"cut" if times == 1 and name == "two" else content(name)

    network.answer = sometimes
    assert [path.read_bytes() for path in locked_jars(tmp_path, JARS)] == [content(one.artifact) for one in JARS]
    assert sorted(network.asked) == ["one", "one", "three", "two", "two"]


def test_another_file_under_the_same_name_is_never_used(network: Network, tmp_path: Path) -> None:
    network.answer = lambda name, times: b"not what the lock means" if name == "two" else content(name)
    with pytest.raises(ConfigurationError, match=r"org\.example:two:1\.0 .* not the file") as refused:
        locked_jars(tmp_path, JARS)
    assert "do not use" in refused.value.hint
    assert not list(tmp_path.rglob("two-1.0.jar"))


def test_without_a_network_it_says_how_to_bring_them(network: Network, tmp_path: Path) -> None:
    def gone(name: str, times: int) -> bytes:
        raise ConnectionError("unreachable")

    network.answer = gone
    with pytest.raises(ConfigurationError, match="cannot be had from Maven Central") as refused:
        locked_jars(tmp_path, JARS)
    assert "GRAPHAUDIT_NEO4J_CACHE" in refused.value.hint
    # a cache that was copied from elsewhere is all that is needed
    network.answer = lambda name, times: content(name)
    locked_jars(tmp_path / "elsewhere", JARS)
    (tmp_path / "elsewhere").rename(tmp_path / "copied")
    network.answer = gone
    assert len(locked_jars(tmp_path / "copied", JARS)) == 3


def test_two_at_once_fetch_them_once(network: Network, tmp_path: Path) -> None:
    threads = [threading.Thread(target=locked_jars, args=(tmp_path, JARS)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(network.asked) == ["one", "three", "two"]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(ConfigurationError) as refused:
        locked_jars(tmp_path, JARS)
    assert refused.value.hint == "pip install 'graphaudit[neo4j-local]'"


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be used") as refused:
        locked_jars(tmp_path / "file" / "cache", JARS)
    assert "GRAPHAUDIT_NEO4J_CACHE" in refused.value.hint


FETCH_ONE = """
import sys
from pathlib import Path
from graphaudit.errors import GraphauditError
from graphaudit.neo4j_local.jars import locked_jars, shipped_lock
one = tuple(jar for jar in shipped_lock() if jar.artifact == "reactive-streams")
try:
    print(*locked_jars(Path(sys.argv[1]), one))
except GraphauditError as error:
    print(error.detail)
"""


@pytest.mark.neo4j
def test_one_really_comes_from_maven_central_and_nothing_else_comes_with_it(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path / "home"), "PATH": "/nowhere", "PYTHONPATH": os.pathsep.join(sys.path)}
    ca = {
        name: os.environ[name] for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "https_proxy") if name in os.environ
    }
    said = subprocess.run(
        [sys.executable, "-c", FETCH_ONE, str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        check=True,
        env=environment | ca,
    ).stdout.strip()
    if "cannot be had" in said:
        unavailable(said)
    (one,) = shipped_lock_of("reactive-streams")
    assert hashlib.sha256(Path(said).read_bytes()).hexdigest() == one.sha256
    # no Java, no repository of Maven, no settings of the resolver are left anywhere
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"cache.lock", one.file_name}


def shipped_lock_of(artifact: str) -> list[Jar]:
    return [jar for jar in shipped_lock() if jar.artifact == artifact]
