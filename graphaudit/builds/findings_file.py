"""Findings on disk, so that a resumed build ranks what an earlier process found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphaudit.builds.durable import write_text
from graphaudit.findings import BenignCause, Finding, Member, Signal, Text


def write_findings(path: Path, findings: Sequence[Finding]) -> None:
    """Write `findings` in their order; equal findings give equal bytes."""
    rows = [json.dumps(asdict(finding), ensure_ascii=False, sort_keys=True) for finding in findings]
    write_text(path, "[\n" + ",\n".join(rows) + "\n]\n")


def read_findings(path: Path) -> list[Finding]:
    """The findings written to `path`, in their order."""
    return [_finding(row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(
        detector=row["detector"],
        pattern=row["pattern"],
        kind=row["kind"],
        members=tuple(Member(**member) for member in row["members"]),
        settlements=tuple(row["settlements"]),
        signals=tuple(Signal(**{**signal, "detail": Text(**signal["detail"])}) for signal in row["signals"]),
        text=Text(**row["text"]),
        p_value=row["p_value"],
        benign=tuple(BenignCause(**{**cause, "text": Text(**cause["text"])}) for cause in row["benign"]),
        would_clear=Text(**row["would_clear"]) if row["would_clear"] else None,
        legal_basis=tuple(row["legal_basis"]),
        values=row["values"],
        channel=row["channel"],
    )
