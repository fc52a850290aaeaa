"""Imports run one way; the contracts in pyproject.toml are checked here too, so that `pytest` alone shows a breach."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path


def test_import_contracts_hold(repository: Path) -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))",
        ],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_building_never_imports_the_web_framework(repository: Path) -> None:
    code = "import sys, api.cli, api.pipeline; print(sorted({'fastapi', 'uvicorn', 'starlette'} & set(sys.modules)))"
    imported = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=False)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.strip() == "[]"


def test_no_package_imports_the_tests(modules: list) -> None:
    for module in modules:
        for node in ast.walk(module.tree):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not any(name.split(".")[0] == "tests" for name in names), module.name
