"""The list of leads again, without one channel of evidence at a time: what each of them carries.

Findings are taken as the detectors made them and ranked anew, so a channel that a detector needs to make a finding
at all is not missed there: only its weight in the list is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from detectors.content import WEIGHTS
from graphaudit.builds.view import BuildView
from graphaudit.evaluation import evaluate
from graphaudit.findings import Finding
from graphaudit.leads import rank_findings
from graphaudit.leads.identities import read_identities, with_source_ids

ALL = "everything"
NO_CONTEST = "without the contest of innocent causes"
NO_CONTENT = "without all content signals"

#: Signals that compare what was bought, paid or said with the members' other visits, or with other bills.
CONTENT = frozenset((*WEIGHTS, "bills_alike", "low_severity", "several_medicines"))


def ablated(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Each ablation's name and what is left of `findings`: detectors, the contest, content, single content signals."""
    yield ALL, list(findings)
    for detector in sorted({finding.detector for finding in findings}):
        yield f"without {detector}", [finding for finding in findings if finding.detector != detector]
    yield NO_CONTEST, [replace(finding, benign=()) for finding in findings]
    yield NO_CONTENT, [_without(finding, CONTENT) for finding in findings]
    for name in sorted(CONTENT & {signal.name for finding in findings for signal in finding.signals}):
        yield f"without the signal {name}", [_without(finding, frozenset((name,))) for finding in findings]


def _without(finding: Finding, names: frozenset[str]) -> Finding:
    return replace(finding, signals=tuple(signal for signal in finding.signals if signal.name not in names))


def ablation_results(findings: Sequence[Finding], view: BuildView, truth: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of every ablation of one build; members are compared by source ids."""
    assert view.folder is not None
    results = {}
    for name, left in ablated(findings):
        leads = rank_findings(left, view)
        results[name] = evaluate(with_source_ids(leads, read_identities(view.folder, leads)), dict(truth))
    return results


def write_ablations(findings: Sequence[Finding], view: BuildView, truth_file: Path, output: Path) -> None:
    """Measure every ablation against the truth in `truth_file` and write the figures to `output`."""
    truth = json.loads(truth_file.read_text(encoding="utf-8"))
    output.write_text(json.dumps(ablation_results(findings, view, truth)), encoding="utf-8")
