"""serve: the published leads over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from api.commands.invocation import Invocation, command
from graphaudit.browser.address import address_of
from graphaudit.leads.identities import read_identities, with_source_ids
from graphaudit.settings import mask_url


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    command(app, "serve", help="Serve the published leads over HTTP.")(serve)


def serve(
    invocation: Invocation,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on [default: 8000].")] = None,
) -> None:
    """Serve until interrupted."""
    import uvicorn

    from api.app import create_app

    settings = invocation.settings_with(host=host, port=port)

    def reveal(build_id: str, leads: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return with_source_ids(leads, read_identities(settings.builds_folder / build_id, leads))

    browser = address_of(settings.store_url, settings.neo4j_browser)
    application = create_app(settings, identities=reveal, browser=browser)
    typer.echo(
        f"serving {mask_url(settings.registry_url)} at http://{settings.host}:{settings.port}/v1/leads", err=True
    )
    typer.echo("a caller needs a key: graphaudit keys create NAME", err=True)
    if browser is not None:
        typer.echo(f"leads link to {browser.http}/browser/", err=True)
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
    )
