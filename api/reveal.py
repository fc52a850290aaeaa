"""Show source ids to a caller who may, for a stated reason, and never before it is on record."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from api.deps import Reveal
from api.models import Reason
from api.problems import Problem
from graphaudit.errors import GraphauditError
from graphaudit.registry import AuditEvent, Principal, Registry

logger = logging.getLogger(__name__)

SCOPE = "pii:read"
_REASON: TypeAdapter[str] = TypeAdapter(Reason)


class Revealer:
    """The rules of revealing, for one request."""

    def __init__(
        self,
        request: Request,
        registry: Registry,
        principal: Principal,
        reveal: Reveal | None,
        reason: str | None,
        reason_header: str | None,
    ) -> None:
        self._request = request
        self._registry = registry
        self._principal = principal
        self._reveal = reveal
        self._reason = reason
        self._reason_header = reason_header

    def demand(self, action: str, objects: tuple[str, ...] = ()) -> None:
        """Refuse, on record, a caller without the scope; refuse one who gives no reason."""
        if not self._principal.may(SCOPE):
            self._record(action, "", objects, (), "denied")
            raise Problem(
                403, "forbidden", f"This needs the scope {SCOPE}.", "Ask an operator for a key with that scope."
            )
        if action == "leads.reveal" and self._reveal is None:
            raise Problem(
                501,
                "not-configured",
                "This server was started without access to source ids.",
                "Ask an operator, or work with pseudonyms.",
            )
        self._reason = self._stated_reason()

    def revealed(self, action: str, build_id: str, leads: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The leads with source ids, once the record of it is on disk."""
        if self._reveal is None:
            raise Problem(501, "not-configured", "This server was started without access to source ids.")
        try:
            shown = self._reveal(build_id, leads)
        except GraphauditError as error:
            logger.error("reveal failed build=%s error=%s", build_id, type(error).__name__)
            self.note(action, build_id, leads, fields=(), result="failed")
            raise Problem(
                503, "unavailable", "The source ids of this build cannot be read.", "Tell the operator the request id."
            ) from error
        if [lead["id"] for lead in shown] != [lead["id"] for lead in leads]:
            raise GraphauditError("revealing changed which leads are shown")
        fields = {
            f"members.{after['type']}"
            for lead, original in zip(shown, leads, strict=True)
            for after, before in zip(lead["members"], original["members"], strict=True)
            if after["id"] != before["id"]
        }
        self.note(action, build_id, leads, fields=tuple(sorted(fields)))
        return shown

    def note(
        self,
        action: str,
        build_id: str,
        leads: Sequence[dict[str, Any]],
        *,
        fields: tuple[str, ...],
        objects: tuple[str, ...] = (),
        result: str = "done",
    ) -> None:
        """Write the audit record; when that fails, so does the request."""
        self._record(action, build_id, (*objects, *(lead["id"] for lead in leads)), fields, result)

    def _record(
        self, action: str, build_id: str, objects: tuple[str, ...], fields: tuple[str, ...], result: str
    ) -> None:
        client = self._request.client
        self._registry.audit(
            AuditEvent(
                actor=f"key:{self._principal.key_id}",
                action=action,
                object_ids=objects,
                fields=fields,
                reason=self._reason or "",
                result=result,
                build_id=build_id,
                request_id=str(self._request.state.request_id),
                client_ip=client.host if client is not None else "",
            )
        )

    def _stated_reason(self) -> str:
        if self._reason is not None:
            return self._reason
        try:
            return _REASON.validate_python(unquote(self._reason_header or "", errors="strict"))
        except (ValidationError, UnicodeDecodeError):
            raise Problem(
                422,
                "invalid-parameter",
                "A reason of at least five printable characters is needed, and is kept in the audit log.",
                "Send it percent-encoded as X-Reveal-Reason, or as the parameter reason.",
            ) from None
