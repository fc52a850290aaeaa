"""Rules that a reader relies on in every module of the packages."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

#: Names that say nothing, and names that would hide a library of ours.
REFUSED_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "types",
    "manager",
    "neo4j",
    "networkx",
    "community",
}

LONGEST_FILE = 400

#: Lists of declarations without logic: one place to look a thing up is worth more than a short file.
DECLARATIONS = {"graphaudit/records/tables.py", "graphaudit/schema/graph.py"}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def test_no_module_has_a_name_that_says_nothing(modules: list) -> None:
    refused = [m.name for m in modules if m.path.stem in REFUSED_NAMES or m.path.parent.name in REFUSED_NAMES]
    assert not refused


def test_no_module_is_too_long_to_read(modules: list) -> None:
    long = {
        m.name: lines for m in modules if (lines := m.text.count("\n")) > LONGEST_FILE and m.name not in DECLARATIONS
    }
    assert not long, f"split these, one concept a file: {long}"


def test_every_module_says_what_it_is_for(modules: list) -> None:
    assert not [m.name for m in modules if m.text.strip() and not ast.get_docstring(m.tree)]


def test_packages_never_print(modules: list) -> None:
    prints = [
        f"{m.name}:{node.lineno}"
        for m in modules
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not prints


def test_nothing_is_left_unfinished(modules: list) -> None:
    left = [m.name for m in modules if UNFINISHED.search(m.text)]
    left += [
        f"{m.name}:{node.lineno}"
        for m in modules
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Name) and node.id in {"NotImplementedError", "NotImplemented"}
    ]
    assert not left


def test_the_project_needs_python_3_11_or_newer_and_nothing_older(repository: Path) -> None:
    declared = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    assert declared["project"]["requires-python"] == ">=3.11"
    assert declared["tool"]["ruff"]["target-version"] == "py311"
    assert declared["tool"]["mypy"]["python_version"] == "3.11"
