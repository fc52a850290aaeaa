"""Build one city and export its leads with source ids: the child that `bench_detection` starts."""

from __future__ import annotations

import sys
from pathlib import Path

from api.cli import main as graphaudit
from api.pipeline import build
from graphaudit.settings import Settings
from tests.benchmarks.sampling import emit


def main(source: str, data: str, output: str) -> int:
    """Leads of the tables in `source`, written to `output`; all state goes to `data`."""
    built = build(Path(source), Settings(data=Path(data)))
    emit("result", leads=built.leads)
    return graphaudit(["leads", "export", "--data", data, "--format", "json", "--output", output])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
