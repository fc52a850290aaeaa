"""What was measured on each city, kept under the version of the code measured, so that interruptions cost little."""

from __future__ import annotations

import fcntl
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from graphaudit.evaluation import evaluate, load_leads, stability
from tests.benchmarks import ablations, perturbed, planted
from tests.benchmarks.methods import fingerprint, simple_results
from tests.benchmarks.sampling import REPOSITORY, measure
from tests.benchmarks.worlds import World, world

OURS = "graphaudit"
HELD_OUT = "unexplained"
WEEK = timedelta(days=7)

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """One kind of city: the dials of `world`, and how the report calls it."""

    name: str
    camouflage: int
    rings: bool = True
    dials: dict[str, Any] = field(default_factory=dict)

    def city(self, size: str, seed: int) -> World:
        """The city of this kind that `seed` decides."""
        dials = "-".join(f"{name}{value}" for name, value in sorted(self.dials.items()))
        with _alone(REPOSITORY / ".bench" / "locks" / f"{size}-{seed}-{self.camouflage}-{self.rings}-{dials}"):
            return world(size, seed, camouflage=self.camouflage, rings=self.rings, **self.dials)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where results are kept, and how big the cities are."""

    size: str
    kept: Path

    def leads(self, city: World) -> list[dict[str, Any]]:
        """Our list of one city."""
        written = self._file(city, "leads")
        with _alone(written.with_suffix(".lock")):
            if not written.exists():
                self._build(city.folder, written)
        return load_leads(written)

    def methods(self, variant: Variant, seed: int, *, ablate: bool = False) -> dict[str, Result]:
        """Figures of every method on one city, ours first; with `ablate` the build is used for ablations too."""
        city = variant.city(self.size, seed)
        if ablate:
            self.ablation(variant, seed)
        ours = evaluate(self.leads(city), city.truth)
        return {OURS: ours, **simple_results(city, self.kept.parent)}

    def ours(self, variant: Variant, seed: int) -> Result:
        """Our figures on one city, and what became of rings of a type that nobody tuned on."""
        city = variant.city(self.size, seed)
        result = evaluate(self.leads(city), city.truth)
        return {**result, "held_out": held_out(result, city.truth)}

    def ablation(self, variant: Variant, seed: int) -> dict[str, Result]:
        """Figures of our list ranked again without each channel, by the name of what is left out."""
        city = variant.city(self.size, seed)
        written = self._file(city, f"ablations-{fingerprint(ablations)}")
        leads = self._file(city, "leads")
        with _alone(leads.with_suffix(".lock")):
            if not written.exists():
                self._build(city.folder, leads, truth=city.truth_file, ablated=written)
        return _read(written)

    def disturbed(self, variant: Variant, seed: int, name: str) -> Result:
        """Our figures on one city whose records were disturbed as `name` says, held against the same truth."""
        city = variant.city(self.size, seed)
        place = list(perturbed.PERTURBATIONS).index(name)
        leads = self._changed(city, f"disturbed-{place}", perturbed.PERTURBATIONS[name])
        return evaluate(leads, city.truth)

    def week_before(self, variant: Variant, seed: int) -> dict[str, Any]:
        """The list of one city against the list a week earlier, and the figures of the earlier one."""
        city = variant.city(self.size, seed)
        first_unknown = perturbed.last_day(city.folder) - WEEK + timedelta(days=1)
        before = self._changed(city, "week-before", lambda folder, out: perturbed.cut(folder, out, first_unknown))
        return {**stability(before, self.leads(city)), "before": evaluate(before, city.truth)}

    def planted(self, number: int, traces: str, seed: int) -> list[dict[str, Any]]:
        """The cell of each ring planted into city `number` of the grid, its people by `seed`; whether it was found."""
        kind = planted.TRACES.index(traces)
        written = self.kept / f"planted-{fingerprint(planted)}" / f"{self.size}-{number}-{kind}-seed{seed}.json"
        if not written.exists():
            written.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=REPOSITORY / ".bench") as place:
                folder, leads = Path(place) / "city", Path(place) / "leads.json"
                cells = planted.cells_of(number)
                truth = planted.write_planted_city(folder, cells, traces, size=self.size, seed=seed)
                self._build(folder, leads)
                result = evaluate(load_leads(leads), truth)
            found = {verdict["ring"] for verdict in result["verdicts"]}
            rows = [{**ring["cell"], "traces": traces, "found": ring["id"] in found} for ring in truth["rings"]]
            _write(rows, written)
        rows_known: list[dict[str, Any]] = json.loads(written.read_text(encoding="utf-8"))
        return rows_known

    def _changed(self, city: World, name: str, change: Callable[[Path, Path], None]) -> list[dict[str, Any]]:
        """Leads of the city after `change` has written its folder anew."""
        written = self._file(city, f"{name}-{fingerprint(perturbed)}")
        if not written.exists():
            with tempfile.TemporaryDirectory(dir=REPOSITORY / ".bench") as place:
                change(city.folder, Path(place) / "changed")
                self._build(Path(place) / "changed", written)
        return load_leads(written)

    def _file(self, city: World, what: str) -> Path:
        return self.kept / city.folder.parent.name / f"{city.folder.name}.{what}.json"

    def _build(self, folder: Path, output: Path, *, truth: Path | None = None, ablated: Path | None = None) -> None:
        """Build `folder` and put its leads into `output`, and ablations into `ablated`, each whole or not at all."""
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=REPOSITORY / ".bench") as place:
            data, leads, without = (Path(place) / name for name in ("data", "leads.json", "ablations.json"))
            further = [str(truth), str(without)] if truth and ablated else []
            done = measure("tests.benchmarks.one_detection", [str(folder), str(data), str(leads), *further])
            if done.ended != "done":
                raise SystemExit(f"{folder.name}: the build {done.ended}")
            leads.replace(output)
            if ablated:
                without.replace(ablated)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep other workers from making the same thing meanwhile."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def held_out(result: Result, truth: dict[str, Any]) -> dict[str, Any]:
    """How many rings there are of the type that no pattern names, how many were found, and under which names."""
    rings = {ring["id"] for ring in truth["rings"] if ring["pattern"] == HELD_OUT}
    on_them = [verdict for verdict in result["verdicts"] if verdict["ring"] in rings]
    called = Counter(str(verdict["pattern"]) for verdict in on_them if verdict["verdict"] == "hit")
    return {"rings": len(rings), "found": len({verdict["ring"] for verdict in on_them}), "called": dict(called)}


def _read(path: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def _write(value: Any, path: Path) -> None:
    """Write `value` to `path`, whole or not at all."""
    building = path.with_suffix(".part")
    building.write_text(json.dumps(value), encoding="utf-8")
    building.replace(path)
