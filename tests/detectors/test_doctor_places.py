"""Doctors in two places at once are found; registered practice, remote work, wrong clocks and shared codes are not."""

from __future__ import annotations

import pytest

from detectors.doctor_places import DoctorAtTwoPlaces
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, visit

#: Institutions by number, each ten kilometres from the next, and the doctors at home there.
PLACES = range(4)
DOCTOR, HOME, AWAY = 1, 1, 2
DAYS = range(0, 60, 3)


def seen(doctor, site, day, hour, person, minutes=10, **more):
    """A visit that took `minutes` before it was settled at `hour`."""
    return {
        **visit(person, day, hour - minutes / 60, site, doctor_no=doctor, **more),
        "until": moment(day, hour),
    }


def town(days=(10, 20, 30, 40), gap=0.1, minutes=2, sites=(AWAY,), **more):
    """Every doctor at home every third day; DOCTOR, on `days`, elsewhere too, `gap` hours after a visit at home."""
    rows = [seen(doctor, doctor, day, 9, 100 * doctor + day) for doctor in PLACES for day in DAYS]
    for n, day in enumerate(days):
        rows.append(seen(DOCTOR, HOME, day, 10, 900 + n, minutes))
        rows.append(seen(DOCTOR, sites[n % len(sites)], day, 10 + gap, 950 + n, minutes, **more))
    return rows


def built(city, rows, *, registered=(), multi_site=False, coordinates=True, step=0.1, faults=(), items=(), lines=()):
    connection = city(
        rows,
        derived=False,
        sites=[
            {
                "site_no": no,
                "division": f"D{no}",
                **({"longitude": 114.0, "latitude": 30 + step * no} if coordinates else {}),
            }
            for no in range(8)
        ],
        doctors=[{"doctor_no": no, "doctor_id": f"D{no}", "multi_site": multi_site} for no in PLACES],
        practices=[{"doctor_no": no, "site_no": no, "registered": True} for no in PLACES]
        + [{"doctor_no": DOCTOR, "site_no": site, "registered": True} for site in registered],
        items=list(items),
        lines=list(lines),
    )
    for site, fault, minutes in faults:
        connection.execute(
            "INSERT INTO site_faults BY NAME SELECT ? AS site_no, ? AS fault, 9 AS affected, 9 AS tested, ? AS minutes",
            (site, fault, minutes),
        )
    return connection


def test_a_doctor_in_two_places_on_several_days_is_found(city):
    rows = numbered(town())
    (finding,) = found(DoctorAtTwoPlaces(), built(city, rows))
    assert others(finding) == {
        ("doctor", DOCTOR, "doctor"),
        ("institution", HOME, "site"),
        ("institution", AWAY, "site"),
    }
    assert persons(finding) == []
    assert finding.settlements == tuple(range(len(rows) - 8, len(rows)))
    assert finding.p_value is None
    assert finding.legal_basis == DoctorAtTwoPlaces.spec.legal_basis
    assert "4 times on 4 dates, at most 8 minutes between, at most 11 km apart" in finding.signals[0].detail.en


def test_without_coordinates_other_divisions_within_minutes_are_two_places(city):
    (finding,) = found(DoctorAtTwoPlaces(), built(city, town(gap=0.03), coordinates=False))
    assert ("doctor", DOCTOR, "doctor") in others(finding)


@pytest.mark.parametrize(
    "kind",
    [
        "registered at both", "registered for several", "remote", "clock", "uploads", "late settlement", "time enough",
        "two days", "one code for two", "a code of many places", "pharmacy", "near", "usually late",
    ],
)  # fmt: skip
def test_look_alikes_are_no_finding(city, kind):
    rows, given = town(), {}
    if kind == "registered at both":
        given = {"registered": (AWAY,)}
    elif kind == "registered for several":
        given = {"multi_site": True}
    elif kind == "remote":
        away = [no for no, row in enumerate(rows) if row["person_no"] >= 950]
        given = {
            "items": [{"item_code": "R", "name": "远程会诊", "is_drug": False, "resale_prone": False}],
            "lines": [
                {
                    "line_id": f"L{no}", "settlement_no": no, "item_code": "R", "is_drug": False, "quantity": 1.0,
                    "amount_fen": 100, "source_file": "f", "source_line": no,
                }
                for no in away
            ],
        }  # fmt: skip
    elif kind == "clock":
        given = {"faults": [(AWAY, "clock_offset", -45)]}
    elif kind == "uploads":
        given = {"faults": [(AWAY, "bunched_stamps", None)]}
    elif kind == "late settlement":
        rows = town(minutes=60)
    elif kind == "time enough":
        rows = town(gap=0.5)
    elif kind == "two days":
        rows = town(days=(10, 20))
    elif kind == "one code for two":
        rows = [row for row in town(days=DAYS) if row.get("person_no") < 100 or row["person_no"] >= 900]
    elif kind == "a code of many places":
        rows = town(sites=(2, 3, 4, 5))
    elif kind == "near":
        given = {"step": 0.03}
    elif kind == "usually late":
        # of these visits the settlement alone is known; the others there were settled an hour after they began
        rows = town(minutes=0) + [seen(AWAY, AWAY, day, 14, 500 + day, 60) for day in range(60)]
    else:
        rows = [{**row, "kind": "pharmacy"} if row["person_no"] >= 950 else row for row in rows]
    assert found(DoctorAtTwoPlaces(), built(city, rows, **given)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(town())
    expected = found(DoctorAtTwoPlaces(), built(city, rows))
    assert len(expected) == 1
    assert found(DoctorAtTwoPlaces(), built(city, shuffled(rows))) == expected
