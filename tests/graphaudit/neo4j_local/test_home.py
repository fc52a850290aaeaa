"""The folder of one server: closed to others, and read back as it was written."""

from __future__ import annotations

import multiprocessing
import stat
import time
from pathlib import Path

import pytest

from graphaudit.errors import ConfigurationError, StoreError
from graphaudit.neo4j_local import Home, Ports, free_ports


def test_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (home.folder / "data").mkdir(parents=True, mode=0o755)
    home.create()
    folders = [home.folder, *(path for path in home.folder.iterdir() if path.is_dir())]
    assert len(folders) == 7
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_addresses_are_read_back(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.configure(Ports(17687, 17474), read_only=True)
    assert (home.bolt_uri, home.http_url) == ("bolt://127.0.0.1:17687", "http://127.0.0.1:17474")
    assert home.is_read_only
    home.configure(Ports(1, 2), read_only=False, listen="0.0.0.0")
    assert home.host == "127.0.0.1"
    assert not home.is_read_only
    assert not home.has_database


def test_a_home_without_configuration_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no Neo4j home"):
        _ = Home(tmp_path).ports


def test_a_home_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be made"):
        Home(tmp_path / "file" / "home").create()


def test_erasing_keeps_the_configuration(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.configure(free_ports(), read_only=False)
    (home.data / "databases" / "neo4j").mkdir(parents=True)
    assert home.has_database
    home.erase()
    assert not home.has_database
    assert home.ports


def _hold(folder: Path, held: multiprocessing.synchronize.Event) -> None:
    with Home(folder).locked():
        held.set()
        time.sleep(60)


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "home", held))
    holder.start()
    assert held.wait(60)
    holder.kill()
    holder.join()
    with Home(tmp_path / "home").locked():
        pass
