"""Findings about the same people or money become one lead, and only over shared persons, cards or settlements.

A handler, a doctor or an institution alone never joins two findings: else the city becomes one lead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphaudit.findings import Finding, Member
from graphaudit.leads.naming import pattern_of, with_roles

#: Two findings are one lead when their sets overlap by more than this Jaccard share …
JACCARD = 0.5
#: … or when this share of the smaller one lies inside the other: fragments of one group, told by the same pattern …
INSIDE = 0.5
#: … or seen from two sides. More is asked for here: what lies between two rings would make one lead of both.
INSIDE_OTHER = 2 / 3
#: … but more persons than this, and so many times as many as the other has, are a crowd that several groups may lie in.
CROWD, FAR_MORE = 60, 3
#: One detector finds two groups when less than this share of the smaller one's persons is in both, and tells that they
#: are one by a finding that holds so many persons of either. Where more do the former, two groups stay two.
APART, TOGETHER = 0.2, 2
#: A finding about fewer persons tells of a card or a couple, not where a group ends.
LEAST_GROUP = 3
#: Findings of these detectors go by one recruiter's contact. Two that share TOGETHER persons, and this share of the
#: smaller one's, have them from one another: strangers' patients would meet in neither.
OF_RECRUITERS, SHARED_PATIENTS = frozenset({"shared_contact_stays"}), APART
#: Whom so many detectors find in one lead is left out of another in which one of several detectors alone names them.
AT_HOME = 2
#: A pattern is that of a group when its findings hold this share of the group's persons: a small finding that lies in
#: two groups makes no fragments of them.
CARRIED = 0.5
#: Members weaker than this share of the median strength of their kind are left out as bystanders.
WEAK = 0.4
#: Patterns whose findings know everybody concerned, for all of them saw the doctor: a finding that tells of something
#: else names nobody new …
KNOWN_BY_NAME = frozenset({"doctor_pharmacy"})
#: … unless this share of its persons is known from the other findings.
CONFIRMED = 0.6
#: What these detectors tell holds for whoever an employer, a village, a handler or an outlet has: where other findings
#: name a group, one of them names nobody new unless CONFIRMED of its persons are known from those, and it joins no two
#: groups of which the others know different persons.
CLIENTELE = frozenset(
    {"organisation_outings", "same_handler_enters_and_reviews", "moved_buyers", "payees_of_one_handler"}
)


#: People and money of a group: numbers of its persons, cards and settlements.
_Keys = dict[str, frozenset[int]]


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
            elsewhere = _at_home(groups)
            return [_unite(group, elsewhere - _at_home([group])) for group in groups]
        groups = joined


def _joined(groups: list[list[Finding]]) -> list[list[Finding]]:
    """One round: groups whose people or money overlap become one, those most alike first.

    What has grown is held against the others as it is by then: what is like a part only must not bring two rings
    together.
    """
    keys = [_keys(group) for group in groups]
    parent = list(range(len(groups)))
    united = {index: list(group) for index, group in enumerate(groups)}
    carried = [_carried(group, held) for group, held in zip(groups, keys, strict=True)]

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in _most_alike_first(keys):
        one, other = sorted((root(a), root(b)))
        if one == other:
            continue
        least = INSIDE if carried[one] & carried[other] else INSIDE_OTHER
        held = united[one], united[other]
        alike = _are_one(keys[one], keys[other], least) or _share_patients(*held)
        if alike and not _told_apart(*held) and not _swallowed(*held) and not _bridged(*held):
            parent[other] = one
            united[one] += united.pop(other)
            keys[one] = {what: keys[one][what] | keys[other][what] for what in keys[one]}
            carried[one] = _carried(united[one], keys[one])
    return [sorted(group, key=_order) for _, group in sorted(united.items())]


def _are_one(a: _Keys, b: _Keys, least: float) -> bool:
    """Whether two groups overlap so much that they are one: much alike, or `least` of the smaller inside the other."""
    if _is_crowd(a["persons"], b["persons"]):
        return False
    # what somebody settles who is not named, as one to whom a pack was sold again, does not make a member of others
    others = bool(a["persons"] and b["persons"]) and a["persons"].isdisjoint(b["persons"])
    for what in a:
        shared = len(a[what] & b[what])
        if not shared:
            continue
        union = len(a[what]) + len(b[what]) - shared
        if shared > JACCARD * union or (not others and shared >= least * min(len(a[what]), len(b[what]))):
            return True
    return False


def _share_patients(a: list[Finding], b: list[Finding]) -> bool:
    """Whether recruiters of `a` and `b` name the same persons, more of them than two recruiters would by luck."""
    one, other = (_persons(finding for finding in group if finding.detector in OF_RECRUITERS) for group in (a, b))
    shared = len(one & other)
    return shared >= TOGETHER and shared >= SHARED_PATIENTS * min(len(one), len(other))


def _told_apart(a: list[Finding], b: list[Finding]) -> bool:
    """Whether more detectors find two groups in `a` and `b` than find persons of both together."""
    in_a, in_b = _by_detector(a), _by_detector(b)
    apart = {
        detector
        for detector in in_a.keys() & in_b.keys()
        if len(in_a[detector] & in_b[detector]) < APART * min(len(in_a[detector]), len(in_b[detector]))
    }
    if not apart:
        return False
    one = frozenset[int]().union(*(in_a[detector] for detector in apart))
    other = frozenset[int]().union(*(in_b[detector] for detector in apart))
    together = {
        finding.detector
        for finding in (*a, *b)
        if min(len(finding.persons & (one - other)), len(finding.persons & (other - one))) >= TOGETHER
    }
    return len(apart - together) > len(together)


def _swallowed(a: list[Finding], b: list[Finding]) -> bool:
    """Whether one of `a` and `b`, which several detectors tell, would be lost among far more whom one alone names."""
    told, loose = sorted((_by_detector(a), _by_detector(b)), key=len, reverse=True)
    if len(told) < AT_HOME or len(loose) != 1:
        return False
    named = frozenset[int]().union(*told.values())
    return FAR_MORE * len(named) < len(*loose.values())


def _bridged(a: list[Finding], b: list[Finding]) -> bool:
    """Whether `a` and `b` meet in a clientele alone, and what else tells of them tells of different persons."""
    if all(finding.detector not in CLIENTELE for finding in (*a, *b)):
        return False
    one, other = _firm(a), _firm(b)
    smaller = min(len(one), len(other))
    return smaller >= LEAST_GROUP and len(one & other) < APART * smaller


def _firm(group: list[Finding]) -> frozenset[int]:
    """Persons whom the findings of a group name that are not about a clientele."""
    return _persons(finding for finding in group if finding.detector not in CLIENTELE)


def _persons(findings: Iterable[Finding]) -> frozenset[int]:
    """Everybody whom one of `findings` names."""
    return frozenset[int]().union(*(finding.persons for finding in findings))


def _by_detector(group: list[Finding]) -> dict[str, frozenset[int]]:
    """Persons in the findings of each detector that are about a group."""
    persons: dict[str, frozenset[int]] = {}
    for finding in group:
        if len(finding.persons) >= LEAST_GROUP:
            persons[finding.detector] = persons.get(finding.detector, frozenset()) | finding.persons
    return persons


def _carried(group: list[Finding], keys: _Keys) -> set[str]:
    """The patterns whose findings hold CARRIED of the persons of `group`."""
    held: dict[str, set[int]] = defaultdict(set)
    for finding in group:
        held[finding.pattern] |= finding.persons
    return {pattern for pattern, persons in held.items() if len(persons) >= CARRIED * len(keys["persons"])}


def _is_crowd(a: frozenset[int], b: frozenset[int]) -> bool:
    smaller, larger = sorted((len(a), len(b)))
    return larger > CROWD and 0 < FAR_MORE * smaller < larger


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.detector, finding.kind, finding.settlements, finding.members)


def _keys(group: list[Finding]) -> _Keys:
    return {
        "persons": _persons(group),
        "cards": frozenset(m.no for finding in group for m in finding.members if m.kind == "card"),
        "settlements": frozenset(no for finding in group for no in finding.settlements),
    }


def _most_alike_first(keys: Sequence[_Keys]) -> list[tuple[int, int]]:
    """Index pairs that share people or money, by the largest Jaccard share of any of them."""
    alike: dict[tuple[int, int], float] = {}
    for what in keys[0] if keys else ():
        sets = [key[what] for key in keys]
        holders: dict[int, list[int]] = defaultdict(list)
        for index, members in enumerate(sets):
            for member in members:
                holders[member].append(index)
        shared: dict[tuple[int, int], int] = defaultdict(int)
        for indices in holders.values():
            for i, a in enumerate(indices):
                for b in indices[i + 1 :]:
                    shared[a, b] += 1
        for (a, b), count in shared.items():
            share = count / (len(sets[a]) + len(sets[b]) - count)
            alike[a, b] = max(alike.get((a, b), 0.0), share)
    return sorted(alike, key=lambda pair: (-alike[pair], pair))


def _at_home(groups: Sequence[list[Finding]]) -> frozenset[int]:
    """Persons whom two detectors or more find in one and the same of `groups`."""
    return frozenset(
        no
        for group in groups
        for no, count in Counter(no for persons in _by_detector(group).values() for no in persons).items()
        if count >= AT_HOME
    )


def _unite(group: list[Finding], elsewhere: frozenset[int]) -> Fused:
    """The lead of `group`; persons at home `elsewhere` are left out of what two detectors or more tell."""
    by_evidence = sorted(group, key=lambda f: (-f.evidence, *_order(f)))
    left_out = _of_clientele(group)
    if len(_by_detector(group)) >= AT_HOME:
        left_out |= elsewhere
    everybody = [m for m in _strongest(group) if m.kind != "person" or m.no not in left_out]
    kept = _prune(everybody)
    pattern = pattern_of(by_evidence, kept)
    if pattern in KNOWN_BY_NAME:
        named = _named(group, pattern)
        kept = _prune([m for m in everybody if m.kind != "person" or m.no in named])
    settlements = sorted({no for finding in group for no in finding.settlements})
    return Fused(pattern, tuple(by_evidence), tuple(with_roles(pattern, by_evidence, kept)), tuple(settlements))


def _of_clientele(group: list[Finding]) -> frozenset[int]:
    """Persons whom findings about a clientele alone name, where less than CONFIRMED of it is known from the others."""
    firm = _firm(group)
    if len(firm) < LEAST_GROUP:
        return frozenset()
    told = [finding for finding in group if finding.detector in CLIENTELE]
    trusted = [finding for finding in told if len(finding.persons & firm) >= CONFIRMED * len(finding.persons)]
    return _persons(told) - _persons(trusted) - firm


def _strongest(group: list[Finding]) -> list[Member]:
    """Everybody a finding names, as firmly as any of them does."""
    strongest: dict[tuple[str, int], Member] = {}
    for finding in group:
        for member in finding.members:
            key = (member.kind, member.no)
            known = strongest.get(key)
            if known is None or (member.strength, known.role) > (known.strength, member.role):
                strongest[key] = member
    return list(strongest.values())


def _named(group: list[Finding], pattern: str) -> set[int]:
    """Persons whom a finding of `pattern` names, or one whose persons the other findings confirm."""
    named: set[int] = set()
    for finding in group:
        known = _persons(other for other in group if other is not finding)
        own = finding.persons
        trusted = finding.pattern == pattern or len(own & known) >= CONFIRMED * len(own)
        named |= own if trusted else own & known
    return named


def _prune(members: list[Member]) -> list[Member]:
    """Leave out persons far below the median strength; other kinds are few and stay."""
    strengths = sorted(m.strength for m in members if m.kind == "person")
    floor = WEAK * strengths[len(strengths) // 2] if strengths else 0.0
    kept = [m for m in members if m.kind != "person" or m.strength >= floor]
    return sorted(kept, key=lambda m: (m.kind, -m.strength, m.no))
