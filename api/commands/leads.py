"""leads list|show|export: the published list, for people and as files."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.invocation import Invocation, command
from api.commands.lead_text import lead_in_full, lead_table
from graphaudit.browser.address import address_of
from graphaudit.browser.links import with_links
from graphaudit.errors import ConfigurationError, NotFoundError
from graphaudit.leads.export import write_csv, write_json, write_xlsx
from graphaudit.leads.identities import read_identities, with_source_ids
from graphaudit.registry import AuditEvent, LeadFilter, Registry
from graphaudit.settings import Settings

#: More leads than any build has; the list is read in one page.
EVERYTHING = 1_000_000


class Language(StrEnum):
    """Language of titles in a list."""

    zh = "zh"
    en = "en"


class Format(StrEnum):
    """Form of an export."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"


class Order(StrEnum):
    """What a list is sorted by."""

    rank = "rank"
    priority = "priority"


BuildOption = Annotated[str | None, typer.Option("--build", metavar="ID", help="Another build than the active one.")]
LanguageOption = Annotated[Language, typer.Option("--lang", help="Language of the titles.")]
RevealOption = Annotated[
    bool, typer.Option("--reveal", help="Show the source's ids instead of pseudonyms; needs --reason, goes on record.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why source ids are needed; kept in the audit log.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The ranked list of leads.")
    app.add_typer(group, name="leads")
    command(group, "list", help="List the leads of the active build, best evidence first.")(list_leads)
    command(group, "show", help="Explain one lead in full.")(show_lead)
    command(group, "export", help="Write the leads to a file, with the source's own ids; goes on record.")(export_leads)


def list_leads(
    invocation: Invocation,
    top: Annotated[int, typer.Option("--top", min=1, help="How many.")] = 20,
    language: LanguageOption = Language.en,
    pattern: Annotated[str | None, typer.Option("--pattern", help="Only leads of this pattern.")] = None,
    status: Annotated[str | None, typer.Option("--status", help="Only leads in this state.")] = None,
    min_score: Annotated[float | None, typer.Option("--min-score", help="Only leads that score at least this.")] = None,
    sort: Annotated[Order, typer.Option("--sort", help="Order of the list.")] = Order.rank,
    build: BuildOption = None,
    reveal: RevealOption = False,
    reason: ReasonOption = "",
) -> None:
    """Print the list."""
    settings = invocation.settings
    filters = LeadFilter(pattern=pattern, status=status, min_score=min_score)
    with opened(settings, build) as (registry, build_id):
        leads = registry.lead_page(build_id, filters, limit=top, sort=sort.value)
        matching = registry.count(build_id, filters)
        if reveal:
            leads = revealed(settings, registry, build_id, leads, reason=reason)
        leads = linked(settings, registry, leads)
    invocation.result(leads)
    if leads:
        invocation.print(lead_table(leads, language.value))
        invocation.print(f"\n{len(leads)} of {matching} leads of build {build_id}")
    else:
        invocation.print(f"no leads in build {build_id}" + (" match" if filters != LeadFilter() else ""))


def show_lead(
    invocation: Invocation,
    lead_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the lead, such as L-….")],
    all_settlements: Annotated[bool, typer.Option("--all-settlements", help="Show every settlement id.")] = False,
    build: BuildOption = None,
    reveal: RevealOption = False,
    reason: ReasonOption = "",
) -> None:
    """Print one lead in full."""
    settings = invocation.settings
    with opened(settings, build) as (registry, build_id):
        lead = registry.lead(lead_id, build_id)
        if reveal:
            lead = revealed(settings, registry, build_id, [lead], reason=reason)[0]
        lead = linked(settings, registry, [lead])[0]
    invocation.result(lead)
    invocation.print(lead_in_full(lead, all_settlements=all_settlements))


def export_leads(
    invocation: Invocation,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="File to write.")],
    form: Annotated[Format, typer.Option("--format", "-f", help="Form of the file.")] = Format.json,
    top: Annotated[int | None, typer.Option("--top", min=1, help="Only the first so many.")] = None,
    language: LanguageOption = Language.en,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="Keep pseudonyms instead of source ids.")] = False,
    build: BuildOption = None,
    reason: ReasonOption = "",
) -> None:
    """Write the leads to a file."""
    settings = invocation.settings
    with opened(settings, build) as (registry, build_id):
        leads = registry.lead_page(build_id, limit=top or EVERYTHING)
        if not pseudonyms:
            identities = read_identities(settings.builds_folder / build_id, leads)
            leads = with_source_ids(leads, identities)
        leads = linked(settings, registry, leads)
        event = AuditEvent(
            actor=actor(),
            action="leads.export",
            object_ids=tuple(lead["id"] for lead in leads),
            fields=() if pseudonyms else ("members.id",),
            reason=reason,
            build_id=build_id,
        )
        # on record before the file is there: an export that nobody wrote down must not exist
        registry.audit(event)
    if form is Format.json:
        files = write_json(leads, output)
    elif form is Format.csv:
        files = write_csv(leads, output, language=language.value)
    else:
        files = write_xlsx(leads, output, language=language.value)
    invocation.result({"build_id": build_id, "leads": len(leads), "files": [str(path) for path in files]})
    invocation.print(f"{len(leads)} leads of build {build_id} written to {', '.join(str(path) for path in files)}")


@contextmanager
def opened(settings: Settings, build_id: str | None = None) -> Iterator[tuple[Registry, str]]:
    """The registry and the build asked for, else the active one. NotFoundError before the first build."""
    with open_existing(settings) as registry:
        if build_id is not None:
            yield registry, registry.build(build_id).id
            return
        active = registry.active_build()
        if active is None:
            raise nothing_published()
        yield registry, active.id


@contextmanager
def open_existing(settings: Settings) -> Iterator[Registry]:
    """The registry, without creating one where nothing was ever built."""
    url = settings.registry_url
    if url.startswith("sqlite:") and not Path(url.removeprefix("sqlite:")).exists():
        raise nothing_published()
    with Registry.open(url) as registry:
        yield registry


def linked(settings: Settings, registry: Registry, leads: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The leads with a link into Neo4j Browser, where the store is a Neo4j that shows their build."""
    active = registry.active_build()
    return with_links(leads, address_of(settings.store_url, settings.neo4j_browser), active.id if active else None)


def nothing_published() -> NotFoundError:
    """What to say before the first build."""
    return NotFoundError(
        "no build is published here yet", "graphaudit build SOURCE, or give the right place with --data"
    )


def revealed(
    settings: Settings, registry: Registry, build_id: str, leads: Sequence[dict[str, Any]], *, reason: str
) -> list[dict[str, Any]]:
    """`leads` with source ids and names, after the reveal was put on record. ConfigurationError without a reason."""
    if not reason.strip():
        raise ConfigurationError("--reveal needs a reason", 'give one with --reason "…"; it is kept in the audit log')
    identities = read_identities(settings.builds_folder / build_id, leads)
    registry.audit(
        AuditEvent(
            actor=actor(),
            action="leads.reveal",
            object_ids=tuple(lead["id"] for lead in leads),
            fields=("members.id", "members.name"),
            reason=reason.strip(),
            build_id=build_id,
        )
    )
    return with_source_ids(leads, identities, names=True)


def actor() -> str:
    """Who is at the command line, as the audit log names them."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):
        return "cli:unknown"
