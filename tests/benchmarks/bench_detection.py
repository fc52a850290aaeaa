"""Measure what the lead list is worth on cities that nobody tuned on, beside simple methods on the same records.

`make bench-detection` runs it; the figures go to docs/detection.md as they are. Seeds 0 to 9 are for tuning.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from graphaudit.builds.hashes import code_version
from graphaudit.evaluation import evaluate, load_leads, summarise
from tests.benchmarks import simple_rules
from tests.benchmarks.machine import described
from tests.benchmarks.markdown import table
from tests.benchmarks.sampling import REPOSITORY, measure
from tests.benchmarks.worlds import World, world

REPORT = REPOSITORY / "docs" / "detection.md"
SEEDS = tuple(range(10, 20))
LEVELS = (0, 1, 2)

#: Cities without rings are drawn at the middle level: its records have the ordinary share of faults.
RING_FREE_LEVEL = 1

SIMPLE: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "met five times + Louvain": simple_rules.louvain_leads,
    "5 minutes, 5 times, 3 persons": simple_rules.rule_leads,
}
OURS = "graphaudit"
METHODS = (OURS, *SIMPLE)

#: What is shown of each method: heading and name of the figure.
SHOWN = {
    "P@10": "precision@10",
    "P@20": "precision@20",
    "average precision": "average_precision",
    "ring recall": "ring_recall",
    "rings of ≤ 8 persons": "small_ring_recall",
    "ring recall in top 20": "ring_recall@20",
    "money in top 20": "money@20",
    "member F1": "member_f1",
    "duplicates": "duplicate_share",
    "leads": "leads",
    "false leads": "false",
}

ABOUT = (
    "A lead hits a ring when at least 0.6 of its persons belong to it and it names at least 0.3 of the ring's persons; "
    "a second lead on the same ring is a duplicate, everything else is false. Figures are means over cities, with 95 % "
    "bootstrap intervals where they are given. The cities are simulated: their rings and look-alikes are written apart "
    "from the detectors and share no constant with them, but a real city differs, and these figures are no promise "
    "about it."
)


def ours(city: World, kept: Path) -> list[dict[str, Any]]:
    """Our leads of one city, built unless this very code has built them before (`kept`)."""
    output = kept / city.folder.parent.name / f"{city.folder.name}.json"
    if not output.exists():
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=REPOSITORY / ".bench") as data:
            written = Path(data) / "leads.json"
            done = measure("tests.benchmarks.one_detection", [str(city.folder), data, str(written)])
            if done.ended != "done":
                raise SystemExit(f"{city.folder.name}: the build {done.ended}")
            written.replace(output)
    return load_leads(output)


def results_of(city: World, kept: Path) -> dict[str, dict[str, Any]]:
    """Every method on one city."""
    return {OURS: evaluate(ours(city, kept), city.truth), **simple_results_of(city, kept.parent)}


def simple_results_of(city: World, kept: Path) -> dict[str, dict[str, Any]]:
    """The simple methods on one city, which do not change with our code: kept until they themselves do."""
    text = Path(simple_rules.__file__).read_bytes()
    written = (
        kept / f"simple-{hashlib.sha256(text).hexdigest()[:8]}" / city.folder.parent.name / f"{city.folder.name}.json"
    )
    if not written.exists():
        found = {name: evaluate(method(city.folder), city.truth) for name, method in SIMPLE.items()}
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps(found), encoding="utf-8")
    known: dict[str, dict[str, Any]] = json.loads(written.read_text(encoding="utf-8"))
    return known


def report(by_level: dict[int, list[dict[str, dict[str, Any]]]], ring_free: list[dict[str, dict[str, Any]]]) -> str:
    """The whole page, as Markdown."""
    worlds = len(ring_free)
    parts = [
        "# Detection",
        f"Written by `make bench-detection` (`tests/benchmarks/bench_detection.py`) on fresh small cities, seeds "
        f"{SEEDS[0]} to {SEEDS[0] + worlds - 1}; seeds 0 to 9 are for tuning. {described()}",
        ABOUT,
    ]
    for level, results in by_level.items():
        parts += [f"## Camouflage {level}", _methods(results), _patterns(results), _false_leads(results)]
    parts += ["## Cities without rings", _ring_free(ring_free)]
    return "\n\n".join(parts) + "\n"


def _methods(results: list[dict[str, dict[str, Any]]]) -> str:
    rows = []
    for method in METHODS:
        figures = summarise([result[method] for result in results])["figures"]
        rows.append([method, *(_figure(figures.get(name), name) for name in SHOWN.values())])
    return table(["", *SHOWN], rows)


def _figure(figure: dict[str, Any] | None, name: str) -> str:
    if figure is None:
        return "–"
    digits = 1 if name in {"leads", "false"} else 2
    mean = f"{figure['mean']:.{digits}f}"
    if name in {"precision@10", "precision@20", "ring_recall"}:
        return f"{mean} ({figure['low']:.2f}–{figure['high']:.2f})"
    return mean


def _patterns(results: list[dict[str, dict[str, Any]]]) -> str:
    rings: Counter[str] = Counter()
    found: dict[str, Counter[str]] = {method: Counter() for method in METHODS}
    for result in results:
        for method in METHODS:
            for pattern, row in result[method]["by_pattern"].items():
                found[method][pattern] += row["found"]
                if method == OURS:
                    rings[pattern] += row["rings"]
    rows = [[pattern, rings[pattern], *(found[method][pattern] for method in METHODS)] for pattern in sorted(rings)]
    return "Rings found, all cities together:\n\n" + table(["pattern", "rings", *METHODS], rows)


def _false_leads(results: list[dict[str, dict[str, Any]]]) -> str:
    classes = {method: summarise([r[method] for r in results])["false_by_class"] for method in METHODS}
    names = sorted({name for counted in classes.values() for name in counted})
    rows = [[name, *(f"{classes[method].get(name, 0):.1f}" for method in METHODS)] for name in names]
    if not rows:
        return "No false leads."
    return "False leads a city, by what they were really about:\n\n" + table(["class", *METHODS], rows)


def _ring_free(results: list[dict[str, dict[str, Any]]]) -> str:
    rows = []
    for method in METHODS:
        leads = [result[method]["leads"] for result in results]
        claimed = [result[method]["q_claimed"] for result in results]
        rows.append([method, f"{sum(leads) / len(leads):.1f}", max(leads), f"{sum(claimed) / len(claimed):.1f}"])
    header = ["", "leads a city (mean)", "most", "with q ≤ 0.05 (mean)"]
    return (
        f"The same cities (camouflage {RING_FREE_LEVEL}) with no ring planted: every lead is false.\n\n"
        + table(header, rows)
        + "\n\n"
        + _false_leads(results)
    )


def main() -> None:
    """Measure the cities asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="small")
    parser.add_argument("--worlds", type=int, default=len(SEEDS), help="how many of the seeds")
    parser.add_argument("--levels", type=int, nargs="+", default=list(LEVELS))
    parser.add_argument("--workers", type=int, default=2, help="cities at a time")
    parser.add_argument("--output", type=Path, default=REPORT)
    chosen = parser.parse_args()
    kept = REPOSITORY / ".bench" / "leads" / code_version()
    kept.mkdir(parents=True, exist_ok=True)
    seeds = SEEDS[: chosen.worlds]
    with ProcessPoolExecutor(max_workers=chosen.workers) as pool:
        started = {
            level: [pool.submit(_one, chosen.size, seed, level, kept, rings=True) for seed in seeds]
            for level in chosen.levels
        }
        without = [pool.submit(_one, chosen.size, seed, RING_FREE_LEVEL, kept, rings=False) for seed in seeds]
        by_level = {level: [one.result() for one in ones] for level, ones in started.items()}
        ring_free = [one.result() for one in without]
    page = report(by_level, ring_free)
    chosen.output.write_text(page, encoding="utf-8")
    print(page)


def _one(size: str, seed: int, level: int, kept: Path, *, rings: bool) -> dict[str, dict[str, Any]]:
    city = world(size, seed, camouflage=level, rings=rings)
    written = kept / city.folder.parent.name / f"{city.folder.name}.results.json"
    if written.exists():
        # an interrupted measurement goes on where it stopped
        known: dict[str, dict[str, Any]] = json.loads(written.read_text(encoding="utf-8"))
        return known
    results = results_of(city, kept)
    written.write_text(json.dumps(results), encoding="utf-8")
    shown = {method: {name: results[method][name] for name in ("leads", "hits", "false")} for method in METHODS}
    print(f"{city.folder.name}: {json.dumps(shown)}", flush=True)
    return results


if __name__ == "__main__":
    main()
