"""Where investigators reach Neo4j Browser, from the store's URL and the one setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.browser import BrowserAddress, address_of
from graphaudit.errors import ConfigurationError


@pytest.mark.parametrize(
    ("store", "browser", "http", "bolt"),
    [
        ("neo4j://graph.example:7688", "", "http://graph.example:7474", "bolt://graph.example:7688"),
        ("neo4j://reader@graph.example", "", "http://graph.example:7474", "bolt://graph.example:7687"),
        ("neo4j+s://graph.example", "", "http://graph.example:7474", "bolt+s://graph.example:7687"),
        ("bolt://[::1]:7687", "", "http://[::1]:7474", "bolt://[::1]:7687"),
        ("neo4j://neo4j@neo4j:7688", "http://127.0.0.1:7474", "http://127.0.0.1:7474", "bolt://127.0.0.1:7688"),
        ("neo4j://neo4j", "https://graph.example", "https://graph.example", "bolt+s://graph.example:7687"),
        ("neo4j://neo4j", "https://graph.example:443/browser/", "https://graph.example", "bolt+s://graph.example:7687"),
    ],
)
def test_the_browser_follows_from_the_store_unless_a_setting_says_otherwise(
    store: str, browser: str, http: str, bolt: str
) -> None:
    assert address_of(store, browser) == BrowserAddress(http, bolt)


def test_a_managed_home_is_reached_at_its_fixed_addresses_whether_it_runs_or_not(tmp_path: Path) -> None:
    store = f"neo4j-home:{tmp_path / 'neo4j'}"
    assert address_of(store) == BrowserAddress("http://127.0.0.1:7474", "bolt://127.0.0.1:7687")
    proxied = address_of(store, "https://graph.example")
    assert proxied == BrowserAddress("https://graph.example", "bolt+s://graph.example:7687")
    assert not (tmp_path / "neo4j").exists()


def test_a_store_that_is_no_neo4j_has_no_browser() -> None:
    assert address_of("ladybug:graph") is None
    assert address_of("ladybug:graph", "http://127.0.0.1:7474") is None


def test_nobody_and_no_secret_stand_in_an_address() -> None:
    address = address_of("neo4j://reader:secret@graph.example:7687")
    assert address is not None
    assert "reader" not in address.http + address.bolt
    assert "secret" not in address.http + address.bolt


@pytest.mark.parametrize(
    ("store", "browser"),
    [
        ("neo4j://", ""),
        ("neo4j://graph.example:port", ""),
        ("neo4j://graph.example:99999", ""),
        ("neo4j://graph example", ""),
        ("neo4j://graph.example", "graph.example:7474"),
        ("neo4j://graph.example", "javascript:alert(1)"),
        ("neo4j://graph.example", "http://"),
        ("neo4j://graph.example", "http://graph.example:x"),
    ],
)
def test_what_is_no_address_is_refused_with_the_form_of_one(store: str, browser: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        address_of(store, browser)
    assert "http://HOST:7474" in caught.value.hint


def test_loopback_has_two_names_and_other_hosts_one() -> None:
    assert BrowserAddress("http://localhost:7474", "").origins == {"http://127.0.0.1:7474", "http://localhost:7474"}
    assert BrowserAddress("https://graph.example", "").origins == {"https://graph.example"}
    assert BrowserAddress("http://[::1]:7474", "").origins == {"http://[::1]:7474"}
