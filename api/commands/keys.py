"""keys create|list|revoke: who may call the HTTP interface."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from api.commands.invocation import Invocation, command
from api.commands.layout import table
from api.commands.leads import actor
from graphaudit.registry import SCOPES, Registry


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="API keys of the HTTP interface.")
    app.add_typer(group, name="keys")
    command(group, "create", help="Make a key; it is shown this once.")(create_key)
    command(group, "list", help="List the keys, revoked ones included.")(list_keys)
    command(group, "revoke", help="Revoke a key at once and for good.")(revoke_key)


def create_key(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help=f"What it may do; may be given several times. Known: {', '.join(SCOPES)}."),
    ] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, help="Days until it expires; without it, never.")] = None,
) -> None:
    """Make a key."""
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    with Registry.open(invocation.settings.registry_url) as registry:
        record, plain = registry.create_key(name, scope or ["leads:read", "builds:read"], expires, actor=actor())
    invocation.result({**asdict(record), "key": plain})
    invocation.print(f"{plain}\n\nkey {record.id} for {record.name}, scopes {', '.join(record.scopes)}")
    invocation.print("It is shown this once and kept as a hash only. Send it as: Authorization: Bearer KEY")


def list_keys(invocation: Invocation) -> None:
    """List the keys."""
    with Registry.open(invocation.settings.registry_url) as registry:
        records = registry.keys()
    invocation.result([{**asdict(record), "state": record.state()} for record in records])
    rows = [
        (
            record.id,
            record.name,
            record.state(),
            " ".join(record.scopes),
            _day(record.expires_at),
            _day(record.last_used_at),
        )
        for record in records
    ]
    invocation.print(table(("key", "name", "state", "scopes", "expires", "last used"), rows))


def revoke_key(
    invocation: Invocation, key_id: Annotated[str, typer.Argument(metavar="KEY", help="Id of the key, such as K-….")]
) -> None:
    """Revoke a key."""
    with Registry.open(invocation.settings.registry_url) as registry:
        record = registry.revoke_key(key_id, actor=actor())
    invocation.result(asdict(record))
    invocation.print(f"key {record.id} ({record.name}) is revoked")


def _day(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d") if moment else "-"
