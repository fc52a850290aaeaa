"""import-claims: provider claims of US Medicare form, written as a source folder that build reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.invocation import Invocation, command
from graphaudit.builds.stages import summary


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    command(app, "import-claims", help="Write provider claims (US Medicare form) as a source folder for build.")(
        import_provider_claims
    )


def import_provider_claims(
    invocation: Invocation,
    claims: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with inpatient.parquet.")],
    out: Annotated[Path, typer.Option("--out", metavar="SOURCE", help="Folder to write; it must not exist yet.")],
) -> None:
    """Import claims."""
    from loaders.claims import import_claims

    with invocation.progress() as progress:
        imported = import_claims(claims, out, progress)
    invocation.result({"out": str(out), "read": imported.read, "written": imported.written})
    invocation.print(f"{summary(imported.written)}\ntables in {out}\nnext: graphaudit build {out}")
