"""What the layout tests look at: packages, modules, tracked text."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGES = ("graphaudit", "loaders", "detectors", "api", "cypher")


@dataclass(frozen=True)
class Module:
    """One Python file of the packages, parsed."""

    path: Path
    name: str
    text: str
    tree: ast.Module


@pytest.fixture(scope="session")
def packages() -> tuple[str, ...]:
    """The five top-level packages, the importing ones first where it matters to nobody."""
    return PACKAGES


@pytest.fixture(scope="session")
def modules(repository: Path) -> list[Module]:
    """Every module of the five packages, by path."""
    found = []
    for package in PACKAGES:
        for path in sorted((repository / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append(Module(path, path.relative_to(repository).as_posix(), text, ast.parse(text)))
    return found


@pytest.fixture(scope="session")
def tracked(repository: Path) -> list[Path]:
    """Every tracked file; outside a checkout, every file that is not a cache."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
        return [repository / name for name in names if (repository / name).is_file()]
    skipped = {".venv", "__pycache__", ".git", ".bench", "demo"}
    return [p for p in repository.rglob("*") if p.is_file() and not skipped & set(p.relative_to(repository).parts)]
