"""Each pattern by itself: its rings whoever found them, and its own leads on its own rings."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from graphaudit.evaluation.matching import Match, Matcher
from graphaudit.evaluation.verdicts import DUPLICATE, FALSE, HIT, average_precision, verdicts_of

#: What a pattern's lead is when it hits a ring of another pattern: of use to whoever opens it, but wrongly named.
OTHER_RING = "other_ring"


def by_pattern(
    leads: Sequence[dict[str, Any]],
    matches: Sequence[Match],
    truth: dict[str, Any],
    matcher: Matcher,
    ks: Sequence[int],
) -> dict[str, dict[str, Any]]:
    """Figures of every pattern that a ring has or a lead names, by its name.

    `found`, `recall`, `member_f1`, `role_accuracy` and `money` are about the pattern's rings, whatever the lead on
    them is called. `leads`, `hits`, `precision`, `at` and `average_precision` are about the leads that name the
    pattern, as a list of their own, of which only the pattern's rings are hits.
    """
    rings = truth["rings"]
    named = {str(lead.get("pattern")) for lead in leads if lead.get("pattern")}
    verdicts = verdicts_of(matches)
    first = {m.ring: (lead, m) for lead, m, v in zip(leads, matches, verdicts, strict=True) if v == HIT}
    figures = {}
    for name in sorted({ring["pattern"] for ring in rings} | named):
        numbers = [number for number, ring in enumerate(rings) if ring["pattern"] == name]
        hits = [first[number] for number in numbers if number in first]
        roles = [matcher.roles(lead, rings[match.ring]) for lead, match in hits]
        figures[name] = {
            "rings": len(numbers),
            "found": len(hits),
            "recall": share(len(hits), len(numbers)),
            "member_f1": fmean(match.f1 for _, match in hits) if hits else None,
            "role_accuracy": share(sum(agree for agree, _ in roles), sum(shared for _, shared in roles)),
            "money": share(sum(rings[m.ring]["amount"] for _, m in hits), sum(rings[n]["amount"] for n in numbers)),
            **_own_list(name, leads, matches, numbers, ks),
        }
    return figures


def _own_list(
    name: str, leads: Sequence[dict[str, Any]], matches: Sequence[Match], numbers: Sequence[int], ks: Sequence[int]
) -> dict[str, Any]:
    own = [match for lead, match in zip(leads, matches, strict=True) if lead.get("pattern") == name]
    verdicts = [
        OTHER_RING if verdict != FALSE and match.ring not in numbers else verdict
        for match, verdict in zip(own, verdicts_of(own), strict=True)
    ]
    hits = verdicts.count(HIT)
    return {
        "leads": len(own),
        "hits": hits,
        "duplicates": verdicts.count(DUPLICATE),
        "other_rings": verdicts.count(OTHER_RING),
        "false": verdicts.count(FALSE),
        "precision": share(hits, len(own)),
        "at": {
            str(k): {"precision": verdicts[:k].count(HIT) / k, "ceiling": min(1.0, len(numbers) / k)}
            for k in sorted(ks)
        },
        "average_precision": average_precision(verdicts, len(numbers)),
    }


def share(part: float, whole: float) -> float | None:
    """`part` of `whole`; None where there is nothing to share."""
    return part / whole if whole else None
