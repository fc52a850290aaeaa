"""What one detector alone finds again and again is a habit of the city: an innocent cause of such leads (多见).

An exact rule compares a group with nothing. Phones and accounts that many households share, hands that take two steps
of a case: where many unrelated groups show one of these and nothing else, a village's clerk, an outreach clinic or a
short-staffed office stands behind most of them. A test compares with chance, and people who go together do not do so by
chance: where one kind of test finds many groups in which no other sees anything, they are companions, not rings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import duckdb

from graphaudit.findings import BenignCause, Text
from graphaudit.leads.fuse import Fused

CAUSE = "found_often"

#: So many leads of one exact rule alone, and of one test alone, are no habit, however small the city …
RULES, TESTS = 3, 6
#: … and in a large one this many times the number for every insured person.
A_PERSON = 4e-5
#: Share of the evidence that is explained where there are twice as many, or more: the group stays, far below the rest.
EXPLAINS = 0.65
#: A test whose p-value is larger stands by no rule: it may be what the rule's own persons do together.
STANDS_BY = 1e-4


def causes(
    tables: duckdb.DuckDBPyConnection, groups: Sequence[Fused], listed: Sequence[bool]
) -> list[BenignCause | None]:
    """For each of `groups`, how far the number of its like explains it; only `listed` groups are counted.

    Groups that only exact rules found count for each of these, and the rarest speaks for them. Of the others, those
    count that a single detector found.
    """
    row = tables.execute("SELECT count(*) FROM persons").fetchone()
    city = max(1.0, A_PERSON * (int(row[0]) if row else 0))
    kinds = [_kinds(group) if shown else () for group, shown in zip(groups, listed, strict=True)]
    often = Counter(kind for held in kinds for kind in held)
    result: list[BenignCause | None] = []
    for group, held in zip(groups, kinds, strict=True):
        few = city * (RULES if _by_rules(group) else TESTS)
        result.append(_cause(min(often[kind] for kind in held), few) if held else None)
    return result


def _by_rules(group: Fused) -> bool:
    return all(finding.p_value is None or finding.p_value > STANDS_BY for finding in group.findings) and any(
        finding.p_value is None for finding in group.findings
    )


def _kinds(group: Fused) -> tuple[tuple[str, bool], ...]:
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
