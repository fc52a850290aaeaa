"""Overlaps: what cannot both be true, and what only looks like it."""

from __future__ import annotations

from datetime import datetime

import pytest

from graphaudit.derive.run import read_sql
from tests.table_builder import tables_of

STAY = {"kind": "inpatient", "at": "2026-03-01T10:00:00", "until": "2026-03-08T10:00:00"}


def overlaps(connection):
    return connection.execute('SELECT from_no, to_no, kind, minutes FROM "overlaps" ORDER BY ALL').fetchall()


def test_a_visit_elsewhere_inside_a_stay_overlaps(city):
    connection = city([STAY, {"site_no": 1, "at": "2026-03-04T15:00:00"}])
    assert overlaps(connection) == [(0, 1, "stay_and_visit", 1440)]


def test_days_of_admission_and_discharge_do_not_overlap(city):
    connection = city([STAY, {"site_no": 1, "at": "2026-03-01T08:00:00"}, {"site_no": 1, "at": "2026-03-08T16:00:00"}])
    assert overlaps(connection) == []


def test_a_visit_at_the_stay_s_own_institution_does_not_overlap(city):
    assert overlaps(city([STAY, {"at": "2026-03-04T15:00:00"}])) == []


def test_a_day_ward_is_not_a_stay(city):
    day_ward = {"kind": "inpatient", "at": "2026-03-04T08:00:00", "until": "2026-03-04T18:00:00"}
    assert overlaps(city([day_ward, {"site_no": 1, "at": "2026-03-04T12:00:00"}])) == []


def test_two_stays_overlap_from_one_whole_day_on(city):
    other = {"kind": "inpatient", "site_no": 1, "at": "2026-03-06T10:00:00", "until": "2026-03-12T10:00:00"}
    transfer = {"kind": "inpatient", "site_no": 2, "at": "2026-03-12T11:00:00", "until": "2026-03-15T10:00:00"}
    assert overlaps(city([STAY, other, transfer])) == [(0, 1, "two_stays", 2880)]


def test_two_places_too_far_apart_for_the_time_between(city):
    sites = [
        {"site_no": 0, "latitude": 36.0, "longitude": 117.0},
        {"site_no": 1, "latitude": 36.3, "longitude": 117.0},  # 33 km away
        {"site_no": 2, "latitude": 36.001, "longitude": 117.0},  # next door
    ]
    visits = [
        {"at": "2026-03-04T09:00:00"},
        {"site_no": 1, "at": "2026-03-04T09:10:00"},
        {"person_no": 1, "at": "2026-03-04T09:00:00"},
        {"person_no": 1, "site_no": 2, "at": "2026-03-04T09:10:00"},
        {"person_no": 2, "at": "2026-03-04T09:00:00"},
        {"person_no": 2, "site_no": 1, "at": "2026-03-04T09:50:00"},
    ]
    assert overlaps(city(visits, sites=sites)) == [(0, 1, "two_places", 10)]


FAR = [
    {"site_no": 0, "latitude": 36.0, "longitude": 117.0},
    *({"site_no": n, "kind": "pharmacy", "latitude": 36.3, "longitude": 117.0} for n in (1, 2, 3)),  # 33 km away
]


def bought(person, site, minute, at="09:00"):
    """A visit to the hospital, and a purchase some minutes later."""
    clock = f"{9 + minute // 60:02d}:{minute % 60:02d}"
    return [
        {"person_no": person, "at": f"2026-03-04T{at}:00"},
        {"person_no": person, "site_no": site, "kind": "pharmacy", "at": f"2026-03-04T{clock}:00"},
    ]


def customers(site, later):
    """Forty purchases a pharmacy, an hour after the visit and some minutes, by its own clock."""
    return [row for n in range(40) for row in bought(100 * site + n, site, 60 + later + n % 7, f"09:{n % 3}{n % 10}")]


def test_a_clock_that_is_ahead_explains_a_clash_and_a_right_one_does_not(city):
    suspects = [*bought(1, 2, 5, at="09:10"), *bought(2, 3, 15, at="09:10")]
    ordinary = [*customers(1, 30), *customers(2, 30)]
    # by the third pharmacy's own clock everybody comes fifty minutes later than to the others
    ahead = city([*suspects, *ordinary, *customers(3, 80)], sites=FAR)
    assert overlaps(ahead) == [(1, 0, "two_places", 5)]
    right = city([*suspects, *ordinary, *customers(3, 30)], sites=FAR)
    assert overlaps(right) == [(1, 0, "two_places", 5), (2, 3, "two_places", 5)]


def test_uploads_on_the_hour_tell_no_time_of_a_visit(city):
    uploads = [
        {
            "person_no": 100 + n,
            "site_no": 1,
            "kind": "pharmacy",
            "at": f"2026-03-{n % 28 + 1:02d}T{9 + n % 8:02d}:00:00",
        }
        for n in range(60)
    ]
    clash = bought(1, 1, 60, at="09:55")
    assert overlaps(city([*clash, *uploads], sites=FAR)) == []
    assert overlaps(city([*clash, *uploads[:20]], sites=FAR)) == [(0, 1, "two_places", 5)]


def test_without_coordinates_the_hospital_and_the_pharmacy_next_door_do_not_clash(city):
    sites = [{"site_no": 0}, {"site_no": 1, "kind": "pharmacy", "division": "D2"}]
    visits = [{"at": "2026-03-04T09:00:00"}, {"site_no": 1, "kind": "pharmacy", "at": "2026-03-04T09:06:00"}]
    assert overlaps(city(visits, sites=sites)) == []


def test_a_card_shared_by_two_persons_overlaps_across_them(city):
    stay = {**STAY, "person_no": 0, "card_no": 7}
    visit = {"person_no": 1, "card_no": 7, "site_no": 1, "at": "2026-03-04T15:00:00"}
    assert overlaps(city([stay, visit])) == [(0, 1, "stay_and_visit", 1440)]


def test_a_fully_refunded_visit_is_no_event(city):
    assert overlaps(city([STAY, {"site_no": 1, "at": "2026-03-04T15:00:00", "is_event": False}])) == []


def test_clashes_at_a_foreign_site_beat_those_at_the_usual_pharmacy(city):
    usual = [
        {"person_no": 1, "site_no": 5, "kind": "pharmacy", "at": f"2026-{month:02}-10T09:00:00"} for month in (1, 2, 4)
    ]
    rows = [
        STAY,
        {"site_no": 1, "at": "2026-03-04T15:00:00"},
        {"site_no": 1, "at": "2026-03-05T15:00:00"},
        {**STAY, "person_no": 1},
        {"person_no": 1, "site_no": 5, "kind": "pharmacy", "at": "2026-03-04T15:00:00"},
        *usual,
    ]
    connection = city(rows)
    found = dict(connection.execute("SELECT person_no, llr FROM clashes").fetchall())
    assert found[0] > found[1] + 1


@pytest.mark.parametrize(("fault", "found"), [("clock_offset", 0), ("bunched_stamps", 0), ("no_doctor", 1)])
def test_minutes_at_a_site_whose_moments_are_wrong_place_nobody(fault, found):
    rows = {
        "persons": [{}],
        "sites": [{"latitude": 36.0, "longitude": 117.0}, {"latitude": 36.3, "longitude": 117.0}],
        "settlements": [
            {"site_no": site, "settled_at": datetime(2026, 3, 4, 9, minute), "has_clock": True, "is_event": True}
            for site, minute in ((0, 0), (1, 10))
        ],
        "site_faults": [{"site_no": 1, "fault": fault}],
    }
    assert len(tables_of(rows).execute(read_sql("overlaps")).fetchall()) == found
