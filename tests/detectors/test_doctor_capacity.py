"""More patients a day than a day has room for are found; shared codes, uploads, check-ups and courses are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.doctor_capacity import DoctorCapacity
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, visit

#: Doctors, each at the hospital of the same number, and how many new patients they see on each of the DAYS.
DOCTORS = range(14)
USUAL, MANY = 4, 40
DAYS = range(0, 60, 3)
BUSY = 2
OVER = (3, 12, 21, 30, 39, 48)
#: A day has room for so many in these tests.
ROOM = 30


def seen(doctor, day, people, *, site=None, first=0, **more):
    """Visits of so many persons who come to nobody else."""
    start = 1_000_000 * doctor + 1_000 * day + first
    return [
        visit(start + n, day, 8 + n % 9, doctor if site is None else site, doctor_no=doctor, **more)
        for n in range(people)
    ]


def town(over=(), usual=USUAL):
    random = np.random.default_rng(1)
    rows = [row for doctor in DOCTORS for day in DAYS for row in seen(doctor, day, 1 + int(random.poisson(usual - 1)))]
    return rows + [row for day in over for row in seen(BUSY, day, MANY, first=500)]


def built(city, rows, *, unknown=(), **tables):
    return city(
        rows,
        derived=False,
        doctors=[{"doctor_no": no, "doctor_id": f"D{no}", "multi_site": False} for no in DOCTORS],
        # one more doctor, who has not been to work, is known at each hospital
        practices=[{"doctor_no": no, "site_no": no, "registered": True} for no in DOCTORS if no not in unknown]
        + [{"doctor_no": 100 + no, "site_no": no, "registered": True} for no in DOCTORS],
        **tables,
    )


def told(connection, most_a_day=ROOM):
    return found(DoctorCapacity(), connection, most_a_day=most_a_day)


def test_days_beyond_what_a_day_has_room_for_are_found(city):
    rows = numbered(town(OVER))
    (finding,) = told(built(city, rows))
    assert others(finding) == {("doctor", BUSY, "doctor"), ("institution", BUSY, "site")}
    assert persons(finding) == []
    # the first visits of these days are the doctor's own
    assert set(finding.settlements) >= set(range(len(rows) - len(OVER) * MANY, len(rows)))
    assert finding.p_value < 1e-4
    assert finding.legal_basis == DoctorCapacity.spec.legal_basis
    assert "Rosters" in finding.would_clear.en
    assert finding.values["days"] == len(OVER)
    assert "the peers see 4." in finding.signals[1].detail.en or "the peers see 3." in finding.signals[1].detail.en


@pytest.mark.parametrize(
    "kind",
    [
        "a busy day now and then", "a campaign", "no more than there is room for", "many institutions", "no register",
        "anonymous", "late uploads", "check-ups", "ward rounds", "dialysis", "busy doctors all over",
    ],
)  # fmt: skip
def test_look_alikes_are_no_finding(city, kind):
    rows, given, params = town(OVER), {}, {}
    if kind == "a busy day now and then":
        rows = town(OVER[:4])
    elif kind == "a campaign":
        rows = town(range(30, 40))
    elif kind == "no more than there is room for":
        params = {"most_a_day": MANY + 15}
    elif kind == "many institutions":
        rows += [row for site in (50, 51, 52) for row in seen(BUSY, 50, 1, site=site, first=900 + site)]
    elif kind == "no register":
        given = {"unknown": (BUSY,)}
    elif kind == "anonymous":
        rows = [row for row in rows if row["doctor_no"] != BUSY] + [row for day in OVER for row in seen(BUSY, day, 250)]
    elif kind == "late uploads":
        # nothing for a week, and then a week's visits at once
        rows = [row for row in rows if row["doctor_no"] != BUSY] + [
            row for day in OVER for row in seen(BUSY, day, MANY)
        ]
    elif kind == "check-ups":
        days = [moment(day)[:10] for day in OVER]
        given = {
            "benign_register": [
                {"entry_no": n, "kind": "check_up", "site_no": BUSY, "from_on": day, "until_on": day}
                for n, day in enumerate(days)
            ]
        }
    elif kind == "ward rounds":
        rows = [{**row, "kind": "inpatient"} if row["person_no"] % 1000 >= 500 else row for row in rows]
    elif kind == "dialysis":
        # the same forty every third day
        rows = town() + [
            {**row, "person_no": 90_000_000 + n % MANY, "kind": "chronic"}
            for n, row in enumerate(row for day in DAYS for row in seen(BUSY, day, MANY))
        ]
    else:
        rows = [row for doctor in DOCTORS for day in OVER for row in seen(doctor, day, MANY)]
    assert told(built(city, rows, **given), **params) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(town(OVER))
    expected = told(built(city, rows))
    assert len(expected) == 1
    assert told(built(city, shuffled(rows))) == expected
