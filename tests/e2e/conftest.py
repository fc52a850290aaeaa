"""Running the command line in processes of their own, and what end-to-end tests read from a data folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from graphaudit.simulation import truth_path


@dataclass(frozen=True)
class Ran:
    """A finished command line in a process of its own."""

    code: int
    out: str
    err: str


Graphaudit = Callable[..., Ran]


@pytest.fixture(scope="session")
def environment(repository: Path) -> dict[str, str]:
    """Environment of a child process that finds the packages of this checkout.

    It computes on one thread, as other test processes share the machine; the city itself was built on several.
    """
    return {**os.environ, "PYTHONPATH": str(repository), "GRAPHAUDIT_THREADS": "1"}


@pytest.fixture(scope="session")
def graphaudit(
    environment: dict[str, str], repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Graphaudit]:
    """Runs the command line in a process of its own, forked from one that has imported it already."""
    folder = tmp_path_factory.mktemp("ran")
    warm = [sys.executable, str(repository / "tests" / "e2e" / "warm_process.py")]
    with subprocess.Popen(warm, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:

        def run(*arguments: str, program: Sequence[str] = ("-m", "graphaudit")) -> Ran:
            request = {
                "program": program,
                "arguments": arguments,
                "out": str(folder / "out"),
                "err": str(folder / "err"),
            }
            assert server.stdin
            assert server.stdout
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            code = int(server.stdout.readline())
            return Ran(code, *((folder / name).read_text(encoding="utf-8") for name in ("out", "err")))

        yield run
        server.kill()


@pytest.fixture(scope="session")
def truth(city: Path) -> Path:
    """The truth about it."""
    return truth_path(city)


@pytest.fixture(scope="session")
def exported() -> Callable[[Path], list[dict[str, Any]]]:
    """The leads of a data folder as exported with source ids, without the build's own id."""

    def export(home: Path) -> list[dict[str, Any]]:
        target = home.parent / f"{home.name}.leads.json"
        assert main(["leads", "export", "--output", str(target), "--data", str(home)]) == 0
        leads: list[dict[str, Any]] = json.loads(target.read_text(encoding="utf-8"))
        for lead in leads:
            del lead["build_id"]
        return leads

    return export
