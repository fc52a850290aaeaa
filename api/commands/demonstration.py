"""demo: a simulated city from tables to leads, the top of the list, one lead in full, and what to try next."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.invocation import Invocation, command
from api.commands.lead_text import lead_in_full, lead_table
from api.commands.leads import EVERYTHING, opened
from api.commands.neo4j_server import guide_origin, home_of_store, managed_home
from api.commands.simulating import Size
from graphaudit.browser.address import BrowserAddress, address_of
from graphaudit.browser.links import lead_link
from graphaudit.leads.export import write_json
from graphaudit.leads.identities import read_identities, with_source_ids
from graphaudit.progress import Progress
from graphaudit.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    command(app, "demo", help="Simulate a city, find its rings and explain one: everything in one go.")(demo)


def demo(
    invocation: Invocation,
    size: Annotated[Size, typer.Option("--size", help="How large a city.")] = Size.small,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same city.")] = 7,
    camouflage: Annotated[int, typer.Option("--camouflage", min=0, max=2, help="How well rings hide.")] = 0,
) -> None:
    """Run the whole flow below DATA; running it again gives the same leads."""
    from api.pipeline import build
    from graphaudit.evaluation import evaluate, load_leads, load_truth, readable
    from graphaudit.simulation import simulate, truth_path

    settings = invocation.settings
    city = settings.data / f"city-{size.value}-{seed}-{camouflage}"
    with invocation.progress() as progress:
        if not truth_path(city).exists():
            simulate(
                city,
                size=size.value,
                seed=seed,
                camouflage=camouflage,
                file_format="csv",
                with_rings=True,
                progress=progress,
            )
        result = build(city, settings, resume=True, progress=progress)
        browser = _served_in_neo4j(settings, progress)
    exported = settings.data / "leads.json"
    with opened(settings, result.build_id) as (registry, build_id):
        leads = registry.lead_page(build_id, limit=EVERYTHING)
    # a simulated city has no one to protect: its source ids may be compared with its truth without a record
    write_json(with_source_ids(leads, read_identities(result.folder, leads)), exported)
    verdict = evaluate(load_leads(exported), load_truth(truth_path(city)))
    link = lead_link(browser, leads[0]["id"]) if browser and leads else None
    invocation.result({"build_id": build_id, "leads": leads, "evaluation": verdict, "browser": link})
    invocation.print(f"\nThe top of the list ({len(leads)} leads)\n\n{lead_table(leads[:10], 'en')}")
    if leads:
        invocation.print(f"\nThe first lead, explained in full\n\n{lead_in_full(leads[0])}")
    invocation.print(f"\nAgainst the truth of the simulated city\n\n{readable(verdict)}")
    invocation.print(f"\nWhat to try next\n{_next_steps(settings, leads[1]['id'] if len(leads) > 1 else None)}")
    if link:
        invocation.print(_how_to_look(link, settings))


def _served_in_neo4j(settings: Settings, progress: Progress) -> BrowserAddress | None:
    """Where Neo4j Browser shows the graph; a server on this machine is started for it."""
    if home_of_store(settings) is not None:
        managed_home(settings).start(guide_origin=guide_origin(settings), progress=progress)
    return address_of(settings.store_url, settings.neo4j_browser)


def _how_to_look(link: str, settings: Settings) -> str:
    where = _places(settings)
    lines = ["", "The first lead as a picture, in Neo4j Browser (user neo4j, then press the run button)", f"  {link}"]
    if home_of_store(settings) is not None:
        lines += [
            f"  graphaudit neo4j password {where}",
            f"  graphaudit neo4j stop {where}",
        ]
    return "\n".join(lines)


def _places(settings: Settings) -> str:
    store = f" --store {settings.store}" if settings.store else ""
    return f"--data {settings.data}{store}"


def _next_steps(settings: Settings, lead_id: str | None) -> str:
    where = _places(settings)
    return "\n".join(
        (
            f"  graphaudit leads show {lead_id} {where}" if lead_id else f"  graphaudit builds list {where}",
            f"  graphaudit leads export --format xlsx --output leads.xlsx {where}",
            f"  graphaudit serve {where}",
        )
    )
