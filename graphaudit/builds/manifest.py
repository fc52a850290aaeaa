"""manifest.json: what a build was made from, how far it came and what each stage cost."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from graphaudit.builds.durable import write_text
from graphaudit.errors import BuildError, NotFoundError

FILE_NAME = "manifest.json"
FORMAT = 1
STAGES = ("stage", "derive", "graph", "detect", "rank", "publish")

State = Literal["pending", "running", "done", "failed"]
BuildState = Literal["running", "failed", "interrupted", "published"]


@dataclass(slots=True)
class StageRecord:
    """One stage: state, cost, counts, hash of what it read and of every file it left.

    `peak_rss_bytes` is the highest resident memory of the process while the stage ran.
    """

    name: str
    state: State = "pending"
    started: str = ""
    seconds: float = 0.0
    peak_rss_bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    inputs: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Manifest:
    """One build's manifest; `write` is atomic, so that a killed build can be read."""

    build_id: str
    created: str
    source: str
    source_fingerprint: str
    code_version: str
    parameters: dict[str, Any]
    state: BuildState = "running"
    finished: str = ""
    stages: list[StageRecord] = field(default_factory=lambda: [StageRecord(name) for name in STAGES])
    error: dict[str, str] | None = None
    format: int = FORMAT

    def stage(self, name: str) -> StageRecord:
        """The record of stage `name`."""
        for record in self.stages:
            if record.name == name:
                return record
        raise NotFoundError(f"build {self.build_id} has no stage {name}")

    def write(self, folder: Path) -> None:
        """Write it to `folder`, whole or not at all."""
        write_text(folder / FILE_NAME, json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest in `folder`. NotFoundError when there is none, BuildError when it is damaged."""
        path = folder / FILE_NAME
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            stages = [StageRecord(**stage) for stage in values.pop("stages")]
            manifest = cls(**values, stages=stages)
        except FileNotFoundError:
            raise NotFoundError(f"there is no build at {folder}", "list them with: graphaudit builds list") from None
        except (ValueError, TypeError, KeyError):
            raise BuildError(f"{path} is damaged", f"remove the folder {folder}") from None
        if manifest.format != FORMAT:
            raise BuildError(f"{path} was written by another version", "build again")
        return manifest


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_build_id(builds: Path) -> str:
    """An unused build id that sorts by time of creation, also where older ones of the same second are gone."""
    stem = "b" + datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    turns = [1 if folder.name == stem else int(folder.name.rpartition("-")[2]) for folder in builds.glob(f"{stem}*")]
    return f"{stem}-{max(turns) + 1}" if turns else stem


def manifests(builds: Path) -> list[Manifest]:
    """Every readable manifest below `builds`, newest first. Damaged ones are left out."""
    found = []
    if builds.is_dir():
        for folder in builds.iterdir():
            if folder.is_dir() and not folder.name.startswith("."):
                try:
                    found.append(Manifest.read(folder))
                except (NotFoundError, BuildError):
                    continue
    return sorted(found, key=lambda m: (m.created, m.build_id), reverse=True)
