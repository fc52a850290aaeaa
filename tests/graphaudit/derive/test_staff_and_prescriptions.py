"""Handler clientele, prescriptions filled at one pharmacy, swipes, terminals and which settlements become nodes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from graphaudit.derive import DERIVED
from graphaudit.derive.run import read_sql
from graphaudit.errors import ConfigurationError

MONTH = datetime(2026, 3, 1)


def cases(clients: int, others: int):
    """Three handlers of one office; handler 0 always enters the cases of the first `clients` persons."""
    rows = []
    for person in range(clients + others):
        for month in range(4):
            handler = 0 if person < clients else (person + month) % 3
            rows.append((person, handler, month))
    return [
        {
            "case_no": number,
            "case_id": f"C{number}",
            "person_no": person,
            "accepted_by": handler,
            "accepted_at": MONTH + timedelta(days=31 * month + 3),
            "reason": "03",
            "source_file": "x",
            "source_line": number,
        }
        for number, (person, handler, month) in enumerate(rows)
    ]


def test_a_handler_s_own_clients_stand_out_against_the_office(city):
    handlers = [{"handler_no": n, "handler_id": f"A{n}", "kind": "agency", "office": "O1"} for n in range(3)]
    connection = city([{}], manual_cases=cases(5, 60), handlers=handlers)
    rows = connection.execute("SELECT handler_no, person_no, share, office_share, llr FROM serves").fetchall()
    own = [r for r in rows if r[1] < 5]
    rest = [r for r in rows if r[1] >= 5]
    assert {r[2] for r in own} == {1.0}
    assert all(r[3] < 0.5 for r in own)
    assert min(r[4] for r in own) > max(r[4] for r in rest)


def test_a_specialist_window_is_the_office_s_habit(city):
    handlers = [{"handler_no": n, "handler_id": f"A{n}", "kind": "agency", "office": "O1"} for n in range(3)]
    special = [{**case, "accepted_by": 2, "reason": "05"} for case in cases(0, 40)]
    connection = city([{}], manual_cases=special, handlers=handlers)
    assert connection.execute("SELECT max(llr) FROM serves").fetchone()[0] < 0.5


def steered(patients: int, purchases: int):
    rows = []
    for person in range(patients):
        for n in range(purchases):
            day = datetime(2026, 1, 5) + timedelta(days=9 * n + person % 5)
            rows.append({"person_no": person, "doctor_no": 0, "at": day.replace(hour=9).isoformat()})
            rows.append({"person_no": person, "site_no": 9, "kind": "pharmacy", "at": day.replace(hour=11).isoformat()})
    return rows


def ordinary(first: int, patients: int):
    """Patients of doctors 1–4 of the same institution, who buy at their own usual pharmacy, one of 5–8."""
    rows = []
    for person in range(first, first + patients):
        for n in range(4):
            day = datetime(2026, 1, 6) + timedelta(days=11 * n + person % 7)
            rows.append({"person_no": person, "doctor_no": 1 + person % 4, "at": day.replace(hour=9).isoformat()})
            rows.append(
                {
                    "person_no": person,
                    "site_no": 5 + person // 4 % 4,
                    "kind": "pharmacy",
                    "at": day.replace(hour=11).isoformat(),
                }
            )
    return rows


def test_prescriptions_steered_to_one_pharmacy_stand_out(city):
    sites = [{"site_no": n, "kind": "pharmacy"} for n in range(5, 10)]
    connection = city(steered(12, 3) + ordinary(100, 80), sites=sites)
    rows = connection.execute("SELECT doctor_no, site_no, persons, llr FROM filled_at ORDER BY llr DESC").fetchall()
    assert rows[0][:3] == (0, 9, 12)
    assert rows[0][3] > 20
    assert connection.execute("SELECT DISTINCT doctor_no, site_no FROM filled_by").fetchall() == [(0, 9)]


def test_the_pharmacy_next_door_serves_all_doctors_alike(city):
    everybody = [{**row, "site_no": 5} if row.get("kind") == "pharmacy" else row for row in ordinary(100, 80)]
    connection = city(everybody, sites=[{"site_no": 5, "kind": "pharmacy"}])
    assert connection.execute("SELECT max(llr) FROM filled_at").fetchone()[0] < 2
    assert connection.execute("SELECT count(*) FROM filled_by").fetchone()[0] == 0


def test_next_swipe_joins_different_persons_within_ten_minutes(city):
    connection = city(
        [
            {"person_no": 0, "at": "2026-03-04T09:00:00"},
            {"person_no": 1, "at": "2026-03-04T09:09:59"},
            {"person_no": 1, "at": "2026-03-04T09:11:00"},
            {"person_no": 2, "at": "2026-03-04T09:30:00"},
        ]
    )
    assert connection.execute("SELECT from_no, to_no, gap_seconds FROM next_swipe").fetchall() == [(0, 1, 599)]


def test_a_settlement_is_on_the_terminal_its_operator_signed_in_at(city):
    sign_ins = [
        {
            "sign_in_id": "a", "site_no": 0, "handler_no": 3, "terminal_no": 8,
            "from_at": datetime(2026, 3, 4, 8), "until_at": datetime(2026, 3, 4, 12),
        },
    ]  # fmt: skip
    connection = city(
        [
            {"handler_no": 3, "at": "2026-03-04T09:00:00"},
            {"handler_no": 3, "at": "2026-03-04T13:00:00"},
            {"handler_no": 4, "at": "2026-03-04T09:00:00"},
        ],
        sign_ins=sign_ins,
    )
    assert connection.execute("SELECT * FROM settlement_terminals").fetchall() == [(0, 8)]


@pytest.mark.parametrize(("setting", "kept"), [("all", 3), ("recent", 2), ("touched", 1)])
def test_which_settlements_become_nodes_is_a_setting(city, setting, kept):
    connection = city(
        [
            {"at": "2026-01-01T09:00:00"},
            {"at": "2026-01-02T09:00:00", "is_manual": True},
            {"at": "2026-08-01T09:00:00"},
        ],
        graph_settlements=setting,
    )
    assert connection.execute("SELECT count(*) FROM graph_settlements").fetchone()[0] == kept


def test_an_unknown_setting_is_refused(whole_city):
    with pytest.raises(ConfigurationError, match="graph_settlements"):
        whole_city([{}], graph_settlements="some")


@pytest.mark.parametrize("table", [t.name for t in DERIVED])
def test_every_derived_table_is_written_as_declared(city, table):
    connection = city([{}, {"person_no": 1}])
    declared = next(t for t in DERIVED if t.name == table)
    columns = [(row[0], row[1]) for row in connection.execute(f'DESCRIBE "{table}"').fetchall()]
    assert columns == [(c.name, c.kind) for c in declared.columns]


def test_every_step_says_what_it_is_for():
    for table in DERIVED:
        name = {"graph_settlements": "graph_settlements_all", "capped_cells": "crowded_cells"}.get(
            table.name, table.name
        )
        assert read_sql(name).startswith("-- ")
