"""One tiny city, simulated and built once for all test processes of a run, as a newcomer does it: by `demo`.

Whoever needs it first makes it, the others wait for it; what a test may change is a copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from graphaudit.neo4j_local.jars import held

SIZE, SEED = "tiny", 3


@dataclass(frozen=True)
class BuiltCity:
    """The data folder of the demonstration, the source folder of its city, and what it printed."""

    home: Path
    city: Path
    said: str


def demonstration(home: Path) -> tuple[str, ...]:
    """Arguments of the demonstration below `home`."""
    return ("demo", "--size", SIZE, "--seed", str(SEED), "--data", str(home))


def city_of(home: Path) -> Path:
    """The source folder that the demonstration below `home` makes."""
    return home / f"city-{SIZE}-{SEED}-0"


@pytest.fixture(scope="session")
def built_city(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltCity:
    """The city as it was built; several processes read it, so nobody may write below it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "built-city"
    home, said = folder / "home", folder / "said.txt"
    with held(folder.with_suffix(".lock")):
        if not said.exists():
            # left by a process whose attempt failed
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _demonstrate(home, said, repository)
    return BuiltCity(home, city_of(home), said.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def home(built_city: BuiltCity, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This test process's own copy of the data folder; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("data") / "home"
    shutil.copytree(built_city.home, folder)
    return folder


@pytest.fixture(scope="session")
def city(built_city: BuiltCity) -> Path:
    """The source folder of the city."""
    return built_city.city


def _demonstrate(home: Path, said: Path, repository: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "graphaudit", *demonstration(home)],
        env={**os.environ, "PYTHONPATH": str(repository)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    said.write_text(ran.stdout, encoding="utf-8")
