"""Numbers and keyed pseudonyms for distinct source values, in the engine and without a row in Python."""

from __future__ import annotations

from graphaudit.errors import ConfigurationError
from loaders.workspace import Workspace

_BLOCK = 64  # block size of SHA-256
SHORTEST_KEY = 16


def number_values(workspace: Workspace, view: str, sql: str, prefix: str, key: bytes) -> None:
    """Make the view `view`(value, no, id) of the distinct values that the one column of `sql` gives.

    Numbers are dense, start at 0 and follow the binary order of the values. With a `prefix` the id is
    `prefix-` and the first 24 hex digits of HMAC-SHA-256(key, prefix:value); without one it is the value.
    """
    identity, parameters = "value", {}
    if prefix:
        inner, outer = _pads(key)
        parameters = {"inner": inner, "outer": outer, "kind": f"{prefix}:"}
        identity = (
            f"""'{prefix}-' || sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode($kind || value))))[:24]"""
        )
    workspace.materialise(
        view,
        f"""SELECT value, (row_number() OVER (ORDER BY value) - 1)::INTEGER AS no, {identity} AS id
        FROM (SELECT DISTINCT value FROM ({sql}) AS found(value) WHERE value IS NOT NULL) ORDER BY value""",
        parameters,
    )


def check_key(key: bytes) -> None:
    """ConfigurationError when the site key is too short to protect anything."""
    if len(key) < SHORTEST_KEY:
        raise ConfigurationError(
            f"the site key has {len(key)} bytes; at least {SHORTEST_KEY} are needed",
            "create one with: python -c 'import secrets; print(secrets.token_hex(32))'",
        )


def _pads(key: bytes) -> tuple[bytes, bytes]:
    import hashlib

    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
