"""A store URL is taken apart, or refused with the form it should have."""

from __future__ import annotations

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.stores import Neo4jOptions, open_store
from graphaudit.stores.neo4j_store.address import Address, read_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("neo4j://host", Address("neo4j://host:7687")),
        ("bolt://127.0.0.1:17687", Address("bolt://127.0.0.1:17687")),
        ("neo4j+s://reader@graph.example:7688", Address("neo4j+s://graph.example:7688", "reader")),
        ("bolt://[::1]:7687/audit", Address("bolt://[::1]:7687", database="audit")),
        ("neo4j://a%40b@host", Address("neo4j://host:7687", "a@b")),
    ],
)
def test_user_host_port_and_database_are_found(url: str, address: Address) -> None:
    assert read_address(url) == address


@pytest.mark.parametrize(
    "url", ["neo4j://", "neo4j://:7687", "neo4j://host:port", "neo4j://host:99999", "bolt://h?x=1"]
)
def test_what_is_no_address_is_refused_with_the_form(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_address(url)
    assert "neo4j://USER@HOST:7687" in caught.value.hint


def test_a_password_does_not_belong_into_the_url_and_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="contains a password") as caught:
        read_address("neo4j://user:s3cret-word@host")
    assert "s3cret-word" not in str(caught.value)


def test_options_do_not_show_the_password() -> None:
    assert "s3cret-word" not in repr(Neo4jOptions(password="s3cret-word"))


def test_a_store_without_a_password_says_where_it_is_looked_for() -> None:
    store = open_store("neo4j://127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="no password") as caught:
        store.open("b1")
    assert "GRAPHAUDIT_NEO4J_PASSWORD" in caught.value.hint
    store.close()
