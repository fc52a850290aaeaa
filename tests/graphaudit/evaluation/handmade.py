"""Leads and rings in as few words as a test needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Other = tuple[str, str, str]


def members(persons: Sequence[str], role: str = "member", others: Sequence[Other] = ()) -> list[dict[str, str]]:
    """Persons in one role, then others as (type, id, role)."""
    everyone = [("person", person, role) for person in persons]
    return [{"type": kind, "id": name, "role": part} for kind, name, part in [*everyone, *others]]


def ring(
    name: str,
    pattern: str,
    persons: Sequence[str],
    *,
    others: Sequence[Other] = (),
    amount: float = 0.0,
    settlements: Sequence[str] = (),
) -> dict[str, Any]:
    """A ring of the truth."""
    return {
        "id": name,
        "pattern": pattern,
        "members": members(persons, others=others),
        "settlements": list(settlements),
        "amount": amount,
    }


def lead(
    rank: int,
    persons: Sequence[str],
    *,
    role: str = "member",
    others: Sequence[Other] = (),
    pattern: str = "",
    q_value: float | None = None,
    settlements: Sequence[str] = (),
) -> dict[str, Any]:
    """A lead with what an evaluation reads."""
    return {
        "rank": rank,
        "pattern": pattern,
        "members": members(persons, role, others),
        "q_value": q_value,
        "evidence": [{"kind": "co_swipe_session", "settlements": list(settlements)}],
    }
