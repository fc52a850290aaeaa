"""What is counted about the findings of a pattern, and what the registers say that would make them innocent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from detectors import innocence, many_houses, next_door, ordinary_fills, passed_desks
from detectors.groups import fill_group_members, read_sql, settlements_of
from detectors.pattern_rows import Candidate
from graphaudit.findings import BenignCause
from graphaudit.leads.score import LEAST_WEIGHT

#: Tested relationship -> table, its two number columns, and the kinds of members at its ends.
_ENDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "CLASHES_AT": (("person",), ("institution", "pharmacy")),
    "FILLED_AT": (("doctor",), ("pharmacy",)),
    "SERVES": (("handler",), ("person",)),
    "CO_PRESENT": (("person",), ("person",)),
}

#: Innocent causes that the settlements of a candidate show: their name, what is measured for all candidates by their
#: place, and the cause from what was measured of one.
_OF_SETTLEMENTS: tuple[tuple[str, Callable[..., Mapping[int, tuple[Any, ...]]], Callable[..., BenignCause]], ...] = (
    (next_door.CAUSE, next_door.measured, next_door.next_door),
    (ordinary_fills.CAUSE, ordinary_fills.measured, ordinary_fills.ordinary_fills),
    (many_houses.CAUSE, many_houses.measured, many_houses.many_houses),
    (passed_desks.CAUSE, passed_desks.measured, passed_desks.passed_desks),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts by name (COUNTED), summed log-likelihood ratios by relationship in nats, innocent causes nearest first.

    `other_persons` counts the persons of the settlements who are no members.
    """

    counts: dict[str, int]
    tested: dict[str, float]
    benign: tuple[BenignCause, ...]
    other_persons: int = 0


def measure(
    tables: duckdb.DuckDBPyConnection,
    candidates: Sequence[Candidate],
    *,
    tested: Sequence[str] = (),
    weighs: Sequence[str] = (),
    keys: bool = True,
) -> list[Measured]:
    """Measure all candidates of one query, in their order; without `keys` what is counted of shared keys is 0."""
    fill_group_members(tables, [candidate.numbers("person") for candidate in candidates])
    told = [candidate.settlements for candidate in candidates]
    try:
        with settlements_of(tables, told):
            counted = {row[0]: row[1:] for row in tables.execute(read_sql("pattern_counts")).fetchall()}
            of_keys = tables.execute(read_sql("pattern_keys")).fetchall() if keys else []
            shared = {row[0]: row[1:] for row in of_keys}
            registers = {row[0]: row[1:] for row in tables.execute(read_sql("innocence_members")).fetchall()}
    finally:
        tables.execute("DROP TABLE IF EXISTS group_members")
    sums = {name: _sums(tables, name, candidates) for name in tested}
    causes: dict[int, list[BenignCause]] = defaultdict(list)
    for name, measured, cause in _OF_SETTLEMENTS:
        if name in weighs:
            for place, held in measured(tables, told).items():
                causes[place].append(cause(*held))
    result = []
    for place, candidate in enumerate(candidates):
        settlements, days, span_days, sites, other_persons = counted.get(place, (0, 0, 0, 0, 0))
        invoices, kinds, rarity, beyond = shared.get(place, (0, 0, 0, 0))
        persons, units = registers[place][:2] if place in registers else (0, 0)
        counts = {
            "settlements": settlements,
            "persons": persons,
            "households": units,
            "days": days,
            "span_days": span_days,
            "sites": sites,
            "cards": len(candidate.numbers("card")),
            "bank_accounts": len(candidate.numbers("bank_account")),
            "phones": len(candidate.numbers("phone")),
            "invoices": invoices,
            "key_kinds": kinds,
            "key_rarity": rarity,
            "households_beyond_a_key": beyond,
        }
        benign = innocence.by_registers(registers[place], weighs) if place in registers else ()
        further = [cause for cause in causes.get(place, ()) if cause.weight >= LEAST_WEIGHT]
        benign = tuple(sorted((*benign, *further), key=lambda c: (-c.weight, c.cause)))
        result.append(Measured(counts, {name: sums[name].get(place, 0.0) for name in tested}, benign, other_persons))
    return result


def _sums(tables: duckdb.DuckDBPyConnection, name: str, candidates: Sequence[Candidate]) -> dict[int, float]:
    """Per candidate the sum of llr over the tested relationships between its members."""
    starts, ends = _ENDS[name]
    for side, kinds in (("pattern_starts", starts), ("pattern_ends", ends)):
        rows = [(place, no) for place, candidate in enumerate(candidates) for no in candidate.numbers(*kinds)]
        tables.register(side, pd.DataFrame(rows, columns=["group_no", "no"], dtype="int64"))
    try:
        return dict(tables.execute(read_sql(f"pattern_{name.lower()}")).fetchall())
    finally:
        tables.unregister("pattern_starts")
        tables.unregister("pattern_ends")
