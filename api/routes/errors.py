"""How OpenAPI describes the errors that every guarded address may answer."""

from __future__ import annotations

from typing import Any

from api.models import ProblemOut
from api.problems import MEDIA_TYPE

_WHAT = {
    400: "The cursor or the request does not fit.",
    401: "No valid API key.",
    403: "The key lacks a scope.",
    404: "No such lead or build.",
    410: "The build behind a cursor is no longer kept: start again without a cursor.",
    413: "Too large a body.",
    414: "Too long an address.",
    422: "A parameter is unknown, repeated, missing or out of range.",
    501: "This server was started without access to source ids.",
    503: "The registry does not answer, or no build is published.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` argument for these statuses."""
    return {status: {"model": ProblemOut, "description": _WHAT[status]} for status in statuses}


def with_problem_media_type(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI `document` with every error as problem+json: the framework would describe it as plain JSON."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and "application/json" in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
    return document
