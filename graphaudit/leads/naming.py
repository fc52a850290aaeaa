"""What a lead is called, and what its persons are called: the finding that says what was done names both.

That cards came together, or that they were settled through a second terminal, is true of several patterns; handlers,
doctors, invoices and beds tell which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphaudit.findings import Finding, Member

#: Patterns whose findings say that persons were together or through whom they were settled, not what for.
BY_COMPANY = frozenset({"hoarded_cards", "proxy_settlement", "unexplained"})
#: A finding that says what was done names the lead when its pattern's findings hold this share of the lead's persons.
NAMES_FROM = 0.4
#: Roles that somebody has beside what the group does; all others follow from the pattern.
OWN_ROLES = frozenset({"recruiter", "collector"})


def pattern_of(findings: Sequence[Finding], members: Sequence[Member]) -> str:
    """The pattern that names a lead made of `findings` with the (pruned) `members`."""
    persons = {m.no for m in members if m.kind == "person"}
    held: dict[str, set[int]] = {}
    told: dict[str, float] = {}
    for finding in findings:
        held.setdefault(finding.pattern, set()).update(finding.persons & persons)
        told[finding.pattern] = max(told.get(finding.pattern, 0.0), finding.evidence)
    share = {pattern: len(people) / max(len(persons), 1) for pattern, people in held.items()}
    naming = [p for p in share if p not in BY_COMPANY and (share[p] >= NAMES_FROM or not persons)]
    if naming:
        return max(sorted(naming), key=lambda p: told[p])
    # who is settled through another's second terminal comes at any time; those who come at once were gathered
    return max(sorted(share), key=lambda p: (p != "unexplained", round(share[p], 6), p == "hoarded_cards", told[p]))


def with_roles(pattern: str, findings: Sequence[Finding], members: Sequence[Member]) -> list[Member]:
    """`members` with the roles that the findings of `pattern` give; whom they do not name has the usual one."""
    given: dict[tuple[str, int], Member] = {}
    usual: Counter[str] = Counter()
    for finding in findings:
        if finding.pattern != pattern:
            continue
        for member in finding.members:
            if member.kind == "person" and member.role not in OWN_ROLES:
                usual[member.role] += 1
            known = given.get((member.kind, member.no))
            if known is None or (member.strength, known.role) > (known.strength, member.role):
                given[member.kind, member.no] = member
    common = min(usual, key=lambda role: (-usual[role], role)) if usual else None
    result = []
    for member in members:
        said = given.get((member.kind, member.no))
        role = said.role if said is not None else member.role
        if said is None and member.kind == "person" and common is not None and member.role not in OWN_ROLES:
            role = common
        result.append(Member(member.kind, member.no, role, member.strength))
    return result
