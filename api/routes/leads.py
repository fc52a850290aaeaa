"""The ranked list and one lead in full; source ids only for a reason, on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request

from api import cursors
from api.auth import CallerDep, Requires
from api.cursors import Cursor, CursorError
from api.deps import BrowserDep, CursorKeyDep, RegistryDep, RevealDep
from api.models import LeadId, LeadListQuery, LeadOut, LeadPage, LeadQuery
from api.problems import Problem
from api.reveal import Revealer
from api.routes.errors import problems
from graphaudit.browser.address import BrowserAddress
from graphaudit.browser.links import with_links
from graphaudit.errors import NotFoundError
from graphaudit.registry import LeadFilter, Registry

router = APIRouter(prefix="/v1/leads", tags=["leads"])
GUARD = [Depends(Requires("leads:read"))]

ReasonHeader = Annotated[
    str | None,
    Header(
        alias="X-Reveal-Reason",
        max_length=2000,
        description="Why source ids are needed, percent-encoded UTF-8; kept in the audit log.",
    ),
]


@router.get("", dependencies=GUARD, responses=problems(400, 401, 403, 404, 410, 422, 501, 503))
def list_leads(
    request: Request,
    query: Annotated[LeadListQuery, Query()],
    registry: RegistryDep,
    cursor_key: CursorKeyDep,
    principal: CallerDep,
    reveal: RevealDep,
    browser: BrowserDep,
    x_reveal_reason: ReasonHeader = None,
) -> LeadPage:
    """One page of a build's ranked list. A sequence of pages stays with the build it began with."""
    revealer = Revealer(request, registry, principal, reveal, query.reason, x_reveal_reason)
    if query.reveal:
        revealer.demand("leads.reveal")
    if query.person is not None:
        revealer.demand("leads.search_person")
    filters = LeadFilter(query.pattern, query.status, query.min_score, query.q_max, query.site, query.person)
    asked = query.model_dump(include={"pattern", "status", "min_score", "q_max", "site", "person", "sort"})
    digest = cursors.filters_digest(cursor_key, asked)
    build_id, after = _position(registry, query, cursor_key, digest)
    try:
        # One more than asked tells whether there is a next page.
        found = registry.lead_page(build_id, filters, after, query.limit + 1, query.sort)
        count = registry.count(build_id, filters)
    except NotFoundError:
        raise _gone() from None
    shown = found[: query.limit]
    following = None
    if len(found) > query.limit:
        following = cursors.encode(cursor_key, Cursor(build_id, shown[-1]["rank"], digest))
    if query.person is not None:
        revealer.note("leads.search_person", build_id, shown, fields=("members.person",), objects=(query.person,))
    if query.reveal:
        shown = revealer.revealed("leads.reveal", build_id, shown)
    shown = _linked(registry, shown, browser)
    return LeadPage.model_validate(
        {"build_id": build_id, "data": [_summary(lead) for lead in shown], "count": count, "next": following}
    )


@router.get("/{lead_id}", dependencies=GUARD, responses=problems(401, 403, 404, 422, 501, 503))
def show_lead(
    request: Request,
    lead_id: Annotated[LeadId, Path()],
    query: Annotated[LeadQuery, Query()],
    registry: RegistryDep,
    principal: CallerDep,
    reveal: RevealDep,
    browser: BrowserDep,
    x_reveal_reason: ReasonHeader = None,
) -> LeadOut:
    """One lead with all its evidence."""
    revealer = Revealer(request, registry, principal, reveal, query.reason, x_reveal_reason)
    if query.reveal:
        revealer.demand("leads.reveal", (lead_id,))
    lead = registry.lead(lead_id, query.build_id)
    if query.reveal:
        lead = revealer.revealed("leads.reveal", lead["build_id"], [lead])[0]
    return LeadOut.model_validate(_linked(registry, [lead], browser)[0])


def _linked(
    registry: Registry, leads: Sequence[dict[str, Any]], browser: BrowserAddress | None
) -> list[dict[str, Any]]:
    active = registry.active_build() if browser is not None else None
    return with_links(leads, browser, active.id if active is not None else None)


def _position(registry: Registry, query: LeadListQuery, key: bytes, digest: str) -> tuple[str, int | None]:
    if query.cursor is not None:
        try:
            cursor = cursors.decode(key, query.cursor)
        except CursorError:
            raise _misfit("It was altered, or made by another service.") from None
        if cursor.filters != digest:
            raise _misfit("It belongs to other filters or another order.")
        if query.build_id not in (None, cursor.build_id):
            raise _misfit("It belongs to another build.")
        return cursor.build_id, cursor.rank
    if query.build_id is not None:
        return registry.build(query.build_id).id, None
    active = registry.active_build()
    if active is None:
        raise Problem(503, "not-ready", "No build is published yet.", "Run: graphaudit build SOURCE")
    return active.id, None


def _misfit(detail: str) -> Problem:
    return Problem(400, "cursor-invalid", detail, "Send next as it came, with the parameters it came from.")


def _gone() -> Problem:
    detail = "The build that this sequence of pages belongs to has been removed."
    return Problem(410, "build-gone", detail, "Start again without a cursor: that reads the active build.")


def _summary(lead: dict[str, Any]) -> dict[str, Any]:
    detailed = ("evidence", "benign_explanations", "would_clear", "legal_basis", "contributions")
    return {name: value for name, value in lead.items() if name not in detailed}
