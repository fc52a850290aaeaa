"""Findings about the same people or money become one lead, and only over shared persons, cards or settlements.

A handler, a doctor or an institution alone never joins two findings: else the city becomes one lead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphaudit.findings import Finding, Member

#: Two findings are one lead when their sets overlap by more than this Jaccard share …
JACCARD = 0.5
#: … or when this share of the smaller one lies inside the other (fragments of one group).
INSIDE = 0.5
#: … but more persons than this, and three times as many as the other has, are a crowd that several groups may lie in.
CROWD = 60
#: Members weaker than this share of the median strength of their kind are left out as bystanders.
WEAK = 0.4
#: Cards kept by others are what meeting suggests of any group; what was bought, from whom, says more. Of findings about
#: the same people, one of these patterns names the lead when it has this share of the strongest one's evidence.
TELLING = frozenset({"drug_resale", "doctor_pharmacy"})
TELLING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Fused:
    """The findings of one lead, strongest first, with members united and weak ones pruned."""

    findings: tuple[Finding, ...]
    members: tuple[Member, ...]
    settlements: tuple[int, ...]

    @property
    def pattern(self) -> str:
        """What the lead is about: the pattern of its strongest finding, unless that is about meeting only."""
        strongest = self.findings[0]
        if strongest.pattern == "hoarded_cards":
            enough = TELLING_SHARE * evidence(strongest)
            for finding in self.findings[1:]:
                if finding.pattern in TELLING and evidence(finding) >= enough:
                    return finding.pattern
        return strongest.pattern


def fuse(findings: Sequence[Finding]) -> list[Fused]:
    """Group `findings` into leads; the result does not depend on their order."""
    groups = [[finding] for finding in sorted(findings, key=_order)]
    while True:
        joined = _joined(groups)
        if len(joined) == len(groups):
            return [_unite(group) for group in groups]
        groups = joined


def _joined(groups: list[list[Finding]]) -> list[list[Finding]]:
    """One round: groups whose people or money overlap become one; what has grown is compared in the next round."""
    keys = [_keys(group) for group in groups]
    parent = list(range(len(groups)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for what in ("persons", "cards", "settlements"):
        for a, b in _overlapping([key[what] for key in keys]):
            ra, rb = root(a), root(b)
            if ra != rb and not _is_crowd(keys[a]["persons"], keys[b]["persons"]):
                parent[max(ra, rb)] = min(ra, rb)
    united: dict[int, list[Finding]] = defaultdict(list)
    for index, group in enumerate(groups):
        united[root(index)] += group
    return [sorted(group, key=_order) for _, group in sorted(united.items())]


def _is_crowd(a: frozenset[int], b: frozenset[int]) -> bool:
    smaller, larger = sorted((len(a), len(b)))
    return larger > CROWD and 0 < 3 * smaller < larger


def evidence(finding: Finding) -> float:
    """Sum of value × weight over a finding's signals."""
    return sum(signal.value * signal.weight for signal in finding.signals)


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.detector, finding.kind, finding.settlements, finding.members)


def _keys(group: list[Finding]) -> dict[str, frozenset[int]]:
    return {
        "persons": frozenset(m.no for finding in group for m in finding.members if m.kind == "person"),
        "cards": frozenset(m.no for finding in group for m in finding.members if m.kind == "card"),
        "settlements": frozenset(no for finding in group for no in finding.settlements),
    }


def _overlapping(sets: Sequence[frozenset[int]]) -> Iterable[tuple[int, int]]:
    """Index pairs whose sets belong together, found through shared elements only."""
    holders: dict[int, list[int]] = defaultdict(list)
    for index, members in enumerate(sets):
        for member in members:
            holders[member].append(index)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for indices in holders.values():
        for i, a in enumerate(indices):
            for b in indices[i + 1 :]:
                shared[a, b] += 1
    for (a, b), count in sorted(shared.items()):
        smaller = min(len(sets[a]), len(sets[b]))
        union = len(sets[a]) + len(sets[b]) - count
        if count / union > JACCARD or count >= INSIDE * smaller:
            yield a, b


def _unite(group: list[Finding]) -> Fused:
    strongest: dict[tuple[str, int], Member] = {}
    for finding in group:
        for member in finding.members:
            key = (member.kind, member.no)
            known = strongest.get(key)
            if known is None or (member.strength, known.role) > (known.strength, member.role):
                strongest[key] = member
    kept = _prune(list(strongest.values()))
    settlements = sorted({no for finding in group for no in finding.settlements})
    by_evidence = sorted(group, key=lambda f: (-evidence(f), *_order(f)))
    return Fused(tuple(by_evidence), tuple(kept), tuple(settlements))


def _prune(members: list[Member]) -> list[Member]:
    """Leave out persons far below the median strength; other kinds are few and stay."""
    strengths = sorted(m.strength for m in members if m.kind == "person")
    floor = WEAK * strengths[len(strengths) // 2] if strengths else 0.0
    kept = [m for m in members if m.kind != "person" or m.strength >= floor]
    return sorted(kept, key=lambda m: (m.kind, -m.strength, m.no))
