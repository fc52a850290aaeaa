"""Are the chances of groups honest? Nominal against realised shares on exchanged persons, and leads of whole cities.

For every build and detector that calibrates: the chances that one set of shuffles gives to the chance groups of another
set (they should be small as often as they say, or less often), and what the same detector reports of the city itself.
`python -m tests.benchmarks.null_worlds NAME=BUILD_FOLDER …` prints the table; `table_of(worlds)` gives it to a page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from detectors import gathered
from detectors.admissions import AdmissionGroups
from detectors.base import Detector, effective
from detectors.covisit import CoPresenceGroups
from detectors.odd_visits import OddVisitGroups
from detectors.shuffles import null_of
from graphaudit.builds.tables import open_tables
from graphaudit.builds.view import BuildView
from graphaudit.leads import rank_findings
from tests.benchmarks.markdown import table

CALIBRATED: tuple[Detector, ...] = (CoPresenceGroups(), OddVisitGroups(), AdmissionGroups())
LEVELS = (0.01, 0.05, 0.2)

#: The other set of shuffles is drawn with this seed.
OTHER_SEED = 1_000_003


@dataclass(frozen=True)
class Honesty:
    """One detector on one city: chance groups of other shuffles with their chances, findings, leads with q ≤ 0.05."""

    world: str
    detector: str
    chances: tuple[float, ...]
    findings: int
    unlikely: int
    leads: int


def honesty(world: str, view: BuildView, detector: Detector) -> Honesty:
    """Run `detector` on the city of `view`, and its calibration on a second set of shuffles."""
    chances: list[float] = []

    def both(*args: Any, **named: Any) -> Any:
        null = null_of(*args, **named)
        other = null_of(*args, **(named | {"seed": OTHER_SEED}))
        chances.extend(null.p_value(surprise) for surprise in other.surprises)
        return null

    with mock.patch.object(gathered, "null_of", both):
        findings = list(detector.find(view, effective(detector.spec.params, {})))
    leads = rank_findings(findings, view)
    return Honesty(
        world,
        detector.spec.id,
        tuple(chances),
        len(findings),
        sum(1 for finding in findings if finding.p_value is not None and finding.p_value <= 0.05),
        sum(1 for lead in leads if lead["q_value"] is not None and lead["q_value"] <= 0.05),
    )


def table_of(worlds: Mapping[str, Path]) -> str:
    """The table for the builds in the folders of `worlds`, by name; a city without rings should have no lead."""
    rows: list[Honesty] = []
    for name, folder in worlds.items():
        with open_tables(folder, memory_limit="3GB", threads=2) as tables:
            view = BuildView(name, tables, None, frozenset(), seed=7)  # type: ignore[arg-type]
            rows += [honesty(name, view, detector) for detector in CALIBRATED]
    realised = [f"realised at {level:.0%}" for level in LEVELS]
    return table(
        ("city", "detector", "chance groups", *realised, "groups found", "with p ≤ 0.05", "leads with q ≤ 0.05"),
        [(*_cells(row),) for row in rows],
        text_columns=(0, 1),
    )


def _cells(row: Honesty) -> Iterable[object]:
    yield from (row.world, row.detector, len(row.chances))
    for level in LEVELS:
        share = sum(1 for chance in row.chances if chance <= level) / max(len(row.chances), 1)
        yield f"{share:.1%}" if row.chances else "–"
    yield from (row.findings, row.unlikely, row.leads)


if __name__ == "__main__":
    print(table_of({name: Path(folder) for name, folder in (given.split("=", 1) for given in sys.argv[1:])}))
