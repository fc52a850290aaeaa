"""What ships: exactly the five packages, with their data."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names inside a freshly built wheel, its own metadata left out."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (archive,) = folder.glob("*.whl")
    with zipfile.ZipFile(archive) as opened:
        return [name for name in opened.namelist() if ".dist-info/" not in name]


def test_wheel_has_exactly_the_five_top_level_names(wheel: list[str], packages: tuple[str, ...]) -> None:
    assert {name.split("/")[0] for name in wheel} == set(packages)


def test_wheel_has_every_file_of_the_packages(
    wheel: list[str], packages: tuple[str, ...], tracked: list[Path], repository: Path
) -> None:
    names = {path.relative_to(repository).as_posix() for path in tracked}
    assert {name for name in names if name.split("/")[0] in packages} <= set(wheel)


@pytest.mark.parametrize(
    "pattern",
    [
        "graphaudit/derive/sql/*.sql",
        "graphaudit/registry/migrations/env.py",
        "graphaudit/registry/migrations/versions/*.py",
        "cypher/patterns/*.cypher",
        "cypher/views/*.cypher",
        "cypher/browser/style.grass",
        "cypher/browser/guide.zh.html",
        "loaders/nhsa/**/*.csv",
    ],
)
def test_wheel_has_the_data_that_the_packages_read(wheel: list[str], pattern: str) -> None:
    assert any(Path(name).match(pattern) for name in wheel), pattern


def test_wheel_has_no_caches_and_no_tests(wheel: list[str]) -> None:
    assert not [name for name in wheel if "__pycache__" in name or name.endswith(".pyc") or "/tests/" in name]
