"""A Neo4j store URL taken apart: what the driver connects to, as whom."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from graphaudit.errors import ConfigurationError
from graphaudit.hosts import bracketed

USER = "neo4j"
DATABASE = "neo4j"
BOLT_PORT = 7687
FORM = "give it as neo4j://USER@HOST:7687"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is (`uri`, without user), the user, and the database in it."""

    uri: str
    user: str = USER
    database: str = DATABASE


def read_address(url: str) -> Address:
    """The address in `url`. ConfigurationError when it is not of that form, or carries a password.

    A password in a URL ends up in process lists and logs; it belongs into the environment or a file.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or BOLT_PORT
    except ValueError:
        raise ConfigurationError("the store URL has no valid host and port", FORM) from None
    if not host:
        raise ConfigurationError("the store URL names no host", FORM)
    if parts.password is not None:
        raise ConfigurationError(
            "the store URL contains a password", "take it out, and give it as GRAPHAUDIT_NEO4J_PASSWORD or in a file"
        )
    if parts.query or parts.fragment:
        raise ConfigurationError("the store URL has something after the database", f"{FORM} or …:7687/DATABASE")
    database = unquote(parts.path.strip("/")) or DATABASE
    return Address(f"{parts.scheme}://{bracketed(host)}:{port}", unquote(parts.username or USER), database)
