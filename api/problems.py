"""Every error as application/problem+json (RFC 9457): what happened and the next step, never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from graphaudit.errors import GraphauditError, NotFoundError
from graphaudit.registry import RegistryError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:graphaudit:problem:"

TITLES = {
    "bad-request": "The request cannot be understood",
    "cursor-invalid": "The page cursor does not fit",
    "unauthorized": "A valid API key is needed",
    "forbidden": "The API key may not do this",
    "not-found": "There is no such thing",
    "method-not-allowed": "This address does not answer that method",
    "build-gone": "The build behind this cursor is no longer kept",
    "too-large": "The request is too large",
    "invalid-parameter": "A parameter is not acceptable",
    "not-configured": "This server was not set up for that",
    "not-ready": "The service is not ready",
    "unavailable": "The registry cannot be used at the moment",
    "internal": "Something went wrong on the server",
}
_BY_STATUS = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    414: "too-large",
    422: "invalid-parameter",
    503: "unavailable",
}


class Problem(Exception):
    """An expected failure of one request. `kind` is a key of TITLES; `detail` never holds what the caller sent."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        next_step: str = "",
        *,
        headers: dict[str, str] | None = None,
        errors: Sequence[dict[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.next_step = next_step
        self.headers = headers or {}
        self.errors = tuple(errors)


def problem_response(problem: Problem, request_id: str) -> JSONResponse:
    """`problem` as a response; the request id lets an operator find it in the log."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.kind,
        "title": TITLES[problem.kind],
        "status": problem.status,
        "detail": problem.detail,
        "request_id": request_id,
    }
    if problem.next_step:
        body["next_step"] = problem.next_step
    if problem.errors:
        body["errors"] = list(problem.errors)
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def internal_problem() -> Problem:
    """The answer to an unexpected failure; its cause is in the log only."""
    return Problem(500, "internal", "The request failed on the server.", "Tell the operator the request id.")


def install_handlers(app: FastAPI) -> None:
    """Turn what routes and the framework raise into problems."""

    def answer(request: Request, problem: Problem) -> JSONResponse:
        return problem_response(problem, str(getattr(request.state, "request_id", "")))

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = [
            {"parameter": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])}
            for item in error.errors()
        ]
        detail = "See errors for each parameter that is unknown, missing or out of range."
        return answer(
            request,
            Problem(422, "invalid-parameter", detail, "Compare with /openapi.json.", errors=found),
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        kind = _BY_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
        detail = HTTPStatus(error.status_code).description or HTTPStatus(error.status_code).phrase
        return answer(request, Problem(error.status_code, kind, detail, headers=dict(error.headers or {})))

    @app.exception_handler(NotFoundError)
    async def _absent(request: Request, error: NotFoundError) -> JSONResponse:
        return answer(request, Problem(404, "not-found", error.detail, "Ask for one that a list names."))

    @app.exception_handler(RegistryError)
    async def _registry(request: Request, error: RegistryError) -> JSONResponse:
        logger.error("registry unavailable detail=%s", error.detail)
        return answer(
            request,
            Problem(
                503, "unavailable", "The registry did not answer.", "Try again shortly.", headers={"Retry-After": "5"}
            ),
        )

    @app.exception_handler(GraphauditError)
    async def _expected(request: Request, error: GraphauditError) -> JSONResponse:
        # Details may name files and servers: those are for the log, not for a caller.
        logger.error("request failed error=%s detail=%s", type(error).__name__, error.detail)
        return answer(request, internal_problem())
