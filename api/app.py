"""Compose the HTTP service: settings, registry, routes, and what surrounds them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI

from api.auth import refuse_unguarded
from api.deps import ApiSettings, Reveal
from api.envelope import Envelope
from api.problems import install_handlers
from api.routes import ROUTERS
from api.routes.errors import with_problem_media_type
from graphaudit.browser.address import BrowserAddress
from graphaudit.registry import Registry

ABOUT = """Ranked, explained leads: groups whose settlements show indicators consistent with collusion, each with the
settlements behind it, for a person to check. Ids of persons are pseudonyms unless revealed for a stated reason.

排序并附说明的线索：每条线索列出所依据的结算记录，供人工核查；个人标识默认为假名。"""


class Service(FastAPI):
    """The application, which describes its errors as what they are."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = with_problem_media_type(super().openapi())
        return self.openapi_schema


def create_app(
    settings: ApiSettings,
    registry: Registry | None = None,
    identities: Reveal | None = None,
    browser: BrowserAddress | None = None,
) -> FastAPI:
    """The service as an ASGI application.

    Args:
        settings: where the registry is; read when the application starts.
        registry: an open registry to use instead; it stays the caller's to close.
        identities: turns leads of a build from graph ids to source ids; without it nothing can be revealed.
        browser: the Neo4j Browser that shows the served graph; without it leads carry no link, and no page of
            another origin may ask for the guide.

    Run it with `uvicorn.run(app, access_log=False, server_header=False)`: the service logs requests itself, without
    the query string, which may name a person.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if registry is not None:
            yield
            return
        with Registry.open(settings.registry_url) as opened:
            app.state.registry = opened
            yield
            app.state.registry = None

    # No /docs: its page would load scripts from elsewhere, which an isolated network has no way to.
    app = Service(
        title="GraphAudit",
        version=_version(),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.registry = registry
    app.state.reveal = identities
    app.state.browser = browser
    install_handlers(app)
    for router in ROUTERS:
        refuse_unguarded(router)
        app.include_router(router)
    app.add_middleware(Envelope)
    return app


def _version() -> str:
    try:
        return version("graphaudit")
    except PackageNotFoundError:
        return "0"
