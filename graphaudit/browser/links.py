"""Links that open a lead in Neo4j Browser with a query in the editor, ready to be run.

A link holds the text of a view of our own with one id in it that has been looked at: no name, no amount, nothing that a
user typed. The id stands in the text, because the Browser draws no picture when it is given a parameter and a query
together. It decodes the whole address before it looks for the parts of it, so a text may hold neither `&` nor `#`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

from graphaudit.browser.address import BrowserAddress
from graphaudit.errors import ConfigurationError
from graphaudit.queries import ViewSpec, load_views

#: Views about a lead that a link may carry.
LINKED = ("members_of_the_lead", "members_and_settlements", "settlements_in_time_order")

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PARAMETER = re.compile(r"\$lead\b")
_CUT = re.compile("[&#]")


def lead_link(address: BrowserAddress, lead_id: str, view_id: str = LINKED[0]) -> str:
    """The address that opens `lead_id` in the Browser at `address`; the text waits in the editor until it is run.

    ConfigurationError for an id of another form or a view that no link may carry.
    """
    if not ID.fullmatch(lead_id):
        raise ConfigurationError("an id in a link consists of letters, digits, hyphens and underscores")
    query = _PARAMETER.sub(f"'{lead_id}'", _linked()[_allowed(view_id)])
    return f"{address.http}/browser/?dbms={quote(address.bolt, safe='')}&cmd=edit&arg={quote(query, safe='')}"


def with_links(
    leads: Sequence[Mapping[str, Any]], address: BrowserAddress | None, active_build: str | None
) -> list[dict[str, Any]]:
    """Copies of `leads`, with `links.browser` where the Browser shows their build: the active one only."""
    return [
        {**lead, "links": {"browser": lead_link(address, lead["id"])}}
        if address is not None and lead["build_id"] == active_build
        else dict(lead)
        for lead in leads
    ]


def _allowed(view_id: str) -> str:
    if view_id not in LINKED:
        raise ConfigurationError(f"no link carries the view {view_id}", f"known: {', '.join(LINKED)}")
    return view_id


@cache
def _linked() -> dict[str, str]:
    return {view.id: _one_argument(view) for view in load_views() if view.id in LINKED}


def _one_argument(view: ViewSpec) -> str:
    """The text of `view` as it fits into an address."""
    if view.about != "lead" or _CUT.search(view.body):
        raise ConfigurationError(
            f"the view {view.id} does not fit into a link: it is about {view.about}, or holds & or #"
        )
    return view.body.strip()
