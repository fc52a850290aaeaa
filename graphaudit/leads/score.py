"""The score of a lead: a documented sum of contributions, squeezed into [0, 1) without saturating.

E = Σ value × weight over the distinct signals (the largest of each name, so that one reason seen twice is not
counted twice); the nearest innocent cause, which explains a share b of E, leaves R = E·(1 − b)²: what it explains is
gone, and what is left tells less once an innocent group stands before us; score = R / (R + HALF). R is unbounded and
the map is strictly increasing, so more evidence never ties with less. No pattern fills the top by its sheer number:
of the leads of one pattern, those beyond the first CROWDED keep a share of R that falls with their place. A lead with a
quota is placed below the others (graphaudit.leads.quota): a contribution takes off what its place does not show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from graphaudit.findings import BenignCause, Finding, Signal
from graphaudit.leads.own_medicines import BY_PURCHASES

#: Residual evidence at which a lead scores one half: roughly ten nats, odds of e^10 against chance alone.
HALF = 10.0

#: From this share on the nearest innocent cause explains the evidence better than collusion does.
BETTER_EXPLAINED = 0.5

#: Causes that explain less are not worth a line.
LEAST_WEIGHT = 0.05

#: So many leads of one pattern stand by their evidence alone; the next ones compete with all other patterns' leads too.
CROWDED = 8

#: The contribution of a lead with a quota that makes its evidence what its place below the tested leads shows of it.
BELOW_TESTED = "place_below_tested_leads"


@dataclass(frozen=True, slots=True)
class Scored:
    """Score in [0, 1), the signals that made it, and the innocent causes weighed, nearest first.

    `explained` is the share that the nearest cause explains, `kept` what the number of leads of the pattern leaves,
    `hidden` the evidence that the place of a lead with a quota does not show (negative where it shows more).
    """

    score: float
    signals: tuple[Signal, ...]
    benign: tuple[BenignCause, ...]
    explained: float
    kept: float = 1.0
    hidden: float = 0.0

    def placed(self, score: float) -> Scored:
        """The same evidence under the `score` of its place, which the contributions then sum to."""
        return replace(self, score=score, hidden=self.residual - HALF * score / (1.0 - score))

    @property
    def is_innocent(self) -> bool:
        """Whether an innocent cause explains the evidence better than collusion does."""
        return self.explained >= BETTER_EXPLAINED

    @property
    def residual(self) -> float:
        """R: the evidence that the nearest innocent cause leaves, and the share of it that is kept, shown or not."""
        return max(self._unexplained, 0.0) * self.kept

    @property
    def _unexplained(self) -> float:
        total = sum(round(s.value, 4) * round(s.weight, 4) for s in self.signals)
        return total * (1.0 - self.explained) ** 2

    @property
    def contributions(self) -> list[dict[str, float | str]]:
        """Every contribution; Σ value × weight is the evidence behind the score: R less what is hidden."""
        rows: list[dict[str, float | str]] = [
            {"signal": s.name, "value": round(s.value, 4), "weight": round(s.weight, 4)} for s in self.signals
        ]
        total = sum(round(s.value, 4) * round(s.weight, 4) for s in self.signals)
        if self.explained > 0:
            cause = self.benign[0].cause
            taken = 1.0 - (1.0 - self.explained) ** 2
            rows.append({"signal": f"explained_by_{cause}", "value": round(-total, 4), "weight": round(taken, 6)})
        if self.kept < 1.0:
            left = round(-self._unexplained, 4)
            rows.append({"signal": "many_of_this_pattern", "value": left, "weight": round(1.0 - self.kept, 6)})
        if self.hidden:
            rows.append({"signal": BELOW_TESTED, "value": round(-self.hidden, 4), "weight": 1.0})
        return rows


def score(findings: Sequence[Finding], own: BenignCause | None = None, whole: BenignCause | None = None) -> Scored:
    """Score the findings of one lead together; `own` is how far all its purchases are the members' own medicines.

    `whole` is an innocent cause of the lead as it stands, whatever its findings are about.
    """
    signals: dict[str, Signal] = {}
    for finding in findings:
        for signal in finding.signals:
            known = signals.get(signal.name)
            if known is None or signal.value * signal.weight > known.value * known.weight:
                signals[signal.name] = signal
    chosen = sorted(signals.values(), key=lambda s: (-s.value * s.weight, s.name))
    benign = nearest(findings, own)
    if whole is not None:
        benign = tuple(sorted((*benign, whole), key=lambda c: (-c.weight, c.cause)))
    explained = round(benign[0].weight, 4) if benign else 0.0
    return _with_score(Scored(0.0, tuple(chosen), benign, explained))


def _with_score(scored: Scored) -> Scored:
    return replace(scored, score=round(scored.residual / (scored.residual + HALF), 6))


def uncrowded(scored: Sequence[Scored], patterns: Sequence[str], least_score: float) -> list[Scored]:
    """`scored` again, the n-th best lead of a pattern, n > CROWDED, keeping √(CROWDED / n) of what makes it a lead.

    That is the evidence beyond what `least_score` asks for: no lead is lost for its pattern's being common.
    """
    result = list(scored)
    places: Counter[str] = Counter()
    least = HALF * least_score / (1.0 - least_score)
    for index in sorted(range(len(result)), key=lambda i: (-result[i].score, i)):
        places[patterns[index]] += 1
        place, each = places[patterns[index]], result[index]
        if place > CROWDED and each.residual > least:
            left = least + (each.residual - least) * math.sqrt(CROWDED / place)
            # rounded up, so that nothing falls below the least score
            result[index] = _with_score(replace(each, kept=math.ceil(left / each.residual * 1e6) / 1e6))
    return result


def nearest(findings: Sequence[Finding], own: BenignCause | None = None) -> tuple[BenignCause, ...]:
    """Innocent causes, nearest first.

    A cause explains a lead only as far as it explains each of its findings: its weight is averaged over the
    findings with their evidence, so that a household does not excuse a shared payee account.
    """
    weights: dict[str, float] = {}
    texts: dict[str, BenignCause] = {}
    total = 0.0
    for finding in findings:
        strength = max(finding.evidence, 1e-9)
        total += strength
        for cause in _weighed(finding, own):
            weights[cause.cause] = weights.get(cause.cause, 0.0) + strength * min(max(cause.weight, 0.0), 1.0)
            if cause.cause not in texts or cause.weight > texts[cause.cause].weight:
                texts[cause.cause] = cause
    causes = [BenignCause(name, weight / total, texts[name].text) for name, weight in weights.items()]
    return tuple(sorted(causes, key=lambda c: (-c.weight, c.cause)))


def _weighed(finding: Finding, own: BenignCause | None) -> list[BenignCause]:
    """The causes of `finding`; about purchases, those of the whole lead tell what is the members' own.

    What a detector picks by its being foreign to the members shows little of that, and so does a small part.
    """
    if finding.pattern not in BY_PURCHASES or own is None:
        return list(finding.benign)
    others = [cause for cause in finding.benign if cause.cause != own.cause]
    return [*others, own] if own.weight >= LEAST_WEIGHT else others


def combine_p(p_values: Iterable[float]) -> float | None:
    """Cauchy combination of p-values (Liu & Xie 2020); None when there are none.

    Valid under broad dependence, which findings about the same people have.
    """
    # a p-value of 1 would outweigh any number of small ones: the term goes to minus infinity there
    values = [min(max(p, 1e-300), 0.99) for p in p_values]
    if not values:
        return None
    # for small p, tan((0.5 − p)·π) ≈ 1/(p·π) keeps precision that the subtraction would lose
    terms = [1.0 / (p * math.pi) if p < 1e-8 else math.tan((0.5 - p) * math.pi) for p in values]
    mean = sum(terms) / len(terms)
    if mean > 1e8:
        return 1.0 / (mean * math.pi)
    return 0.5 - math.atan(mean) / math.pi


def q_values(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini–Hochberg q-values of the leads that have a p-value; None stays None."""
    tested = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    result: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    for place in range(len(tested), 0, -1):
        p, index = tested[place - 1]
        smallest = min(smallest, p * len(tested) / place)
        result[index] = smallest
    return result
