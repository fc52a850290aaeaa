"""The self-check: what is wrong is named, and so is its fix."""

from __future__ import annotations

import importlib.metadata
import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from graphaudit import selfcheck
from graphaudit.builds.manifest import Manifest
from graphaudit.errors import StoreError
from graphaudit.progress import SilentProgress
from graphaudit.registry import BuildRecord, Registry
from graphaudit.selfcheck import Check, run_checks
from graphaudit.settings import Settings
from graphaudit.stores.base import StoreFault, StoreReport
from graphaudit.stores.ladybug_reader import open_database
from graphaudit.stores.ladybug_store import LadybugStore
from tests.table_builder import tables_of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "home")


def named(settings: Settings, name: str) -> Check:
    (found,) = [check for check in run_checks(settings) if check.name == name]
    return found


def test_a_fresh_installation_is_sound_and_nothing_is_created(settings: Settings) -> None:
    wrong = [check for check in run_checks(settings) if not check.ok]
    assert wrong == []
    assert not settings.data.exists()


def test_every_wrong_finding_has_a_fix(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def owners() -> dict[str, list[str]]:
        return {"loaders": ["graphaudit", "someone-elses-loaders"], "community": ["community"]}

    monkeypatch.setattr(importlib.metadata, "packages_distributions", owners)
    settings.data.mkdir()
    settings.key_file.write_text("k", encoding="utf-8")
    settings.key_file.chmod(0o644)
    wrong = {check.name: check for check in run_checks(settings) if not check.ok}
    assert set(wrong) == {"package loaders", "package community", "site key"}
    assert all(check.fix for check in wrong.values())
    assert "someone-elses-loaders" in wrong["package loaders"].detail
    assert wrong["site key"].fix.startswith("chmod 600")


def test_a_package_imported_from_elsewhere_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = ModuleType("detectors")
    stranger.__file__ = "/elsewhere/detectors/__init__.py"
    real = selfcheck.importlib.import_module
    monkeypatch.setattr(
        selfcheck.importlib, "import_module", lambda name: stranger if name == "detectors" else real(name)
    )
    check = named(settings, "package detectors")
    assert not check.ok
    assert "/elsewhere" in check.detail


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x", encoding="utf-8")
    assert not named(Settings(data=tmp_path / "home"), "data folder").ok
    assert not named(Settings(data=tmp_path / "home" / "inner"), "data folder").ok


class Reader:
    def __init__(self, counts: dict[str, int]) -> None:
        self._counts = counts

    def counts(self) -> dict[str, int]:
        return self._counts

    def close(self) -> None:
        pass


class Store:
    def __init__(self, counts: dict[str, int] | None, faults: tuple[StoreFault, ...] = ()) -> None:
        self._counts = counts
        self._faults = faults

    def inspect(self, build_id: str | None) -> StoreReport:
        return StoreReport("Engine 1.2", f"here, with {build_id}", self._faults)

    def open(self, build_id: str) -> Reader:
        if self._counts is None:
            raise StoreError(f"the graph of {build_id} cannot be opened", "build again")
        return Reader(self._counts)

    def close(self) -> None:
        pass


def publish(settings: Settings) -> None:
    """A published build b1 that promised three persons and no leads."""
    folder = settings.builds_folder / "b1"
    folder.mkdir(parents=True)
    manifest = Manifest("b1", "2026-01-01T00:00:00Z", "city", "f", "1", {}, state="published")
    manifest.stage("rank").counts = {"leads": 0}
    manifest.write(folder)
    (folder / "graph.json").write_text('{"Person": 3}', encoding="utf-8")
    with Registry.open(settings.registry_url) as registry:
        registry.publish(BuildRecord("b1"), [])


def test_the_store_is_named_and_each_of_its_faults_with_its_fix(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settings)
    faults = (StoreFault("no index on Person.division", "CREATE INDEX"), StoreFault("drift", "build again"))
    store: Any = Store({}, faults)
    monkeypatch.setattr(selfcheck, "store_of", lambda _: store)
    checks = [check for check in run_checks(settings) if check.name == "graph store"]
    assert [(check.ok, check.detail, check.fix) for check in checks] == [
        (True, "Engine 1.2 at here, with b1", ""),
        (False, "no index on Person.division", "CREATE INDEX"),
        (False, "drift", "build again"),
    ]


def test_a_served_graph_of_another_version_is_named_column_by_column(settings: Settings) -> None:
    publish(settings)
    store = LadybugStore(settings.data / "graph", memory_limit_mb=64, threads=1)
    store.write("b1", tables_of({"persons": [{}, {}, {}]}), SilentProgress())
    assert [check.ok for check in run_checks(settings) if check.name == "graph store"] == [True]
    with open_database(settings.data / "graph" / "b1.lbug", memory_limit_mb=64, threads=1) as connection:
        connection.execute("ALTER TABLE Person DROP division")
        connection.execute("ALTER TABLE Person ADD height_cm INT64")
        connection.execute("CREATE NODE TABLE Planet(name STRING, PRIMARY KEY(name))")
    faults = {check.detail: check.fix for check in run_checks(settings) if check.name == "graph store" and not check.ok}
    assert set(faults) == {
        "Planet is in the graph and not declared",
        "Person.division is absent in the graph, declared: STRING",
        "Person.height_cm is INT64 in the graph, declared: not declared",
    }
    assert all("build again" in fix for fix in faults.values())


@pytest.mark.parametrize("url", ["neo4j-home:nowhere", "neo4j://127.0.0.1:1"])
def test_a_slow_driver_and_a_server_that_is_away_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    version = importlib.metadata.version

    def without(name: str) -> str:
        if name == "neo4j-rust-ext":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without)
    given = settings.model_copy(update={"store": url, "neo4j_password": SecretStr("a-long-enough-secret-7")})
    if url.startswith("neo4j-home"):
        check = named(given, "neo4j-rust-ext")
        assert (check.ok, check.fix) == (False, "pip install neo4j-rust-ext")
        assert named(given, "graph store").ok
        assert not Path("nowhere").exists()
    else:
        check = named(given, "graph store")
        assert "no Neo4j server answers at neo4j://127.0.0.1:1" in check.detail
        assert "check host and port" in check.fix


@pytest.mark.parametrize(
    ("counts", "complaint"),
    [
        ({"Person": 3, "Lead": 0}, ""),
        ({"Person": 2, "Lead": 0}, "the graph holds 2 Person, its build wrote 3"),
        ({"Person": 3, "Lead": 4}, "4 Lead"),
        (None, "cannot be opened"),
    ],
)
def test_the_served_graph_is_opened_and_counted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, counts: dict[str, int] | None, complaint: str
) -> None:
    publish(settings)
    store: Any = Store(counts)
    monkeypatch.setattr(selfcheck, "store_of", lambda _: store)
    check = named(settings, "active build")
    assert check.ok == (not complaint)
    assert complaint in check.detail
    assert check.ok or check.fix


def test_a_registry_that_was_written_to_from_outside_is_named(settings: Settings) -> None:
    with Registry.open(settings.registry_url) as registry:
        registry.publish(BuildRecord("b1"), [])
    connection = sqlite3.connect(settings.data / "registry.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE audit_log SET actor = 'nobody'")
    connection.commit()
    connection.close()
    check = named(settings, "registry")
    assert not check.ok
    assert "record 1" in check.detail
