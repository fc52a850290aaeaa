"""Measure both ways into Neo4j: the offline import of a managed home, and the online load through the driver.

`python -m tests.benchmarks.bench_neo4j small main`; the figures go to docs/benchmarks-neo4j.md. Nothing here fails on
a clock. The tables of a size are staged and derived once and kept in an ignored folder.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import duckdb

from graphaudit.builds.tables import open_tables
from graphaudit.derive import derive
from graphaudit.neo4j_local import runtime
from loaders import StageOptions, stage_source
from tests.benchmarks.machine import described
from tests.benchmarks.markdown import table
from tests.benchmarks.one_neo4j_load import HEAP_MB, PAGE_CACHE_MB
from tests.benchmarks.sampling import REPOSITORY, Measured, measure
from tests.benchmarks.worlds import world

REPORT = REPOSITORY / "docs" / "benchmarks-neo4j.md"
STAGED = REPOSITORY / ".bench" / "staged"
SEED = 7
COMMAND = "python -m tests.benchmarks.bench_neo4j"
KEY = b"a key for measuring only, 32 bytes and more"

#: Seconds from staged tables to a serving, indexed, read-only Neo4j that are aimed at for `main`.
AIM_S = 60


@dataclass
class Run:
    """One size and way: what went in, and what was measured."""

    size: str
    way: str
    settlements: int
    measured: Measured

    @property
    def seconds(self) -> float:
        """From staged tables to serving; nan when it did not get there."""
        return float(self.measured.result.get("seconds", "nan"))

    @property
    def entities(self) -> int:
        """Nodes and relationships."""
        return int(self.measured.result.get("entities", 0))


def staged(size: str) -> Path:
    """The folder with tables and derived tables of the city of this size; made when it is not there yet."""
    city = world(size, SEED)
    folder = STAGED / city.folder.parent.name / city.folder.name
    if not (folder / "derived").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        stage_source(
            city.folder,
            folder / "tables",
            rejects=folder / "rejects.csv",
            key=KEY,
            options=StageOptions(temp_directory=folder / "spill"),
        )
        tables = open_tables(folder, temp_directory=folder / "spill")
        derive(tables, folder / "half")
        tables.close()
        (folder / "half").rename(folder / "derived")
    return folder


def settlements_in(folder: Path) -> int:
    """Settlements of the staged tables."""
    path = folder / "tables" / "settlements.parquet"
    return int(duckdb.sql("SELECT count(*) FROM read_parquet($path)", params={"path": str(path)}).fetchall()[0][0])


def report(runs: list[Run]) -> str:
    """The whole page, as Markdown."""
    offline = [one for one in runs if one.way == "offline"]
    aimed = [one for one in offline if one.size == "main"]
    parts = [
        "# Benchmarks of the two ways into Neo4j",
        f"Written by `{COMMAND}` (`tests/benchmarks/bench_neo4j.py`), seed {SEED}, camouflage 1.",
        f"{described()} Neo4j {runtime().version} Community, heap {HEAP_MB} MiB, page cache {PAGE_CACHE_MB} MiB, "
        f"driver {version('neo4j')} with neo4j-rust-ext.",
        "From the staged and derived tables of a build to a graph that clients read: indexed, verified (every count "
        "and every sum of an integer property) and, offline, read-only behind the fixed address while another home "
        "was serving. Memory is that of the loading process, the import and both servers together, sampled 20 times a "
        "second. Other work on the machine shows in these figures; they are as they came.",
        "## Both ways",
        _whole(runs),
        *(_aim(one) for one in aimed),
        "## Steps of the offline way",
        *[_steps(one) for one in offline],
    ]
    return "\n\n".join(parts) + "\n"


def _whole(runs: list[Run]) -> str:
    return table(
        ["size", "way", "settlements", "nodes and relationships", "seconds", "entities/s", "store", "memory", "ended"],
        [
            [
                one.size,
                one.way,
                f"{one.settlements:,}",
                f"{one.entities:,}",
                f"{one.seconds:.1f}",
                f"{one.entities / one.seconds:,.0f}",
                f"{one.measured.result.get('bytes', 0) / 2**20:,.0f} MB",
                f"{one.measured.peak_bytes / 2**30:.1f} GB",
                one.measured.ended,
            ]
            for one in runs
        ],
        text_columns=(0, 1, 8),
    )


def _aim(one: Run) -> str:
    met = "met" if one.seconds <= AIM_S else "missed"
    return f"Aim for `main`, from staged tables to serving: {AIM_S} seconds; {met} with {one.seconds:.1f}."


def _steps(one: Run) -> str:
    rows = [[step.name, f"{step.seconds:.1f}", f"{step.peak_bytes / 2**30:.1f} GB"] for step in one.measured.steps]
    return f"**{one.size}** (a step lasts until the next begins)\n\n" + table(["step", "seconds", "memory"], rows)


def main() -> None:
    """Measure the sizes of the command line and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["small", "main"])
    parser.add_argument("--online", default="small,main", help="sizes that are loaded online too, with commas")
    parser.add_argument("--out", type=Path, default=REPORT)
    options = parser.parse_args()
    runs = []
    for size in options.sizes:
        folder = staged(size)
        for way in ("offline", "online"):
            if way == "offline" or size in options.online.split(","):
                one = Run(
                    size, way, settlements_in(folder), measure("tests.benchmarks.one_neo4j_load", [way, str(folder)])
                )
                print(
                    size,
                    way,
                    f"{one.seconds:.1f} s",
                    json.dumps([[s.name, round(s.seconds, 1)] for s in one.measured.steps]),
                )
                runs.append(one)
    options.out.write_text(report(runs), encoding="utf-8")


if __name__ == "__main__":
    main()
