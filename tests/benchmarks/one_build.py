"""Build one folder and say when each stage begins: the child that `bench_build` watches."""

from __future__ import annotations

import sys
from pathlib import Path

from api.pipeline import build
from graphaudit.settings import Settings
from tests.benchmarks.sampling import emit

STAGES = ("stage", "derive", "graph", "detect", "rank", "publish")


class StageEvents:
    """Passes the beginning of each of the build's own stages on to the parent, once a stage."""

    def __init__(self) -> None:
        self._now = ""

    def stage(self, name: str, total: int | None = None) -> None:
        if name in STAGES and name != self._now:
            self._now = name
            emit("step", name=name)

    def advance(self, steps: int = 1, note: str = "") -> None:
        pass

    def done(self, summary: str = "") -> None:
        pass


def main(source: str, data: str) -> None:
    """Build `source` with all state in `data`."""
    built = build(Path(source), Settings(data=Path(data)), progress=StageEvents())
    emit("result", leads=built.leads, folder=str(built.folder), detectors=built.report["detectors"])


if __name__ == "__main__":
    main(*sys.argv[1:])
