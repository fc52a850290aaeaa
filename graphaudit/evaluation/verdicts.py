"""What each lead of a ranked list is: a hit, a further lead on a found ring, or false."""

from __future__ import annotations

from collections.abc import Sequence

from graphaudit.evaluation.matching import Match

HIT, DUPLICATE, FALSE = "hit", "duplicate", "false"


def verdicts_of(matches: Sequence[Match], *, strict: bool = False) -> list[str]:
    """Hit, duplicate (of a ring found higher up) or false, in order of rank."""
    found: set[int] = set()
    verdicts = []
    for match in matches:
        if not (match.is_strict_hit if strict else match.is_hit):
            verdicts.append(FALSE)
        elif match.ring in found:
            verdicts.append(DUPLICATE)
        else:
            found.add(match.ring)
            verdicts.append(HIT)
    return verdicts


def average_precision(verdicts: Sequence[str], rings: int) -> float | None:
    """Mean over all rings of the precision at the place of their hit, 0 for rings never hit; None without rings."""
    hits = [number for number, verdict in enumerate(verdicts, start=1) if verdict == HIT]
    return sum((n + 1) / place for n, place in enumerate(hits)) / rings if rings else None
