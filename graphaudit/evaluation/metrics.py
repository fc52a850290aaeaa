"""How good a ranked list is: precision at the top, rings found, money captured, hours wasted and on what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphaudit.evaluation.files import check_leads, check_truth
from graphaudit.evaluation.matching import Match, Matcher
from graphaudit.evaluation.pattern_figures import by_pattern, share
from graphaudit.evaluation.verdicts import DUPLICATE, FALSE, HIT, average_precision, verdicts_of

HOURS_A_LEAD = 2.0
HOURS_A_MEMBER = 0.3
SMALL_RING = 8  # persons
NOMINAL_RATE = 0.05


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _hours(lead: dict[str, Any]) -> float:
    return HOURS_A_LEAD + HOURS_A_MEMBER * len(lead["members"])


def _claims(lead: dict[str, Any]) -> bool:
    """Whether the lead says of itself that chance explains it in at most one case in twenty."""
    q_value = lead.get("q_value")
    return q_value is not None and bool(q_value <= NOMINAL_RATE)


def _at_k(
    leads: list[dict[str, Any]], verdicts: list[str], matches: list[Match], truth: dict[str, Any], k: int
) -> dict[str, Any]:
    rings = truth["rings"]
    hits = verdicts[:k].count(HIT)
    hours = sum(map(_hours, leads[:k]))
    found = {m.ring for m, v in zip(matches[:k], verdicts[:k], strict=True) if v != FALSE}
    named = {s for lead in leads[:k] for item in lead.get("evidence", []) for s in item.get("settlements", [])}
    money, all_money = sum(rings[n]["amount"] for n in found), sum(ring["amount"] for ring in rings)
    all_settlements = {s for ring in rings for s in ring["settlements"]}
    return {
        "leads": len(leads[:k]),
        "precision": hits / k,
        "ceiling": min(1.0, len(rings) / k),
        "duplicates": share(verdicts[:k].count(DUPLICATE), len(leads[:k])),
        "ring_recall": share(len(found), len(rings)),
        "money": share(money, all_money),
        "settlements_named": share(len(named & all_settlements), len(all_settlements)),
        "hours": hours,
        "hits_per_hour": share(hits, hours),
    }


def evaluate(
    leads: list[dict[str, Any]], truth: dict[str, Any], *, ks: Sequence[int] = (5, 10, 20, 50)
) -> dict[str, Any]:
    """Measure ranked leads against the truth of their city.

    A lead hits the ring it fits best when ≥ 0.6 of its persons belong to it and it names ≥ 0.3 of the ring's persons
    (all members count where one side has no persons); a second lead on a found ring is a duplicate. Shares lie in
    [0, 1] and are None where there is nothing to share; hours = 2 + 0.3 × members a lead. SourceError when leads or
    truth do not follow their contract.
    """
    leads, truth = check_leads(leads), check_truth(truth)
    rings, matcher = truth["rings"], Matcher(truth)
    matches = [matcher.match(lead) for lead in leads]
    verdicts = verdicts_of(matches)
    found = {m.ring for m, v in zip(matches, verdicts, strict=True) if v == HIT}
    hits = [(lead, m) for lead, m, v in zip(leads, matches, verdicts, strict=True) if v == HIT]
    small = [n for n, ring in enumerate(matcher.rings) if 0 < len(ring.persons) <= SMALL_RING]
    roles = [matcher.roles(lead, rings[match.ring]) for lead, match in hits]
    false = [matcher.false_class(lead, m) for lead, m, v in zip(leads, matches, verdicts, strict=True) if v == FALSE]
    claimed = [v for lead, v in zip(leads, verdicts, strict=True) if _claims(lead)]
    return {
        "leads": len(leads),
        "rings": len(rings),
        "camouflage": truth.get("camouflage"),
        "size": truth.get("size"),
        "seed": truth.get("seed"),
        "hits": verdicts.count(HIT),
        "strict_hits": verdicts_of(matches, strict=True).count(HIT),
        "duplicates": verdicts.count(DUPLICATE),
        "false": verdicts.count(FALSE),
        "duplicate_share": share(verdicts.count(DUPLICATE), len(leads)),
        "at": {str(k): _at_k(leads, verdicts, matches, truth, k) for k in sorted(ks)},
        "average_precision": average_precision(verdicts, len(rings)),
        "ring_recall": share(len(found), len(rings)),
        "small_ring_recall": share(len(found & set(small)), len(small)),
        "by_pattern": by_pattern(leads, matches, truth, matcher, ks),
        "pattern_accuracy": _mean([float(lead.get("pattern") == rings[m.ring]["pattern"]) for lead, m in hits]),
        "member_precision": _mean([m.precision for _, m in hits]),
        "member_recall": _mean([m.recall for _, m in hits]),
        "member_f1": _mean([m.f1 for _, m in hits]),
        "member_jaccard": _mean([m.jaccard for _, m in hits]),
        "role_accuracy": share(sum(agree for agree, _ in roles), sum(shared for _, shared in roles)),
        "false_by_class": dict(sorted(Counter(false).items())),
        "hours": sum(map(_hours, leads)),
        "hits_per_hour": share(verdicts.count(HIT), sum(map(_hours, leads))),
        "q_claimed": len(claimed),
        "q_false_share": share(claimed.count(FALSE), len(claimed)),
        "verdicts": [
            {
                "rank": lead["rank"],
                "pattern": lead.get("pattern"),
                "score": lead.get("score"),
                "q_value": lead.get("q_value"),
                "verdict": v,
                "ring": rings[m.ring]["id"] if m.ring >= 0 and v != FALSE else None,
            }
            for lead, v, m in zip(leads, verdicts, matches, strict=True)
        ],
    }
