"""detect: try other thresholds on a build that exists."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.building import folder_of
from api.commands.invocation import Invocation, command
from api.commands.layout import table
from api.commands.leads import Language, LanguageOption, opened

if TYPE_CHECKING:
    from api.trial import Change


def register(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    command(
        app,
        "detect",
        help="Try thresholds on a build that exists: which leads appear, disappear or move. Nothing is changed.",
    )(detect)


def detect(
    invocation: Invocation,
    tried: Annotated[
        list[str],
        typer.Option("--try", metavar="NAME=VALUE", help="DETECTOR.PARAMETER=VALUE or least_score=VALUE; repeatable."),
    ],
    against: Annotated[
        str | None, typer.Option("--against", metavar="BUILD", help="Another build than the active one.")
    ] = None,
    language: LanguageOption = Language.en,
) -> None:
    """Compare."""
    from api.trial import read_tried, try_on  # the detectors' libraries take a second to import

    what = read_tried(tried)
    settings = invocation.settings
    with opened(settings, against) as (_, build_id):
        folder = folder_of(settings, build_id)
    with invocation.progress() as progress:
        trial = try_on(folder, settings, what, progress=progress)
    invocation.result(
        {
            "build_id": trial.build_id,
            "tried": asdict(what),
            "leads_before": trial.leads_before,
            "leads_after": trial.leads_after,
            "changes": [{"change": change.kind, **asdict(change)} for change in trial.changes],
            "skipped": list(trial.skipped),
        }
    )
    if trial.skipped:
        invocation.print(f"cannot run on this build: {', '.join(trial.skipped)}")
    numbers = {
        kind: sum(change.kind == kind for change in trial.changes) for kind in ("appears", "disappears", "moves")
    }
    invocation.print(
        f"build {trial.build_id}: {trial.leads_before} leads, {trial.leads_after} with what is tried; "
        + ", ".join(f"{number} {kind}" for kind, number in numbers.items())
    )
    if trial.changes:
        header = ("change", "rank", "then", "score", "then", "id", "pattern", "title")
        rows = [_row(change, language.value) for change in trial.changes]
        invocation.print(table(header, rows, right=("rank", "then", "score")))


def _row(change: Change, language: str) -> list[object]:
    scores = [None if score is None else f"{score:.3f}" for score in (change.score_before, change.score_after)]
    return [
        change.kind, change.rank_before, change.rank_after, *scores, change.lead_id, change.pattern,
        change.title[language],
    ]  # fmt: skip
