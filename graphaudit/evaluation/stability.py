"""How much of a ranked list is still there a build later: the same leads, in about the same order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Persistence of the reader in rank-biased overlap: nine in ten who read a lead read the next one too.
PERSISTENCE = 0.9
TOP = 20

#: Two leads of different builds are the same when their members overlap by this Jaccard share.
SAME = 0.5


def matched(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[tuple[int, int]]:
    """Which lead of `before` is which of `after`, as places (from 0), each used once, the closest pairs first.

    Compared over persons (over all members where either names none), since ids are minted by a published build and
    two builds that know nothing of each other mint different ones.
    """
    mine, theirs = [_members(lead) for lead in before], [_members(lead) for lead in after]
    pairs = []
    for one, (persons, everyone) in enumerate(mine):
        for other, (other_persons, other_everyone) in enumerate(theirs):
            a, b = (persons, other_persons) if persons and other_persons else (everyone, other_everyone)
            shared = len(a & b)
            if shared and shared / len(a | b) >= SAME:
                pairs.append((-shared / len(a | b), one, other))
    taken_before: set[int] = set()
    taken_after: set[int] = set()
    chosen = []
    for _, one, other in sorted(pairs):
        if one not in taken_before and other not in taken_after:
            taken_before.add(one)
            taken_after.add(other)
            chosen.append((one, other))
    return sorted(chosen)


def _members(lead: dict[str, Any]) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    everyone = frozenset((m["type"], m["id"]) for m in lead["members"])
    return frozenset(key for key in everyone if key[0] == "person"), everyone


def stability(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], *, top: int = TOP, p: float = PERSISTENCE
) -> dict[str, Any]:
    """Compare two lists in rank order: rank-biased overlap, and the Jaccard share of their first `top` leads.

    `gone` and `new` count leads of the first `top` before that are nowhere in the list after, and the reverse.
    """
    same = matched(before, after)
    old = [f"before-{place}" for place in range(len(before))]
    for one, other in same:
        old[one] = f"after-{other}"
    new = [f"after-{place}" for place in range(len(after))]
    first_old, first_new = set(old[:top]), set(new[:top])
    both = first_old | first_new
    return {
        "rbo": rank_biased_overlap(old, new, p),
        "jaccard": len(first_old & first_new) / len(both) if both else 1.0,
        "gone": len(first_old - set(new)),
        "new": len(first_new - set(old)),
    }


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], p: float = PERSISTENCE) -> float:
    """Extrapolated rank-biased overlap of two rankings without ties, in [0, 1] (Webber, Moffat & Zobel 2010, eq. 32).

    >>> rank_biased_overlap(["a", "b"], ["a", "b"])
    1.0
    >>> rank_biased_overlap(["a"], ["b"])
    0.0
    """
    short, long = sorted((list(one), list(other)), key=len)
    s, l = len(short), len(long)  # noqa: E741 - the names of the paper
    if not s:
        return 1.0 if not l else 0.0
    overlap, at_s, total = 0, 0, 0.0
    seen_short: set[str] = set()
    seen_long: set[str] = set()
    for depth in range(1, l + 1):
        seen_long.add(long[depth - 1])
        overlap += long[depth - 1] in seen_short
        if depth <= s:
            seen_short.add(short[depth - 1])
            overlap += short[depth - 1] in seen_long
            at_s = overlap
        agreement = overlap / depth
        if depth > s:
            agreement += at_s * (depth - s) / (s * depth)
        total += agreement * p**depth
    rest = (overlap - at_s) / l + at_s / s
    return min((1 - p) / p * total + rest * p**l, 1.0)
