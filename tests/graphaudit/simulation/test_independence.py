"""The city and those who search it know nothing of each other: no import, no file, no named constant."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

#: What the simulator may use of the core: errors, progress. Nothing of the search, the graph or the loaders.
ALLOWED = ("graphaudit.errors", "graphaudit.progress", "graphaudit.simulation")
SEARCHERS = ("detectors", "loaders", "graphaudit/leads", "graphaudit/derive", "graphaudit/evaluation")


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _modules(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found
    return found


def _own(name: str) -> bool:
    return name.split(".")[0] in {"graphaudit", "loaders", "detectors", "api", "cypher", "tests"}


def test_the_simulator_imports_nothing_of_those_who_search(repository: Path) -> None:
    for file in _modules(repository / "graphaudit" / "simulation"):
        outside = [name for name in _imported(file) if _own(name) and not name.startswith(ALLOWED)]
        assert not outside, file.name


@pytest.mark.parametrize("folder", SEARCHERS)
def test_who_searches_imports_nothing_of_the_simulator(repository: Path, folder: str) -> None:
    for file in _modules(repository / folder):
        assert not [name for name in _imported(file) if name.startswith("graphaudit.simulation")], file.name


@pytest.mark.parametrize("folder", [*SEARCHERS, "cypher"])
def test_who_searches_reads_no_file_of_the_simulator(repository: Path, folder: str) -> None:
    named = ("graphaudit.simulation", "graphaudit/simulation", "truth.json")
    if folder == "graphaudit/evaluation":
        named = named[:2]  # it measures against the truth, and says where that file comes from
    for file in sorted((repository / folder).rglob("*")):
        if file.suffix in {".py", ".sql", ".cypher", ".csv", ".toml"}:
            text = file.read_text(encoding="utf-8")
            assert not [name for name in named if name in text], file.name


def test_the_simulators_own_files_are_all_its_own(repository: Path) -> None:
    data = {file.name for file in (repository / "graphaudit" / "simulation" / "data").iterdir()}
    assert data == {"diagnoses.csv", "drugs.csv", "services.csv"}
    elsewhere = [file for folder in SEARCHERS for file in (repository / folder).rglob("*.csv")]
    ours = [(repository / "graphaudit" / "simulation" / "data" / name).read_bytes() for name in sorted(data)]
    assert not [file.name for file in elsewhere if file.read_bytes() in ours]
