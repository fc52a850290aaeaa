"""What one detector alone finds again and again is a habit of the city: an innocent cause of such leads (多见).

An exact rule compares a group with nothing. Phones and accounts that many households share, hands that take two steps
of a case: where many unrelated groups show one of these and nothing else, a village's clerk, an outreach clinic or a
short-staffed office stands behind most of them. A test compares with chance, and people who go together do not do so by
chance: where one kind of test finds many groups in which no other sees anything, they are companions, not rings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import duckdb

from graphaudit.findings import BenignCause, Text
from graphaudit.leads.fuse import Fused

CAUSE = "found_often"

#: A detector, and whether it speaks as an exact rule.
_Kind = tuple[str, bool]

#: So many leads of one exact rule alone, and of one test alone, are no habit, however small the city …
RULES, TESTS = 3, 6
#: … and in a large one this many times the number for every insured person.
A_PERSON = 4e-5
#: Share of the evidence that is explained where there are twice as many, or more: the group stays, far below the rest.
EXPLAINS = 0.65
#: A rule's groups with at least this share of a group's evidence are its like: what stands far above the rest is not.
LIKE = 0.7
#: A test whose p-value is larger stands by no rule: it may be what the rule's own persons do together.
STANDS_BY = 1e-4


def causes(
    tables: duckdb.DuckDBPyConnection, groups: Sequence[Fused], listed: Sequence[bool]
) -> list[BenignCause | None]:
    """For each of `groups`, how far the number of its like explains it; only `listed` groups are counted.

    Groups that only exact rules found count for each of these, and the rarest speaks for them. Of the others, those
    count that a single detector found. What a rule found is held against those with as much evidence, or nearly.
    """
    row = tables.execute("SELECT count(*) FROM persons").fetchone()
    city = max(1.0, A_PERSON * (int(row[0]) if row else 0))
    kinds = [_kinds(group) if shown else () for group, shown in zip(groups, listed, strict=True)]
    evidence = [sum(finding.evidence for finding in group.findings) for group in groups]
    held: dict[_Kind, list[float]] = defaultdict(list)
    for of_group, strength in zip(kinds, evidence, strict=True):
        for kind in of_group:
            held[kind].append(strength)
    result: list[BenignCause | None] = []
    for group, of_group, strength in zip(groups, kinds, evidence, strict=True):
        few, least = (RULES, LIKE * strength) if _by_rules(group) else (TESTS, 0.0)
        like = [sum(1 for other in held[kind] if other >= least) for kind in of_group]
        result.append(_cause(min(like), city * few) if like else None)
    return result


def _by_rules(group: Fused) -> bool:
    return all(finding.p_value is None or finding.p_value > STANDS_BY for finding in group.findings) and any(
        finding.p_value is None for finding in group.findings
    )


def _kinds(group: Fused) -> tuple[_Kind, ...]:
    """What `group` counts for: the exact rules that found it where no test stands by them, or its only detector."""
    if _by_rules(group):
        rules = {finding.detector for finding in group.findings if finding.p_value is None}
        return tuple((rule, True) for rule in sorted(rules))
    tests = {finding.detector for finding in group.findings}
    return tuple((test, False) for test in tests) if len(tests) == 1 else ()


def _cause(number: int, few: float) -> BenignCause | None:
    share = min((number - few) / few, 1.0)
    if share <= 0:
        return None
    return BenignCause(
        CAUSE,
        round(EXPLAINS * share, 4),
        Text(
            f"全市有{number}组只由同一方法发现、别无佐证的同类情形，可能是当地的习惯做法",
            f"{number} groups of the city are found in the same way and in no other: it may be a habit",
        ),
    )
