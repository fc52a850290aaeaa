"""evaluate: exported leads against the truth of a simulated city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.invocation import Invocation, command


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    command(app, "evaluate", help="Compare exported leads with the truth: precision, recall, money, false leads.")(
        evaluate_leads
    )


def evaluate_leads(
    invocation: Invocation,
    leads: Annotated[Path, typer.Option("--leads", metavar="FILE", help="Leads exported as JSON, with source ids.")],
    truth: Annotated[Path, typer.Option("--truth", metavar="FILE", help="Truth written by simulate.")],
) -> None:
    """Evaluate."""
    from graphaudit.evaluation import evaluate, load_leads, load_truth, readable

    result = evaluate(load_leads(leads), load_truth(truth))
    invocation.result(result)
    invocation.print(readable(result))
