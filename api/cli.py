"""The command line: `graphaudit …`. Exit 0 done, 1 failed, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer

import graphaudit
from api.commands import (
    building,
    checking,
    demonstration,
    evaluating,
    importing,
    keys,
    leads,
    neo4j_server,
    serving,
    simulating,
    trying,
)
from api.commands.invocation import (
    INTERRUPTED,
    BuildsOption,
    DataOption,
    JsonOption,
    RegistryOption,
    StoreOption,
)

app = typer.Typer(
    name="graphaudit",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Short, ranked, explained lists of suspected collusion rings from medical-insurance settlement records.",
)
for module in (
    simulating,
    importing,
    building,
    leads,
    trying,
    evaluating,
    serving,
    neo4j_server,
    checking,
    keys,
    demonstration,
):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"graphaudit {graphaudit.__version__}")
        raise typer.Exit


@app.callback()
def _shared(
    context: typer.Context,
    data: DataOption = None,
    store: StoreOption = None,
    registry: RegistryOption = None,
    builds: BuildsOption = None,
    as_json: JsonOption = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command hold for it, unless it is given its own."""
    del version
    context.obj = {"data": data, "store": store, "registry": registry, "builds": builds, "as_json": as_json}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. SIGTERM ends a command as tidily as Ctrl-C does."""
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="graphaudit")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
