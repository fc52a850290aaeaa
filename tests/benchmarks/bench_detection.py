"""Measure what the lead list is worth on cities that nobody tuned on, beside simple methods on the same records.

`make bench-detection` runs it; the figures go to docs/detection.md as they are. Seeds 0 to 9 are for tuning. What was
measured is kept under the version of the code, so that an interrupted measurement goes on where it stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from time import perf_counter
from typing import Any

from graphaudit.builds.hashes import code_version
from tests.benchmarks.detection_page import Measured, page
from tests.benchmarks.measured_cities import Bench, Variant
from tests.benchmarks.perturbed import PERTURBATIONS
from tests.benchmarks.planted import TRACES
from tests.benchmarks.sampling import REPOSITORY

REPORT = REPOSITORY / "docs" / "detection.md"
SEEDS = tuple(range(10, 20))
LEVELS = (0, 1, 2)

#: Cities without rings, and those with one further difficulty, have the middle level of camouflage.
MIDDLE = 1
RING_FREE = Variant("no rings", MIDDLE, rings=False)
FURTHER = (
    Variant("faulty records", MIDDLE, dials={"faults": 2}),
    Variant("drift and reaction", MIDDLE, dials={"drift": True}),
    Variant("a type of ring held out", MIDDLE, dials={"unseen": True}),
)

#: Cities of each level, or of each further kind, that a part of the report rests on: the first of the seeds. Every
#: city costs a build, and the whole report is to be had within an hour on two cores.
ABLATED, DISTURBED, WEEKS, FURTHER_CITIES = 4, 2, 2, 3

#: Cities with planted rings for each kind of traces, and the seed of the first: fresh people.
PLANTED, PLANTED_SEED = 5, 60

Job = tuple[Callable[..., Any], tuple[Any, ...]]


def jobs(bench: Bench, seeds: tuple[int, ...], levels: tuple[int, ...], parts: frozenset[str]) -> Iterator[Job]:
    """Every measurement as a function and its arguments, the dearest cities first; `parts` names what is wanted."""
    for level in levels:
        variant = level_of(level)
        for place, seed in enumerate(seeds):
            yield _methods, (bench, variant, seed, "ablations" in parts and place < ABLATED)
    for seed in seeds:
        yield _methods, (bench, RING_FREE, seed, False)
    if "planted" in parts:
        for traces in TRACES:
            for number in range(min(PLANTED, len(seeds))):
                yield _planted, (bench, number, traces, _planted_seed(seeds, number))
    for variant in FURTHER if "further" in parts else ():
        for seed in seeds[:FURTHER_CITIES]:
            yield _further, (bench, variant, seed)
    for level in levels:
        variant = level_of(level)
        if "disturbed" in parts:
            for seed in seeds[:DISTURBED]:
                for name in PERTURBATIONS:
                    yield _disturbed, (bench, variant, seed, name)
        if "weeks" in parts:
            for seed in seeds[:WEEKS]:
                yield _week, (bench, variant, seed)


PARTS = ("ablations", "planted", "further", "disturbed", "weeks")


def level_of(level: int) -> Variant:
    """The ordinary city of one level of camouflage."""
    return Variant(f"camouflage {level}", level)


def _planted_seed(seeds: tuple[int, ...], number: int) -> int:
    return PLANTED_SEED + number if seeds[0] >= SEEDS[0] else seeds[number]


def _methods(bench: Bench, variant: Variant, seed: int, ablate: bool) -> tuple[str, Any]:
    found: dict[str, Any] = {"methods": bench.methods(variant, seed, ablate=ablate)}
    if ablate:
        found["ablation"] = bench.ablation(variant, seed)
    return variant.name, found


def _further(bench: Bench, variant: Variant, seed: int) -> tuple[str, Any]:
    return variant.name, bench.ours(variant, seed)


def _disturbed(bench: Bench, variant: Variant, seed: int, name: str) -> tuple[str, Any]:
    return name, {
        "variant": variant.name,
        "before": bench.ours(variant, seed),
        "after": bench.disturbed(variant, seed, name),
    }


def _week(bench: Bench, variant: Variant, seed: int) -> tuple[str, Any]:
    return "weeks", {"variant": variant.name, "now": bench.ours(variant, seed), **bench.week_before(variant, seed)}


def _planted(bench: Bench, number: int, traces: str, seed: int) -> tuple[str, Any]:
    return "planted", bench.planted(number, traces, seed)


def main() -> None:
    """Measure the cities asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="small")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--levels", type=int, nargs="+", default=list(LEVELS))
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS), help="besides the lists themselves")
    parser.add_argument("--workers", type=int, default=2, help="cities at a time")
    parser.add_argument("--output", type=Path, default=REPORT)
    chosen = parser.parse_args()
    kept = REPOSITORY / ".bench" / "leads" / code_version()
    kept.mkdir(parents=True, exist_ok=True)
    bench, began = Bench(chosen.size, kept), perf_counter()
    seeds, levels = tuple(chosen.seeds), tuple(chosen.levels)
    wanted = list(jobs(bench, seeds, levels, frozenset(chosen.parts)))
    with ProcessPoolExecutor(max_workers=chosen.workers) as pool:
        started: list[Future[tuple[str, Any]]] = [pool.submit(function, *given) for function, given in wanted]
        for number, done in enumerate(as_completed(started), start=1):
            name, _ = done.result()
            print(f"{number}/{len(wanted)} {name} {perf_counter() - began:.0f} s", flush=True)
    measured = Measured(chosen.size, seeds, levels, [one.result() for one in started])
    chosen.output.write_text(page(measured), encoding="utf-8")
    print(f"{chosen.output} after {perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
