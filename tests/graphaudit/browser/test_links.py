"""Links into Neo4j Browser: a view of our own with one id in it, and nothing else."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphaudit.browser import BrowserAddress, lead_link, with_links
from graphaudit.browser.links import LINKED
from graphaudit.errors import ConfigurationError
from graphaudit.queries import load_views

ADDRESS = BrowserAddress("http://127.0.0.1:7474", "bolt://127.0.0.1:7687")
VIEWS = {view.id: view for view in load_views()}


def as_the_browser_reads_it(url: str) -> dict[str, list[str]]:
    """Parts of an address in the way of Neo4j Browser: `cmd` as it stands, `arg` after the whole was decoded."""
    decoded = unquote(url.replace("+", " "), errors="strict")
    return {
        "dbms": [unquote(value) for value in re.findall(r"[?&]dbms=([^&#]*)", url)],
        "cmd": re.findall(r"[?&]cmd=([^&#]*)", url),
        "arg": re.findall(r"[?&]arg=([^&#]*)", decoded),
    }


@pytest.mark.parametrize("view", LINKED)
@given(lead_id=st.from_regex(r"L-[0-9A-Za-z][0-9A-Za-z_-]{0,60}", fullmatch=True))
def test_the_browser_finds_the_whole_query_with_the_id_in_it(view: str, lead_id: str) -> None:
    url = lead_link(ADDRESS, lead_id, view)
    assert url.startswith("http://127.0.0.1:7474/browser/?")
    assert url.isascii()
    read = as_the_browser_reads_it(url)
    assert read["dbms"] == [ADDRESS.bolt]
    assert read["cmd"] == ["edit"]
    assert read["arg"] == [VIEWS[view].body.strip().replace("$lead", f"'{lead_id}'")]
    assert f"lead_id: '{lead_id}'" in read["arg"][0]


@given(st.text(max_size=80).filter(lambda text: not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text)))
def test_an_id_of_another_form_makes_no_link(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        lead_link(ADDRESS, text)
    assert not text or text not in str(caught.value).replace("an id in a link consists of letters", "")


@pytest.mark.parametrize(
    "text", ["", "L-1'", "L-1'}) DETACH DELETE l //", "L 1", "L-1\n", "L&arg=x", "L#", "L%27", "线索", "x" * 65]
)
def test_an_id_that_would_change_the_query_makes_no_link(text: str) -> None:
    with pytest.raises(ConfigurationError):
        lead_link(ADDRESS, text)


@pytest.mark.parametrize("view", ["person_in_time", "leads_in_order", "made_up", ""])
def test_a_link_carries_no_other_view(view: str) -> None:
    with pytest.raises(ConfigurationError, match="no link carries"):
        lead_link(ADDRESS, "L-1", view)


def test_leads_of_the_build_that_is_shown_are_linked_and_no_others() -> None:
    leads: list[dict[str, Any]] = [{"id": "L-1", "build_id": "B2"}, {"id": "L-2", "build_id": "B1"}]
    linked = with_links(leads, ADDRESS, "B2")
    assert linked == [{**leads[0], "links": {"browser": lead_link(ADDRESS, "L-1")}}, leads[1]]
    assert "links" not in leads[0]
    assert with_links(leads, ADDRESS, None) == leads
    assert with_links(leads, None, "B2") == leads
