"""What Neo4j Browser fetches from this service: guide, style and favourites. They hold no data and are open to all.

A page of the Browser comes from another origin, so it asks first whether it may (a CORS preflight); only the Browser
that shows this service's graph is told yes.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from api.deps import BrowserDep
from api.models import NoQuery
from api.problems import Problem
from api.routes.errors import problems
from graphaudit.browser import guide, pack, style
from graphaudit.browser.address import BrowserAddress

PREFIX = "/v1/browser"
PATHS = ("guide.html", "guide.en.html", "style.grass", "favourites.zip")

router = APIRouter(prefix=PREFIX, tags=["browser"])

NoParameters = Annotated[NoQuery, Query()]
Origin = Annotated[str | None, Header(include_in_schema=False)]

#: What the Browser sends along with a request for a guide.
_SENT_ALONG = "pragma, cache-control"


def _page(media_type: str, description: str) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {media_type: {}}, "description": description}, **problems(422)}


@router.get("/guide.html", response_class=Response, responses=_page("text/html", "The guide in Chinese."))
def guide_zh(_query: NoParameters, request: Request, browser: BrowserDep, origin: Origin = None) -> Response:
    """The investigator's guide in Chinese, for `:play` in Neo4j Browser."""
    return _answer(guide("zh", str(request.base_url)), "text/html", browser, origin)


@router.get("/guide.en.html", response_class=Response, responses=_page("text/html", "The guide in English."))
def guide_en(_query: NoParameters, request: Request, browser: BrowserDep, origin: Origin = None) -> Response:
    """The investigator's guide in English, for `:play` in Neo4j Browser."""
    return _answer(guide("en", str(request.base_url)), "text/html", browser, origin)


@router.get("/style.grass", response_class=Response, responses=_page("text/plain", "A style sheet for graphs."))
def grass(_query: NoParameters, browser: BrowserDep, origin: Origin = None) -> Response:
    """Colours, sizes and captions, for `:style` in Neo4j Browser."""
    return _answer(style(), "text/plain", browser, origin)


@router.get("/favourites.zip", response_class=Response, responses=_page("application/zip", "Favourites in folders."))
def favourites(_query: NoParameters, browser: BrowserDep, origin: Origin = None) -> Response:
    """Every view as a favourite, to be dropped onto Neo4j Browser."""
    answer = _answer(pack(), "application/zip", browser, origin)
    answer.headers["Content-Disposition"] = 'attachment; filename="favourites.zip"'
    return answer


def preflight(_query: NoParameters, browser: BrowserDep, origin: Origin = None) -> Response:
    """Whether a page of that origin may ask."""
    if not _is_ours(browser, origin):
        raise Problem(403, "forbidden", "Only the Neo4j Browser of this service's graph may ask from another origin.")
    return _answer(
        b"",
        None,
        browser,
        origin,
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET",
            "Access-Control-Allow-Headers": _SENT_ALONG,
            "Access-Control-Max-Age": "600",
        },
    )


for _path in PATHS:
    router.add_api_route(f"/{_path}", preflight, methods=["OPTIONS"], include_in_schema=False, response_class=Response)


def _answer(
    content: str | bytes,
    media_type: str | None,
    browser: BrowserAddress | None,
    origin: str | None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    answer = Response(content, status_code=status, media_type=media_type, headers=headers)
    answer.headers["Vary"] = "Origin"
    if origin is not None and _is_ours(browser, origin):
        answer.headers["Access-Control-Allow-Origin"] = origin
    return answer


def _is_ours(browser: BrowserAddress | None, origin: str | None) -> bool:
    return browser is not None and origin in browser.origins
