"""check and config: is the installation sound, and what is it set to."""

from __future__ import annotations

from dataclasses import asdict

import typer

from api.commands.invocation import FAILED, Invocation, command
from api.commands.layout import table


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    command(app, "check", help="Look for what is wrong with this installation, and say how to mend it.")(check)
    command(app, "config", help="Print every setting with its effective value; secrets are covered.")(show_config)


def check(invocation: Invocation) -> None:
    """Run every check; exit 1 when one fails."""
    from graphaudit.selfcheck import run_checks

    checks = run_checks(invocation.settings)
    failed = [entry for entry in checks if not entry.ok]
    invocation.result({"ok": not failed, "checks": [asdict(entry) for entry in checks]})
    for entry in checks:
        invocation.print(f"{'ok   ' if entry.ok else 'WRONG'} {entry.name}: {entry.detail}")
        if not entry.ok:
            invocation.print(f"        fix: {entry.fix}")
    if failed:
        raise typer.Exit(FAILED)


def show_config(invocation: Invocation) -> None:
    """Print the settings."""
    shown = invocation.settings.masked()
    invocation.result(shown)
    invocation.print(table(("setting", "value"), list(shown.items()), widest=90))
