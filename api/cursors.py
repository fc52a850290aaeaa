"""Page cursors: opaque, signed, bound to one build and to the filters they were made for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class CursorError(ValueError):
    """Not a cursor that this service made."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page sequence stands: its build, the rank of the last lead shown, and what it filters by."""

    build_id: str
    rank: int
    filters: str


def filters_digest(key: bytes, filters: Mapping[str, Any]) -> str:
    """A short keyed digest of filters and order: equal exactly when these are, and telling nothing about them."""
    text = json.dumps(dict(filters), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, b"filters\x00" + text.encode(), hashlib.sha256).hexdigest()[:32]


def encode(key: bytes, cursor: Cursor) -> str:
    """`cursor` as url-safe text with a signature."""
    content = json.dumps([cursor.build_id, cursor.rank, cursor.filters], separators=(",", ":"))
    body = _text(content.encode())
    return f"{body}.{_signature(key, body)}"


def decode(key: bytes, text: str) -> Cursor:
    """The cursor behind `text`; CursorError unless it was signed with `key` and not altered since."""
    body, _, signature = text.partition(".")
    # The signature covers the text, not what it decodes to: base64 has several spellings of the same bytes.
    if not hmac.compare_digest(signature.encode(), _signature(key, body).encode()):
        raise CursorError("altered, or made elsewhere")
    try:
        build_id, rank, filters = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, ValueError) as error:
        raise CursorError("signed, but of another form") from error
    return Cursor(build_id, rank, filters)


def _signature(key: bytes, body: str) -> str:
    return _text(hmac.new(key, b"cursor\x00" + body.encode(), hashlib.sha256).digest())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
