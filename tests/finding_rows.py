"""Whose settlements a finding lists: of the persons it names, or of as many others as it says."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from graphaudit.findings import Finding


def assert_rows_are_of_whom_they_should_be(findings: Iterable[Finding], tables: duckdb.DuckDBPyConnection) -> None:
    """Whoever checks a finding row by row meets nobody of whom it does not speak, and misses nobody whom it names."""
    for finding in findings:
        if not finding.persons:
            continue
        rows = tables.execute(
            "SELECT DISTINCT person_no FROM settlements WHERE settlement_no IN (SELECT unnest(?::INTEGER[]))",
            [list(finding.settlements)],
        ).fetchall()
        of = {person for (person,) in rows}
        others = finding.values.get("other_persons", 0)
        assert len(of - finding.persons) == others, finding
        assert finding.persons <= of, finding
        assert finding.values["persons"] == len(finding.persons), finding
        assert not others or f"{others} person" in finding.text.en, finding
