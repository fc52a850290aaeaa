"""Findings about the same people or money become one lead, and only over shared persons, cards or settlements.

A handler, a doctor or an institution alone never joins two findings: else the city becomes one lead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphaudit.findings import Finding, Member
from graphaudit.leads.naming import pattern_of, with_roles

#: Two findings are one lead when their sets overlap by more than this Jaccard share …
JACCARD = 0.5
#: … or when this share of the smaller one lies inside the other: fragments of one group, told by the same pattern …
INSIDE = 0.5
#: … or seen from two sides. More is asked for here: what lies between two rings would make one lead of both.
INSIDE_OTHER = 0.75
#: … but more persons than this, and three times as many as the other has, are a crowd that several groups may lie in.
CROWD = 60
#: Members weaker than this share of the median strength of their kind are left out as bystanders.
WEAK = 0.4


@dataclass(frozen=True, slots=True)
class Fused:
    """The findings of one lead, strongest first, with members united and weak ones pruned; `pattern` names it."""

    pattern: str
    findings: tuple[Finding, ...]
    members: tuple[Member, ...]
    settlements: tuple[int, ...]


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
    patterns = [{finding.pattern for finding in group} for group in groups]
    parent = list(range(len(groups)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for what in ("persons", "cards", "settlements"):
        for a, b, inside in _overlapping([key[what] for key in keys]):
            ra, rb = root(a), root(b)
            enough = inside >= (INSIDE if patterns[a] & patterns[b] else INSIDE_OTHER)
            if enough and ra != rb and not _is_crowd(keys[a]["persons"], keys[b]["persons"]):
                parent[max(ra, rb)] = min(ra, rb)
    united: dict[int, list[Finding]] = defaultdict(list)
    for index, group in enumerate(groups):
        united[root(index)] += group
    return [sorted(group, key=_order) for _, group in sorted(united.items())]


def _is_crowd(a: frozenset[int], b: frozenset[int]) -> bool:
    smaller, larger = sorted((len(a), len(b)))
    return larger > CROWD and 0 < 3 * smaller < larger


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.detector, finding.kind, finding.settlements, finding.members)


def _keys(group: list[Finding]) -> dict[str, frozenset[int]]:
    return {
        "persons": frozenset[int]().union(*(finding.persons for finding in group)),
        "cards": frozenset(m.no for finding in group for m in finding.members if m.kind == "card"),
        "settlements": frozenset(no for finding in group for no in finding.settlements),
    }


def _overlapping(sets: Sequence[frozenset[int]]) -> Iterable[tuple[int, int, float]]:
    """Index pairs whose sets share elements, with the share of the smaller inside the other; 1 for sets much alike."""
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
        yield a, b, 1.0 if count / union > JACCARD else count / smaller


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
    by_evidence = sorted(group, key=lambda f: (-f.evidence, *_order(f)))
    pattern = pattern_of(by_evidence, kept)
    return Fused(pattern, tuple(by_evidence), tuple(with_roles(pattern, by_evidence, kept)), tuple(settlements))


def _prune(members: list[Member]) -> list[Member]:
    """Leave out persons far below the median strength; other kinds are few and stay."""
    strengths = sorted(m.strength for m in members if m.kind == "person")
    floor = WEAK * strengths[len(strengths) // 2] if strengths else 0.0
    kept = [m for m in members if m.kind != "person" or m.strength >= floor]
    return sorted(kept, key=lambda m: (m.kind, -m.strength, m.no))
