"""Confirmed leads of earlier builds, by the numbers that a build gives to their persons."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from graphaudit.builds.view import ConfirmedCase

#: Members, as (type, id as the graph shows it), by lead.
Cases = Mapping[str, frozenset[tuple[str, str]]]


def numbered_cases(tables: duckdb.DuckDBPyConnection, cases: Cases) -> tuple[ConfirmedCase, ...]:
    """The cases of which this build knows somebody, by lead; ids made with another site key are unknown to it."""
    pairs = sorted({(lead, member) for lead, held in cases.items() for kind, member in held if kind == "person"})
    if not pairs:
        return ()
    rows = tables.execute(
        """
        SELECT w.lead_id, list(p.person_no ORDER BY p.person_no)
        FROM (SELECT unnest($leads::VARCHAR[]) AS lead_id, unnest($persons::VARCHAR[]) AS person_id) AS w
        JOIN persons AS p USING (person_id)
        GROUP BY w.lead_id
        """,
        {"leads": [lead for lead, _ in pairs], "persons": [person for _, person in pairs]},
    ).fetchall()
    return tuple(sorted(ConfirmedCase(lead, tuple(persons)) for lead, persons in rows))
