"""Simulated cities for measuring, made once per version of the simulator and kept in an ignored folder."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphaudit.simulation
from graphaudit.simulation import simulate
from tests.benchmarks.sampling import REPOSITORY

WORLDS = REPOSITORY / ".bench" / "worlds"


@dataclass(frozen=True)
class World:
    """One city: the folder of its tables and its truth."""

    folder: Path
    truth_file: Path

    @property
    def truth(self) -> dict[str, Any]:
        """Rings and look-alikes of this city."""
        loaded: dict[str, Any] = json.loads(self.truth_file.read_text(encoding="utf-8"))
        return loaded


def _simulator() -> str:
    """A short name of the simulator's present code and data: another simulator makes another city."""
    digest = hashlib.sha256()
    folder = Path(next(iter(graphaudit.simulation.__path__)))
    for file in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        digest.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:10]


def world(
    size: str,
    seed: int,
    *,
    camouflage: int = 1,
    rings: bool = True,
    faults: int | None = None,
    drift: bool = False,
    unseen: bool = False,
) -> World:
    """The city with these dials; simulated when it is not there yet."""
    name = f"{size}-seed{seed}-camouflage{camouflage}{'' if rings else '-no-rings'}"
    name += "" if faults is None else f"-faults{faults}"
    name += ("-drift" if drift else "") + ("-unseen" if unseen else "")
    folder = WORLDS / _simulator() / name
    made = World(folder, folder.with_name(f"{folder.name}.truth.json"))
    if not made.truth_file.exists() or not folder.exists():
        dials = {"faults": faults, "drift": drift, "unseen": unseen}
        simulate(folder, size=size, seed=seed, camouflage=camouflage, with_rings=rings, **dials)
    return made
