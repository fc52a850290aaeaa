"""neo4j start|stop|status|password: a Neo4j on this machine, its graph behind one fixed address."""

from __future__ import annotations

from dataclasses import asdict
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from api.commands.invocation import FAILED, Invocation, command
from graphaudit.errors import ConfigurationError
from graphaudit.hosts import bracketed, reached_at
from graphaudit.settings import Settings

if TYPE_CHECKING:
    from graphaudit.stores.neo4j_store.managed import ManagedHome, Status

KIND = "neo4j-home:"

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Folder of the server [default: that of --store, else DATA/neo4j]."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="A Neo4j server on this machine.")
    app.add_typer(group, name="neo4j")
    command(group, "start", help="Start it; the first time, fetch its programs and make a password.")(start)
    command(group, "stop", help="Stop it.")(stop)
    command(group, "status", help="Say what runs and which build is shown; exit code 1 when nothing runs.")(status)
    command(group, "password", help="Print the password of its user neo4j, or make a new one.")(password)


def start(
    invocation: Invocation,
    home: HomeOption = None,
    bolt_port: Annotated[
        int | None, typer.Option("--bolt-port", min=1, max=65535, help="Port of Bolt [default: as before, else 7687].")
    ] = None,
    http_port: Annotated[
        int | None,
        typer.Option("--http-port", min=1, max=65535, help="Port of Neo4j Browser [default: as before, else 7474]."),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option("--listen", metavar="ADDRESS", help="Address to listen on [default: as before, else 127.0.0.1]."),
    ] = None,
) -> None:
    """Start the server, read-only, and show the graph that was built last."""
    from graphaudit.neo4j_local.configuration import checked_address, is_loopback
    from graphaudit.stores.neo4j_store.pointer import read_clients

    settings = invocation.settings
    seen_as = bracketed(urlsplit(settings.neo4j_browser).hostname or "")
    if listen is not None and ip_address(checked_address(listen)).is_unspecified and not seen_as:
        raise ConfigurationError(
            f"Neo4j is to listen on every network ({listen}), but under which name do others reach it?",
            "set GRAPHAUDIT_NEO4J_BROWSER=http://HOST:7474, or listen on one address",
        )
    managed = managed_home(settings, home)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with invocation.progress() as progress:
        shown = managed.start(
            bolt_port=bolt_port,
            http_port=http_port,
            listen=listen,
            guide_origin=guide_origin(settings),
            seen_as=seen_as,
            progress=progress,
        )
    invocation.result(asdict(shown))
    invocation.print(_running(shown))
    invocation.print(f"  user      neo4j\n  password  {_where_password_is(settings, managed.folder)}")
    if not is_loopback(read_clients(managed.folder).listen):
        typer.echo(
            "warning: it listens beyond this machine, unencrypted; let a proxy with TLS and a firewall stand before it",
            err=True,
        )


def stop(invocation: Invocation, home: HomeOption = None) -> None:
    """Stop the server; that nothing ran is not a failure."""
    managed = managed_home(invocation.settings, home)
    ran = managed.folder.is_dir() and managed.stop()
    invocation.result({"stopped": ran})
    invocation.print("Neo4j is stopped" if ran else f"no Neo4j was running in {managed.folder}")


def status(invocation: Invocation, home: HomeOption = None) -> None:
    """Print what runs."""
    shown = managed_home(invocation.settings, home).status()
    invocation.result(asdict(shown))
    invocation.print(_running(shown) if shown.running else "Neo4j is not running; start it: graphaudit neo4j start")
    for problem in shown.problems:
        invocation.print(f"  {problem}")
    if not shown.running:
        raise typer.Exit(FAILED)


def password(
    invocation: Invocation,
    home: HomeOption = None,
    change: Annotated[bool, typer.Option("--change", help="Make a new random one first.")] = False,
) -> None:
    """Print the password alone, fit for a pipe."""
    from graphaudit.neo4j_local.passwords import password_of, planned_password, replace_password

    settings = invocation.settings
    managed = managed_home(settings, home)
    given = settings.neo4j_secret()
    if change:
        if given is not None:
            raise ConfigurationError(
                "the Neo4j password is given from outside, so it is not kept and cannot be changed here",
                "unset GRAPHAUDIT_NEO4J_PASSWORD and its file; the next start then needs the old one in "
                f"{managed.folder / 'password'}",
            )
        new = planned_password(managed.folder)
        managed.change_password(new)
        replace_password(managed.folder)
    text = given or password_of(managed.folder)
    invocation.result({"user": "neo4j", "password": text})
    invocation.print(text)


def managed_home(settings: Settings, home: Path | None = None) -> ManagedHome:
    """The managed home that `home`, else the store of `settings`, else DATA/neo4j names; starts nothing."""
    from graphaudit.stores.neo4j_store.managed import ManagedHome

    return ManagedHome(
        home or home_of_store(settings) or settings.data / "neo4j",
        password=settings.neo4j_secret(),
        heap_mb=settings.neo4j_heap_mb,
        page_cache_mb=settings.neo4j_page_cache_mb,
        cache=settings.neo4j_cache,
    )


def home_of_store(settings: Settings) -> Path | None:
    """The folder of the managed home that the store URL names; None for another kind of store."""
    place = settings.store_url.removeprefix(KIND)
    return Path(place) if place != settings.store_url and place else None


def guide_origin(settings: Settings) -> str:
    """Where Neo4j Browser finds the guide: what `serve` listens on, as seen from this machine."""
    return f"http://{bracketed(reached_at(settings.host))}:{settings.port}"


def _running(shown: Status) -> str:
    graph = f"the graph of build {shown.build_id}" if shown.build_id else "an empty graph: build one into it"
    return f"Neo4j {shown.version} shows {graph}\n  Browser   http://{shown.http}/browser/\n  Bolt      bolt://{shown.bolt}"


def _where_password_is(settings: Settings, folder: Path) -> str:
    if settings.neo4j_password is not None:
        return "as given in GRAPHAUDIT_NEO4J_PASSWORD"
    if settings.neo4j_password_file is not None:
        return f"in {settings.neo4j_password_file}"
    return f"printed by: graphaudit neo4j password --home {folder}"
