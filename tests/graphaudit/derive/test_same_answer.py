"""The same records give the same derived tables to the last bit, whatever the order of rows or the threads."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from graphaudit.derive import derive
from graphaudit.derive import run as derivation
from graphaudit.derive.tables import DERIVED
from graphaudit.records import TABLES
from tests.city_builder import fill, settlement

START = datetime(2026, 1, 1)
PERSONS, SITES, DOCTORS, HANDLERS = 60, 6, 5, 4


def rows() -> dict[str, list[dict[str, Any]]]:
    """A busy city in which much happens at the same moment: clocks show whole hours."""
    random = np.random.default_rng(11)
    moments = [START + timedelta(days=int(d), hours=int(h)) for d, h in random.integers((0, 8), (150, 18), (6000, 2))]
    settlements = []
    for number, moment in enumerate(moments):
        site = int(random.integers(SITES))
        lying = number % 40 == 0
        settlements.append(
            settlement(
                number,
                person_no=int(random.integers(PERSONS)),
                site_no=site,
                card_no=int(random.integers(PERSONS)),
                kind="inpatient" if lying else "pharmacy" if site >= SITES // 2 else "outpatient",
                doctor_no=None if site >= SITES // 2 else int(random.integers(DOCTORS)),
                handler_no=None if site == 0 else int(random.integers(HANDLERS)),
                at=moment.isoformat(),
                until=(moment + timedelta(days=6 * lying)).isoformat(),
                is_manual=number % 7 == 0,
            )
        )
    for day in random.choice(150, 14, replace=False).tolist():
        # A dozen go to doctor 0 together, some to two doctors at once, and from there to one pharmacy.
        for person in range(PERSONS, PERSONS + 12):
            visits = [(0, 0, 9), (SITES - 1, None, 10)] + ([(1, 1, 9)] if person % 2 else [])
            for site, doctor, hour in visits:
                settlements.append(
                    settlement(
                        len(settlements),
                        person_no=person,
                        site_no=site,
                        card_no=person,
                        kind="outpatient" if doctor is not None else "pharmacy",
                        doctor_no=doctor,
                        at=(START + timedelta(days=day, hours=hour)).isoformat(),
                    )
                )
    cases = [
        {
            "case_no": place,
            "settlement_no": row["settlement_no"],
            "person_no": row["person_no"],
            "accepted_by": int(random.integers(HANDLERS)),
            "accepted_at": row["settled_at"],
        }
        for place, row in enumerate(r for r in settlements if r["is_manual"])
    ]
    sign_ins = [
        {
            "site_no": int(random.integers(SITES)),
            "handler_no": int(random.integers(HANDLERS)),
            "terminal_no": int(random.integers(9)),
            "from_at": START + timedelta(days=int(random.integers(150)), hours=8),
        }
        for _ in range(900)
    ]
    return {
        "settlements": settlements,
        "persons": [{"person_no": n, "person_id": f"P-{n}", "household_no": n // 3} for n in range(PERSONS + 12)],
        "sites": [
            {
                "site_no": n,
                "site_id": f"H{n}",
                "kind": "pharmacy" if n >= SITES // 2 else "institution",
                "division": f"D{n}",
            }
            for n in range(SITES)
        ],
        "handlers": [
            {"handler_no": n, "handler_id": f"A{n}", "kind": "agency", "office": "O"} for n in range(HANDLERS)
        ],
        "manual_cases": cases,
        "sign_ins": sign_ins,
    }


def derived(out: Path, seed: int, threads: int) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of every derived table, from canonical rows in the order that `seed` makes of them."""
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    random = np.random.default_rng(seed)
    for table in TABLES:
        connection.execute(table.ddl)
    for name, given in rows().items():
        fill(connection, name, [given[place] for place in random.permutation(len(given))])
    derive(connection, out)
    found = {table.name: connection.execute(f'SELECT * FROM "{table.name}"').fetchall() for table in DERIVED}
    connection.close()
    return found


def test_neither_row_order_nor_threads_nor_shards_show_in_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = derived(tmp_path / "first", seed=1, threads=1)
    # no cell of so small a city is too crowded to be compared
    assert [table.name for table in DERIVED if not first[table.name]] == ["capped_cells"]
    monkeypatch.setattr(derivation, "SHARD_ROWS", 700)
    monkeypatch.setattr(derivation, "SHARD_PAIRS", 300)
    second = derived(tmp_path / "second", seed=2, threads=4)
    differing = [name for name, found in first.items() if found != second[name]]
    assert not differing
