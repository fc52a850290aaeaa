"""Where investigators reach Neo4j Browser, and the Bolt address that it is to connect to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from graphaudit.errors import ConfigurationError
from graphaudit.hosts import bracketed

HTTP_PORT = 7474
BOLT_PORT = 7687

#: A client that routes would be told the server's own address; a link names the fixed one and stays with it.
_DIRECT = {
    "neo4j": "bolt", "neo4j+s": "bolt+s", "neo4j+ssc": "bolt+ssc", "bolt": "bolt", "bolt+s": "bolt+s",
    "bolt+ssc": "bolt+ssc",
}  # fmt: skip
_LOOPBACK = ("127.0.0.1", "localhost")
_HOST = re.compile(r"[0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\]")


@dataclass(frozen=True, slots=True)
class BrowserAddress:
    """`http` is the origin that serves /browser/, `bolt` the URL it connects to; neither holds a name or a password."""

    http: str
    bolt: str

    @property
    def origins(self) -> frozenset[str]:
        """Origins under which a page of this Browser may ask for the guide; loopback has two names."""
        split = urlsplit(self.http)
        names = _LOOPBACK if split.hostname in _LOOPBACK else (bracketed(split.hostname or ""),)
        return frozenset(_origin(split.scheme, name, split.port) for name in names)


def address_of(store_url: str, browser_url: str = "") -> BrowserAddress | None:
    """The Browser that shows the graphs of the store `store_url`; None for a store that is not a Neo4j.

    `browser_url` is its http(s) address where that does not follow from the store's, as behind a proxy: Bolt is then
    reached at the same host and the store's port, encrypted where the Browser's page is. ConfigurationError for an
    address that is none.
    """
    kind, _, rest = store_url.partition(":")
    if kind == "neo4j-home":
        from graphaudit.stores.neo4j_store.pointer import client_addresses

        http, bolt = client_addresses(Path(rest))
    elif kind in _DIRECT:
        host = _host(urlsplit(store_url).hostname)
        http, bolt = f"http://{host}:{HTTP_PORT}", f"{_DIRECT[kind]}://{host}:{_port(store_url) or BOLT_PORT}"
    else:
        return None
    if not browser_url:
        return BrowserAddress(_http(http), bolt)
    seen = urlsplit(browser_url)
    scheme = "bolt+s" if seen.scheme == "https" else "bolt"
    return BrowserAddress(_http(browser_url), f"{scheme}://{_host(seen.hostname)}:{_port(bolt)}")


def _http(url: str) -> str:
    """`url` as an origin: scheme, host and port, nothing else."""
    split = urlsplit(url)
    if split.scheme not in {"http", "https"}:
        raise _no_address()
    return _origin(split.scheme, _host(split.hostname), _port(url))


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        raise _no_address() from None


def _host(name: str | None) -> str:
    host = bracketed(name or "")
    if not _HOST.fullmatch(host):
        raise _no_address()
    return host


def _origin(scheme: str, host: str, port: int | None) -> str:
    """As a web browser writes it: without the scheme's own port."""
    own = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}" if port in (None, own) else f"{scheme}://{host}:{port}"


def _no_address() -> ConfigurationError:
    return ConfigurationError(
        "the address of Neo4j Browser is not one", "it has the form http://HOST:7474, or https:// behind a proxy"
    )
