"""Groups that a simple method found, as leads that `evaluate` can score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Members = tuple[tuple[str, str, str], ...]  # type, source id, role


@dataclass(frozen=True, slots=True)
class Group:
    """One group: whom it names, under which pattern, on which settlements."""

    pattern: str
    members: Members
    settlements: tuple[str, ...] = ()
    others: Members = field(default=())

    @classmethod
    def of_persons(cls, pattern: str, persons: Iterable[str], settlements: Iterable[str] = ()) -> Group:
        """A group that is nothing but persons."""
        return cls(pattern, tuple(("person", one, "member") for one in sorted(persons)), tuple(sorted(settlements)))


def ranked(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """Leads in the order of `groups`; simple methods weigh nothing, so there is neither score nor q-value."""
    return [
        {
            "rank": rank,
            "id": f"simple-{rank}",
            "pattern": group.pattern,
            "members": [
                {"type": kind, "id": name, "role": role, "strength": 1.0}
                for kind, name, role in (*group.members, *group.others)
            ],
            "evidence": [{"kind": "rule", "settlements": list(group.settlements)}],
        }
        for rank, group in enumerate(groups, start=1)
    ]
