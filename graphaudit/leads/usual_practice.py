"""A rule that most of those break who could is a way of working, no ring: an innocent cause of exact rules (普遍做法).

What a statistical detector finds is compared with everybody else; an exact rule compares with nobody. Where a city's
flow, a shared account or a filler in a column makes most handlers, doctors or places break one, its findings would fill
the list and say nothing of any of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from graphaudit.findings import BenignCause, Finding, MemberKind, Text

CAUSE = "usual_practice"

#: Share of those who could break a rule from which on breaking it tells less of each, and from which on hardly a thing.
SOME, MOST = 0.3, 0.7
#: So much of the evidence is explained where most break it.
EXPLAINS = 0.9
#: Fewer are no practice, however few there are.
LEAST = 5

#: Whom a finding is about, the first of these that all findings of a detector name; and how many there are of them.
#: Handlers are counted by their kind: an operator at a counter has no part in what the agency's staff does.
_SUBJECTS: dict[MemberKind, str] = {
    "handler": """
        SELECT count(*) FROM handlers
        WHERE kind IN (SELECT kind FROM handlers WHERE handler_no IN (SELECT unnest($numbers::INTEGER[])))
    """,
    "doctor": "SELECT count(*) FROM doctors",
    "pharmacy": "SELECT count(*) FROM sites WHERE kind = 'pharmacy'",
    "institution": "SELECT count(*) FROM sites WHERE kind = 'institution'",
}


def weighed(tables: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> list[Finding]:
    """`findings` in their order, those of rules that many break with the cause added."""
    exact: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.p_value is None:
            exact[finding.detector].append(finding)
    causes = {name: cause for name, held in sorted(exact.items()) if (cause := _cause(tables, held)) is not None}
    return [
        replace(finding, benign=(*finding.benign, causes[finding.detector]))
        if finding.p_value is None and finding.detector in causes
        else finding
        for finding in findings
    ]


def _cause(tables: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> BenignCause | None:
    if len(findings) < LEAST:
        return None
    kind = next((kind for kind in _SUBJECTS if all(any(m.kind == kind for m in f.members) for f in findings)), None)
    if kind is None:
        return None
    numbers = sorted({member.no for finding in findings for member in finding.members if member.kind == kind})
    row = tables.execute(_SUBJECTS[kind], {"numbers": numbers} if kind == "handler" else {}).fetchone()
    every = int(row[0]) if row else 0
    share = len(numbers) / max(every, len(numbers))
    if len(numbers) < LEAST or share <= SOME:
        return None
    return BenignCause(
        CAUSE,
        round(EXPLAINS * min((share - SOME) / (MOST - SOME), 1.0), 4),
        Text(
            f"全市{every}个同类对象中有{len(numbers)}个如此，可能为通行做法或数据口径",
            f"{len(numbers)} of the {every} of their kind in the city do so: it may be the usual practice, or how data "
            f"are kept",
        ),
    )
