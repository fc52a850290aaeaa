"""build, and builds list|show|rollback."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.invocation import Invocation, command
from api.commands.layout import table
from api.commands.leads import open_existing
from graphaudit.builds.manifest import Manifest, manifests
from graphaudit.errors import NotFoundError
from graphaudit.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    command(app, "build", help="Read a folder of tables, build the graph, rank leads and publish them.")(run_build)
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The builds that are kept.")
    app.add_typer(group, name="builds")
    command(group, "list", help="List the builds, newest first.")(list_builds)
    command(group, "show", help="Print the report of one build.")(show_build)
    command(group, "rollback", help="Serve an earlier build again.")(roll_back)


def run_build(
    invocation: Invocation,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder with setl_d and the other tables.")],
    resume: Annotated[bool, typer.Option("--resume", help="Continue the newest unfinished build of it.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of every randomised step.")] = None,
) -> None:
    """Build and publish."""
    from api.pipeline import build  # the detectors' libraries take a second to import

    settings = invocation.settings_with(seed=seed)
    with invocation.progress() as progress:
        result = build(source, settings, resume=resume, progress=progress)
    invocation.result(
        {
            "build_id": result.build_id,
            "leads": result.leads,
            "ran": list(result.ran),
            "report": str(result.folder / "report.json"),
            "switched_off": result.report["switched_off"],
        }
    )
    invocation.print(f"build {result.build_id} is published: {result.leads} leads")
    off = result.report["switched_off"]
    if off:
        invocation.print(f"{len(off)} detectors were switched off: {', '.join(entry['detector'] for entry in off)}")
    invocation.print(f"report: {result.folder / 'report.txt'}")


def list_builds(invocation: Invocation) -> None:
    """Print the builds."""
    settings = invocation.settings
    rows = build_rows(settings)
    invocation.result(rows)
    if not rows:
        invocation.print(f"no builds below {settings.builds_folder}")
        return
    header = ("build", "state", "created", "leads", "source", "stopped at")
    cells = [[row[key] for key in ("id", "state", "created", "leads", "source", "stopped_at")] for row in rows]
    invocation.print(table(header, cells, right=("leads",)))


def show_build(
    invocation: Invocation, build_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the build.")]
) -> None:
    """Print one build's report."""
    folder = folder_of(invocation.settings, build_id)
    manifest = Manifest.read(folder)
    invocation.result(asdict(manifest))
    report = folder / "report.txt"
    if report.is_file():
        invocation.print(report.read_text(encoding="utf-8").rstrip())
    else:
        invocation.print(f"Build {build_id}: {manifest.state}; it has no report, as it was killed")


def roll_back(
    invocation: Invocation, build_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the build to serve.")]
) -> None:
    """Serve an earlier build again."""
    from api.pipeline import rollback

    settings = invocation.settings
    folder_of(settings, build_id)
    rollback(build_id, settings)
    invocation.result({"active": build_id})
    invocation.print(f"build {build_id} is served again")


def build_rows(settings: Settings) -> list[dict[str, Any]]:
    """What is known of every build kept, newest first; `state` is active for the one that is served."""
    try:
        with open_existing(settings) as registry:
            active = registry.active_build()
    except NotFoundError:
        active = None
    return [
        {
            "id": manifest.build_id,
            "state": "active" if active and active.id == manifest.build_id else manifest.state,
            "created": manifest.created,
            "finished": manifest.finished,
            "leads": manifest.stage("rank").counts.get("leads"),
            "source": manifest.source,
            "stopped_at": manifest.error["stage"] if manifest.error else None,
        }
        for manifest in manifests(settings.builds_folder)
    ]


def folder_of(settings: Settings, build_id: str) -> Path:
    """The folder of a build that is kept. NotFoundError for any other id, whatever it spells."""
    for manifest in manifests(settings.builds_folder):
        if manifest.build_id == build_id:
            return settings.builds_folder / build_id
    raise NotFoundError(f"there is no build {build_id!r} here", "list them with: graphaudit builds list")
