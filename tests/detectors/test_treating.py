"""Patients settled inside the doctor's own stay are found; late days, wrong registers and shared codes are not."""

from __future__ import annotations

import pytest

from detectors.treating import TreatingWhileInPatient
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, visit

#: Doctors, each at the hospital of the same number; their own person numbers and the days of their stays.
DOCTORS = range(6)
BUSY = 2
OWN = 900
STAY = (20, 30)


def town(acts=(), stays=DOCTORS):
    """Every doctor sees two patients a day, but not while in hospital; and `acts`."""
    rows = [
        visit(100 * doctor + day, day, 9 + n, doctor, doctor_no=doctor)
        for doctor in DOCTORS
        for day in range(0, 60, 3)
        for n in range(2)
        if not STAY[0] < day < STAY[1]
    ]
    rows += [
        {"person_no": OWN + doctor, "site_no": 50, "kind": "inpatient", "at": moment(STAY[0]), "until": moment(STAY[1])}
        for doctor in stays
    ]
    return rows + list(acts)


def seen(days, people=range(5), doctor=BUSY, site=BUSY, **more):
    return [visit(700 + person, day, 10, site, doctor_no=doctor, **more) for day in days for person in people]


def built(city, rows, doctors=None, **tables):
    known = [
        {
            "doctor_no": no,
            "doctor_id": f"D{no}",
            "multi_site": False,
            "person_no": OWN + no,
            **(doctors or {}).get(no, {}),
        }
        for no in DOCTORS
    ]
    return city(numbered(rows), derived=False, doctors=known, **tables)


def test_patients_seen_inside_the_doctors_own_stay_are_found(city):
    acts = seen((22, 25))
    rows = town(acts)
    (finding,) = found(TreatingWhileInPatient(), built(city, rows))
    stay = len(rows) - len(acts) - len(DOCTORS) + BUSY
    assert others(finding) == {("doctor", BUSY, "doctor"), ("institution", BUSY, "site")}
    assert persons(finding) == []
    assert finding.settlements == (stay, *range(len(rows) - len(acts), len(rows)))
    assert finding.p_value is None
    assert finding.legal_basis == TreatingWhileInPatient.spec.legal_basis
    assert "10 patients" in finding.signals[0].detail.en


def test_admitting_somebody_counts_and_doctors_of_one_institution_are_one_finding(city):
    admitted = [
        {
            "person_no": 800 + day, "site_no": BUSY, "kind": "inpatient", "doctor_no": 3, "at": moment(day),
            "until": moment(40),
        }
        for day in (22, 24, 26)
    ]  # fmt: skip
    (finding,) = found(TreatingWhileInPatient(), built(city, town([*seen((22, 25)), *admitted])))
    assert {(kind, no) for kind, no, _ in others(finding)} == {("doctor", BUSY), ("doctor", 3), ("institution", BUSY)}


@pytest.mark.parametrize(
    "kind",
    [
        "first and last day", "one day", "two patients", "late days", "a child", "one person for two codes",
        "a code of many places", "all doctors alike", "unknown person",
    ],
)  # fmt: skip
def test_look_alikes_are_no_finding(city, kind):
    acts, doctors, faults, tables = seen((22, 25)), {}, [], {}
    if kind == "first and last day":
        acts = seen(STAY)
    elif kind == "one day":
        acts = seen((22,))
    elif kind == "two patients":
        acts = seen((22, 25), people=range(2))
    elif kind == "late days":
        faults = [(BUSY, "missing_half_days")]
    elif kind == "a child":
        tables = {"persons": [{"person_no": OWN + BUSY, "birth_year": 2018}]}
    elif kind == "one person for two codes":
        doctors = {5: {"person_no": OWN + BUSY}}
    elif kind == "a code of many places":
        acts += [row for site in (60, 61, 62) for row in seen((40,), site=site)]
    elif kind == "all doctors alike":
        acts = [row for doctor in DOCTORS for row in seen((22, 25), doctor=doctor, site=doctor)]
    else:
        doctors = {BUSY: {"person_no": None}}
    connection = built(city, town(acts), doctors, **tables)
    for fault in faults:
        connection.execute(
            "INSERT INTO site_faults BY NAME SELECT ? AS site_no, ? AS fault, 4 AS affected, 60 AS tested", fault
        )
    assert found(TreatingWhileInPatient(), connection) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(town(seen((22, 25))))
    expected = found(TreatingWhileInPatient(), built(city, rows))
    assert len(expected) == 1
    known = [{"doctor_no": no, "doctor_id": f"D{no}", "multi_site": False, "person_no": OWN + no} for no in DOCTORS]
    assert found(TreatingWhileInPatient(), city(shuffled(rows), derived=False, doctors=known)) == expected
