"""Which lead is about which ring, or about which honest group."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

LEAST_PRECISION = 0.6  # of a lead's members belong to the ring
LEAST_RECALL = 0.3  # of the ring's members are in the lead
STRICT_JACCARD = 0.5
LEAST_BENIGN_SHARE = 0.5  # of a false lead's members belong to the honest group it is attributed to

FRAGMENT = "ring_fragment"  # a false lead whose members belong to a ring, but too few of it to open a case on
FAULT = "fault:"  # before the class of the fault that a false lead rests on
CHANCE = "chance"  # a false lead that no ring and no honest group accounts for

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Match:
    """A lead against the ring it fits best."""

    ring: int  # index into the rings; -1 = shares nobody with any ring
    precision: float
    recall: float
    jaccard: float
    overlap: int

    @property
    def is_hit(self) -> bool:
        return self.precision >= LEAST_PRECISION and self.recall >= LEAST_RECALL

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when nobody is shared."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.overlap else 0.0

    @property
    def is_strict_hit(self) -> bool:
        return self.jaccard >= STRICT_JACCARD


@dataclass(frozen=True, slots=True)
class _Members:
    persons: frozenset[Key]
    everyone: frozenset[Key]


def _members(group: dict[str, Any]) -> _Members:
    everyone = frozenset((m["type"], m["id"]) for m in group["members"])
    return _Members(frozenset(k for k in everyone if k[0] == "person"), everyone)


class Matcher:
    """Matches leads with the rings and honest groups of one truth."""

    def __init__(self, truth: dict[str, Any]) -> None:
        self.rings = [_members(ring) for ring in truth["rings"]]
        self.benign = [_members(group).everyone for group in truth["benign"]]
        self.classes = [str(group["class"]) for group in truth["benign"]]
        self._rings_of: dict[Key, list[int]] = {}
        for number, ring in enumerate(self.rings):
            for key in ring.everyone:
                self._rings_of.setdefault(key, []).append(number)
        self._groups_of: dict[Key, list[int]] = {}
        for number, group in enumerate(self.benign):
            for key in group:
                self._groups_of.setdefault(key, []).append(number)
        self._fault_of: dict[Key, str] = {}
        for fault in truth.get("faults", []):
            for key in sorted(_members(fault).everyone):
                self._fault_of.setdefault(key, str(fault["class"]))

    def match(self, lead: dict[str, Any]) -> Match:
        """The ring that fits best: by Jaccard over persons, over all members where lead or ring has no persons."""
        mine = _members(lead)
        near = sorted({number for key in mine.everyone for number in self._rings_of.get(key, [])})
        best = Match(-1, 0.0, 0.0, 0.0, 0)
        for number in near:
            ring = self.rings[number]
            by_person = bool(mine.persons and ring.persons)
            ours, theirs = (mine.persons, ring.persons) if by_person else (mine.everyone, ring.everyone)
            shared = len(ours & theirs)
            if shared:
                found = Match(number, shared / len(ours), shared / len(theirs), shared / len(ours | theirs), shared)
                best = max(best, found, key=lambda m: (m.is_hit, m.jaccard, -m.ring))
        return best

    def false_class(self, lead: dict[str, Any], match: Match) -> str:
        """What a false lead is about: too little of a ring, the honest group that holds half of it, a fault, or chance.

        A fault accounts for it when half of its sites, or of its persons, are those of faults; the commonest counts.
        """
        if match.precision >= LEAST_PRECISION:
            return FRAGMENT
        mine = _members(lead)
        basis = mine.persons or mine.everyone
        shared = Counter(number for key in basis for number in self._groups_of.get(key, []))
        best, best_key = CHANCE, (LEAST_BENIGN_SHARE, 0.0)
        for number in sorted(shared):
            held = shared[number] / len(basis)
            key = (held, shared[number] / len(basis | self.benign[number]))
            if held >= LEAST_BENIGN_SHARE and key > best_key:
                best, best_key = self.classes[number], key
        return best if best != CHANCE else self._fault(mine)

    def _fault(self, mine: _Members) -> str:
        sites = {key for key in mine.everyone if key[0] in ("institution", "pharmacy")}
        for side in (sites, mine.persons):
            classes = Counter(self._fault_of[key] for key in sorted(side) if key in self._fault_of)
            if classes and classes.total() >= LEAST_BENIGN_SHARE * len(side):
                return FAULT + min(classes, key=lambda name: (-classes[name], name))
        return CHANCE

    def roles(self, lead: dict[str, Any], ring: dict[str, Any]) -> tuple[int, int]:
        """Members shared with the ring whose role agrees, and all shared members."""
        mine = {(m["type"], m["id"]): m.get("role") for m in lead["members"]}
        theirs = {(m["type"], m["id"]): m.get("role") for m in ring["members"]}
        shared = mine.keys() & theirs.keys()
        return sum(mine[key] == theirs[key] for key in shared), len(shared)
