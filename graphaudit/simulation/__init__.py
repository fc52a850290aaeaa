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
from graphaudit.simulation.faults import plan_faults, rates_at
from graphaudit.simulation.folder import check, new_folder
from graphaudit.simulation.honest import plan_honest_groups
from graphaudit.simulation.identity import identities, person_table
from graphaudit.simulation.rings import plant_rings
from graphaudit.simulation.sizes import camouflage_at, size_named
from graphaudit.simulation.truth import truth_of, truth_path, write_truth
from graphaudit.simulation.writing import blocks_of, write_city

__all__ = ["simulate", "truth_path"]


def _planned(city: City, with_rings: bool, with_unseen: bool) -> Plan:
    nobody = np.zeros(len(city.people), dtype=bool)
    plan = Plan(engaged=nobody.copy(), settled=nobody.copy())
    plan_honest_groups(city, plan)
    if with_rings:
        plant_rings(city, plan, with_unseen=with_unseen)
    return plan


def simulate(
    out: Path,
    *,
    size: str = "small",
    seed: int = 0,
    camouflage: int = 0,
    file_format: str = "csv",
    with_rings: bool = True,
    faults: int | None = None,
    drift: bool = False,
    unseen: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write a city's source tables into `out` and its truth beside it; returns the truth.

    The same arguments give byte-identical files. `size` is tiny, small, main or large, `camouflage` 0 to 2,
    `file_format` csv or parquet. `faults` 0 to 2 is how faulty the feeds are; without it the camouflage level says so.
    `drift` lets rules, places and rings change in mid-period, `unseen` plants rings of a ninth kind. SourceError when
    `out` holds anything; nothing half-written stays on failure.
    """
    show = progress or SilentProgress()
    chosen, dial = size_named(size), camouflage_at(camouflage)
    rates = None if faults is None else rates_at(faults)
    if seed < 0:
        raise SourceError(f"the seed {seed} is negative", hint="give 0 or a positive whole number")
    out = Path(out).resolve()
    check(out, file_format)
    with timed("simulate"):
        show.stage("simulate", total=len(blocks_of(chosen)) + 2)
        city = found_city(chosen, dial, seed, drifts=drift, faulty_sites=None if rates is None else 0.0)
        plan = _planned(city, with_rings, unseen)
        feeds = None if rates is None else plan_faults(city, plan, rates)
        show.advance(note="city planned")
        with new_folder(out, file_format, len(blocks_of(chosen))) as folder:
            persons = person_table(city, folder)
            write_city(city, plan, folder, persons, show, feeds)
            truth = truth_of(city, plan, identities(city, persons), persons, feeds)
            write_truth(truth_path(out), truth)
        show.advance(note="truth written")
        show.done(f"{len(truth['rings'])} rings, {len(truth['benign'])} honest groups")
    return truth
