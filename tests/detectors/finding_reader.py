"""Rows of a hand-made city, and what a detector says of it, in the form that tests compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np

from detectors.base import Detector, effective
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding
from tests.finding_rows import assert_rows_are_of_whom_they_should_be

Row = dict[str, Any]

START = datetime(2026, 1, 1)


def visit(person: int, day: float, hour: float, site: int, **more: Any) -> Row:
    """A visit at `hour` of the day `day` days after START."""
    return {"person_no": int(person), "site_no": int(site), "at": moment(day, hour), **more}


def moment(day: float, hour: float = 0.0) -> str:
    """ISO text of an hour of a day after START."""
    return (START + timedelta(days=int(day), hours=float(hour))).replace(microsecond=0).isoformat()


def numbered(rows: Sequence[Row]) -> list[Row]:
    """The rows with their numbers written into them, so that an order may be changed without changing who is who."""
    return [{**row, "settlement_no": number, "settlement_id": f"S{number}"} for number, row in enumerate(rows)]


def shuffled(rows: Sequence[Row], seed: int = 0) -> list[Row]:
    """The same rows in another order."""
    return [rows[at] for at in np.random.default_rng(seed).permutation(len(rows))]


def found(detector: Detector, connection: duckdb.DuckDBPyConnection, **params: Any) -> list[Finding]:
    """What `detector` finds with its own parameters, but for those given."""
    view = BuildView("B", connection, None, frozenset(), seed=7)  # type: ignore[arg-type]
    findings = list(detector.find(view, {**effective(detector.spec.params, {}), **params}))
    assert_rows_are_of_whom_they_should_be(findings, connection)
    return findings


def persons(finding: Finding) -> list[int]:
    """Numbers of the persons of a finding."""
    return [member.no for member in finding.members if member.kind == "person"]


def others(finding: Finding) -> set[tuple[str, int, str]]:
    """Members that are no persons, as (kind, number, role)."""
    return {(member.kind, member.no, member.role) for member in finding.members if member.kind != "person"}


def signals(finding: Finding) -> set[str]:
    """Names of a finding's signals."""
    return {signal.name for signal in finding.signals}


def held_by(rows: Sequence[Row], people: Sequence[int]) -> tuple[int, ...]:
    """Numbers of the rows, as `numbered` gives them, of some persons."""
    wanted = set(people)
    return tuple(number for number, row in enumerate(rows) if row["person_no"] in wanted)
