"""What routes are given: the registry, the key that signs cursors, and the way to source ids, if there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from api.problems import Problem
from graphaudit.browser.address import BrowserAddress
from graphaudit.registry import Registry

#: (build_id, leads with graph ids) -> the same leads, in the same order, with source ids.
Reveal = Callable[[str, Sequence[dict[str, Any]]], list[dict[str, Any]]]


class ApiSettings(Protocol):
    """What the service needs to be told."""

    @property
    def registry_url(self) -> str:
        """Where the registry is: `sqlite:PATH` or `postgresql+psycopg://…`."""


def registry_of(request: Request) -> Registry:
    """The application's registry."""
    registry: Registry | None = getattr(request.app.state, "registry", None)
    if registry is None:
        raise Problem(503, "not-ready", "The service has not started yet.", "Try again shortly.")
    return registry


RegistryDep = Annotated[Registry, Depends(registry_of)]


def cursor_key_of(request: Request, registry: RegistryDep) -> bytes:
    """The key that signs page cursors: kept in the registry, so that every worker and every restart shares it."""
    key: bytes | None = getattr(request.app.state, "cursor_key", None)
    if key is None:
        key = request.app.state.cursor_key = registry.secret("cursor")
    return key


CursorKeyDep = Annotated[bytes, Depends(cursor_key_of)]


def reveal_of(request: Request) -> Reveal | None:
    """How graph ids become source ids on this server; None where it was started without."""
    reveal: Reveal | None = request.app.state.reveal
    return reveal


RevealDep = Annotated[Reveal | None, Depends(reveal_of)]


def browser_of(request: Request) -> BrowserAddress | None:
    """Where the served graph is looked at; None where it is in no Neo4j."""
    browser: BrowserAddress | None = request.app.state.browser
    return browser


BrowserDep = Annotated[BrowserAddress | None, Depends(browser_of)]
