"""From members and settlements of manual cases to findings: counted over the tables, innocent registers weighed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from detectors import pattern_measures
from detectors.base import DetectorSpec
from detectors.chance import chance
from detectors.gathered import stated
from detectors.pattern_rows import Candidate
from graphaudit.findings import BenignCause, Finding, Signal, Text
from graphaudit.query_spec import REGISTERED


@dataclass(frozen=True, slots=True)
class Handled:
    """A group of cases: members and settlements, what speaks for it, the chance of the same by luck (None: exact rule).

    `benign` are innocent causes that only the detector can weigh, beside those of the registers.
    """

    candidate: Candidate
    signals: tuple[Signal, ...]
    log_p: float | None = None
    benign: tuple[BenignCause, ...] = ()


def handled(
    tables: duckdb.DuckDBPyConnection,
    groups: Sequence[Handled],
    spec: DetectorSpec,
    text: Text,
    *,
    least: Mapping[str, int],
    weighs: Sequence[str] = REGISTERED,
) -> Iterable[Finding]:
    """Yield a finding for each of `groups` whose counts reach `least`; `text` is filled with the counts by name.

    `weighs` names the registers whose innocent causes are held against it.
    """
    ordered = sorted(groups, key=lambda group: (group.candidate.members, group.candidate.settlements))
    if not ordered:
        return
    measured = pattern_measures.measure(tables, [group.candidate for group in ordered], weighs=weighs)
    for group, found in zip(ordered, measured, strict=True):
        if any(found.counts[name] < bound for name, bound in least.items()):
            continue
        yield Finding(
            detector=spec.id,
            pattern=spec.pattern,
            kind=spec.kind,
            members=group.candidate.members,
            settlements=group.candidate.settlements,
            signals=stated(group.signals),
            text=Text(text.zh.format(**found.counts), text.en.format(**found.counts)),
            p_value=None if group.log_p is None else chance(group.log_p),
            benign=tuple(sorted((*found.benign, *group.benign), key=lambda cause: (-cause.weight, cause.cause))),
            values={name: number for name, number in found.counts.items() if number},
        )
