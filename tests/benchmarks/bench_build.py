"""Measure a build: rows a second and peak memory of each stage, growth with size, and the plain baseline beside it.

`make bench` runs it; the figures go to docs/benchmarks.md. Nothing here fails on a clock.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.machine import described
from tests.benchmarks.markdown import table
from tests.benchmarks.one_build import STAGES
from tests.benchmarks.sampling import REPOSITORY, Measured, measure
from tests.benchmarks.worlds import world

REPORT = REPOSITORY / "docs" / "benchmarks.md"
SEED = 7
COMMAND = "make bench"

#: Above this the baseline is stopped, so that it takes nothing else on the machine with it.
BASELINE_MOST_BYTES = 16 * 2**30

BASELINE_ABOUT = (
    "`tests/benchmarks/baseline_pandas.py`: pandas reads the settlements, visits and fee lines of the same folder, "
    "every record goes into a networkx graph one at a time, pairs that settled five times in the same five "
    "minutes at one site are cut into communities with python-louvain. It reads three of the tables, tests nothing "
    "against chance and explains nothing; the ratio says what the plain way costs, not that the two do the same."
)
BASELINE_STEPS = {"stage": "reading", "graph": "graph", "derive": "pairs", "detect": "Louvain", "rank": "report"}


@dataclass
class Run:
    """One size: what was read, our build, and the baseline when it was run."""

    size: str
    settlements: int
    lines: int
    megabytes: float
    ours: Measured
    baseline: Measured | None

    @property
    def rows(self) -> int:
        """Settlements and fee lines: what a rate is counted in."""
        return self.settlements + self.lines


def rows_of(folder: Path, table: str) -> int:
    """Rows of all files of one table."""
    pattern = str(folder / f"{table}*.csv")
    counted = duckdb.sql("SELECT count(*) FROM read_csv($files, all_varchar = true)", params={"files": pattern})
    return int(counted.fetchall()[0][0])


def run(size: str, *, with_baseline: bool) -> Run:
    """Measure one size."""
    city = world(size, SEED)
    with tempfile.TemporaryDirectory(dir=REPOSITORY / ".bench") as data:
        ours = measure("tests.benchmarks.one_build", [str(city.folder), data])
    baseline = None
    if with_baseline:
        baseline = measure("tests.benchmarks.baseline_pandas", [str(city.folder)], most_bytes=BASELINE_MOST_BYTES)
    size_bytes = sum(file.stat().st_size for file in city.folder.rglob("*") if file.is_file())
    return Run(
        size, rows_of(city.folder, "setl_d"), rows_of(city.folder, "fee_list_d"), size_bytes / 2**20, ours, baseline
    )


def report(runs: list[Run]) -> str:
    """The whole page, as Markdown."""
    parts = [
        "# Benchmarks",
        f"Written by `{COMMAND}` (`tests/benchmarks/bench_build.py`), seed {SEED}, camouflage 1, CSV files.",
        described(),
        "Files → published leads in one process. Memory is the resident memory of that process and its children, "
        "sampled 20 times a second from outside. Rows are settlements plus fee lines. Other work on the machine "
        "shows in these figures; they are as they came.",
        "## Whole build",
        _whole(runs),
        "## By stage",
        *[_stages(one) for one in runs],
        "## By detector",
        "One after another within the stage `detect`, with the findings that ranking then joins and weighs; seconds.",
        _detectors(runs),
    ]
    if len(runs) > 1:
        parts += ["## Growth", _growth(runs[0], runs[-1])]
    if any(one.baseline for one in runs):
        parts += ["## The plain baseline", BASELINE_ABOUT, _against(runs), _baseline_steps(runs)]
    return "\n\n".join(parts) + "\n"


def _whole(runs: list[Run]) -> str:
    return table(
        ["size", "settlements", "fee lines", "files", "seconds", "rows/s", "peak memory", "leads", "ended"],
        [
            [
                one.size,
                f"{one.settlements:,}",
                f"{one.lines:,}",
                f"{one.megabytes:,.0f} MB",
                f"{one.ours.seconds:.1f}",
                f"{one.rows / one.ours.seconds:,.0f}",
                _gb(one.ours.peak_bytes),
                one.ours.result.get("leads", "–"),
                one.ours.ended,
            ]
            for one in runs
        ],
        text_columns=(0, 8),
    )


def _stages(one: Run) -> str:
    rows = [
        [step.name, f"{step.seconds:.1f}", f"{one.rows / step.seconds:,.0f}", _gb(step.peak_bytes)]
        for step in one.ours.steps
        if step.seconds > 0
    ]
    return f"**{one.size}**\n\n" + table(["stage", "seconds", "rows/s", "peak memory"], rows)


def _detectors(runs: list[Run]) -> str:
    costs = [{cost["detector"]: cost for cost in one.ours.result.get("detectors", ())} for one in runs]
    asked = sorted(costs[-1], key=lambda name: (-costs[-1][name]["seconds"], name))
    rows = [
        [f"`{name}`", *(_cost(given.get(name)) for given in costs), f"{costs[-1][name]['findings']:,}"]
        for name in asked
    ]
    whole = [f"{sum(cost['seconds'] for cost in given.values()):.1f}" for given in costs]
    found = f"{sum(cost['findings'] for cost in costs[-1].values()):,}"
    return table(
        ["detector", *(one.size for one in runs), f"findings, {runs[-1].size}"], [*rows, ["all", *whole, found]]
    )


def _cost(cost: dict[str, Any] | None) -> str:
    return "–" if cost is None else f"{cost['seconds']:.1f}"


def _growth(small: Run, large: Run) -> str:
    rows = []
    for name in STAGES:
        one, other = small.ours.step(name), large.ours.step(name)
        if one and other and one.seconds > 0 and one.peak_bytes > 0:
            rows.append([name, f"{other.seconds / one.seconds:.1f}", f"{other.peak_bytes / one.peak_bytes:.1f}"])
    whole = [
        "whole",
        f"{large.ours.seconds / small.ours.seconds:.1f}",
        f"{large.ours.peak_bytes / small.ours.peak_bytes:.1f}",
    ]
    return (
        f"{small.size} → {large.size}: {large.rows / small.rows:.1f} times the rows. A stage that grows by less has "
        "fixed costs in the small figure; one that grows by more is worse than linear.\n\n"
        + table(["stage", "seconds ×", "memory ×"], [*rows, whole])
    )


def _against(runs: list[Run]) -> str:
    rows = []
    for one in runs:
        other = one.baseline
        if other is not None:
            more = "" if other.ended == "done" else "> "
            rows.append(
                [
                    one.size,
                    f"{more}{other.seconds:.1f}",
                    f"{more}{_gb(other.peak_bytes)}",
                    other.ended,
                    f"{one.ours.seconds:.1f}",
                    _gb(one.ours.peak_bytes),
                    f"{more}{other.seconds / one.ours.seconds:.2f}",
                    f"{more}{other.peak_bytes / one.ours.peak_bytes:.2f}",
                ]
            )
    header = [
        "size",
        "baseline seconds",
        "peak memory",
        "ended",
        "graphaudit seconds",
        "peak memory",
        "time ×",
        "memory ×",
    ]
    return table(header, rows, text_columns=(0, 3))


def _baseline_steps(runs: list[Run]) -> str:
    return "Steps of the baseline: " + "; ".join(
        f"{one.size}: " + ", ".join(f"{BASELINE_STEPS[step.name]} {step.seconds:.1f} s" for step in one.baseline.steps)
        for one in runs
        if one.baseline is not None
    )


def _gb(size: int) -> str:
    return f"{size / 2**30:.2f} GB"


def main() -> None:
    """Measure the sizes asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["small", "main"])
    parser.add_argument("--no-baseline", action="store_true")
    parser.add_argument("--output", type=Path, default=REPORT)
    chosen = parser.parse_args()
    (REPOSITORY / ".bench").mkdir(exist_ok=True)
    runs = []
    for size in chosen.sizes:
        print(f"measuring {size} …", flush=True)
        runs.append(run(size, with_baseline=not chosen.no_baseline))
    page = report(runs)
    chosen.output.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
