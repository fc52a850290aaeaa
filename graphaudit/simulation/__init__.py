"""A simulated city: source tables with planted rings and honest look-alikes, the truth beside them.

Flow: found a city → plan honest groups and rings → draw ordinary life block by block → write tables → write truth.
Nothing here is known to the detectors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graphaudit.errors import SourceError
from graphaudit.progress import Progress, SilentProgress, timed
from graphaudit.simulation.city import City, Plan, found_city
from graphaudit.simulation.folder import check, new_folder
from graphaudit.simulation.honest import plan_honest_groups
from graphaudit.simulation.identity import identities, person_table
from graphaudit.simulation.rings import plant_rings
from graphaudit.simulation.sizes import camouflage_at, size_named
from graphaudit.simulation.truth import truth_of, truth_path, write_truth
from graphaudit.simulation.writing import blocks_of, write_city

__all__ = ["simulate", "truth_path"]


def _planned(city: City, with_rings: bool) -> Plan:
    nobody = np.zeros(len(city.people), dtype=bool)
    plan = Plan(engaged=nobody.copy(), settled=nobody.copy())
    plan_honest_groups(city, plan)
    if with_rings:
        plant_rings(city, plan)
    return plan


def simulate(
    out: Path,
    *,
    size: str = "small",
    seed: int = 0,
    camouflage: int = 0,
    file_format: str = "csv",
    with_rings: bool = True,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write a city's source tables into `out` and its truth beside it; returns the truth.

    The same arguments give byte-identical files. `size` is tiny, small, main or large, `camouflage` 0 to 2,
    `file_format` csv or parquet. SourceError when `out` holds anything; nothing half-written stays on failure.
    """
    show = progress or SilentProgress()
    chosen, dial = size_named(size), camouflage_at(camouflage)
    if seed < 0:
        raise SourceError(f"the seed {seed} is negative", hint="give 0 or a positive whole number")
    out = Path(out).resolve()
    check(out, file_format)
    with timed("simulate"):
        show.stage("simulate", total=len(blocks_of(chosen)) + 2)
        city = found_city(chosen, dial, seed)
        plan = _planned(city, with_rings)
        show.advance(note="city planned")
        with new_folder(out, file_format, len(blocks_of(chosen))) as folder:
            persons = person_table(city, folder)
            write_city(city, plan, folder, persons, show)
            truth = truth_of(city, plan, identities(city, persons))
            write_truth(truth_path(out), truth)
        show.advance(note="truth written")
        show.done(f"{len(truth['rings'])} rings, {len(truth['benign'])} honest groups")
    return truth
