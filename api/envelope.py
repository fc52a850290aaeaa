"""What surrounds every request: an id, size limits, security headers, one log line, and no escaped exception."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, internal_problem, problem_response

logger = logging.getLogger(__name__)

#: Nothing this service answers needs a body; the little that is let through keeps odd clients working.
MAX_BODY_BYTES = 16 * 1024
MAX_QUERY_BYTES = 4 * 1024
MAX_PATH_BYTES = 1024
REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Envelope:
    """Outermost ASGI layer. A header that a response sets itself (a page with its own policy) is left as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0

        async def send_within(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                outgoing = MutableHeaders(scope=message)
                outgoing["X-Request-ID"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    outgoing.setdefault(name, value)
            await send(message)

        try:
            _refuse_oversized(scope, headers)
            await self.app(scope, _limited(receive), send_within)
        except Problem as problem:
            await problem_response(problem, request_id)(scope, receive, send_within)
        except Exception:
            logger.exception("request failed request=%s", request_id)
            if status:  # the answer had begun: only cutting the connection tells the caller
                raise
            await problem_response(internal_problem(), request_id)(scope, receive, send_within)
        finally:
            principal = state.get("principal")
            # The query string stays out: it may name a person or give a reason.
            logger.info(
                "request method=%s path=%s status=%d ms=%.1f request=%s key=%s",
                scope["method"],
                scope["path"][:200].encode("unicode_escape").decode(),
                status,
                1000 * (perf_counter() - began),
                request_id,
                principal.key_id if principal is not None else "-",
            )


def _refuse_oversized(scope: Scope, headers: Headers) -> None:
    if len(scope["query_string"]) > MAX_QUERY_BYTES or len(scope.get("raw_path") or b"") > MAX_PATH_BYTES:
        raise Problem(414, "too-large", f"An address holds at most {MAX_PATH_BYTES} bytes of path and "
                      f"{MAX_QUERY_BYTES} of query.")  # fmt: skip
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise Problem(400, "bad-request", "Content-Length is not a number.")
    if int(length) > MAX_BODY_BYTES:
        raise _body_too_large()
    names = [name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)]
    if len(set(names)) != len(names):
        # Which of two values counts would be a guess, and filters are no place for guesses.
        raise Problem(422, "invalid-parameter", "A parameter is given more than once.", "Give each parameter once.")


def _limited(receive: Receive) -> Receive:
    seen = 0

    async def receive_within() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise _body_too_large()
        return message

    return receive_within


def _body_too_large() -> Problem:
    return Problem(413, "too-large", f"A body holds at most {MAX_BODY_BYTES} bytes.", "Send no body.")
