"""simulate: a city with planted rings, to try everything on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.commands.invocation import Invocation, command
from graphaudit.builds.stages import summary


class Size(StrEnum):
    """How large a city."""

    tiny = "tiny"
    small = "small"
    main = "main"
    large = "large"


class TableFormat(StrEnum):
    """Form of the tables."""

    csv = "csv"
    parquet = "parquet"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    command(app, "simulate", help="Write the tables of a simulated city, and the truth about it beside them.")(simulate)


def simulate(
    invocation: Invocation,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write; DIR.truth.json beside it.")],
    size: Annotated[Size, typer.Option("--size", help="How large a city.")] = Size.small,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same city.")] = 0,
    camouflage: Annotated[int, typer.Option("--camouflage", min=0, max=2, help="How well rings hide.")] = 0,
    form: Annotated[TableFormat, typer.Option("--format", help="Form of the tables.")] = TableFormat.csv,
    without_rings: Annotated[
        bool, typer.Option("--without-rings", help="Plant no ring: every lead is then wrong.")
    ] = False,
    faults: Annotated[
        int | None,
        typer.Option(
            "--faults", min=0, max=2, help="How faulty the feeds are: none, about 1 %, 5 %. Else --camouflage says so."
        ),
    ] = None,
    drift: Annotated[
        bool, typer.Option("--drift", help="Rules, places and rings change in the middle of the period.")
    ] = False,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Plant rings of a further kind too, which no detector names.")
    ] = False,
) -> None:
    """Simulate a city."""
    from graphaudit.simulation import simulate as simulate_city
    from graphaudit.simulation import truth_path

    with invocation.progress() as progress:
        truth = simulate_city(
            out,
            size=size.value,
            seed=seed,
            camouflage=camouflage,
            file_format=form.value,
            with_rings=not without_rings,
            faults=faults,
            drift=drift,
            unseen=unseen,
            progress=progress,
        )
    counts = {"rings": len(truth["rings"]), "honest_groups": len(truth["benign"])}
    if faults is not None:
        counts["faults"] = len(truth["faults"])
    invocation.result({"out": str(out), "truth": str(truth_path(out)), **counts})
    invocation.print(f"{summary(counts)}\ntables in {out}, truth in {truth_path(out)}\nnext: graphaudit build {out}")
