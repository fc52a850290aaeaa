"""Tested co-presence: groups that meet on irregular days stand out, habits and volumes do not."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

START = datetime(2026, 1, 1)


def at(day: int, hour: float = 9.0) -> str:
    return (START + timedelta(days=day, hours=hour)).isoformat()


def background(seed: int, persons: int, first: int, sites: int = 4, days: int = 180, visits: int = 6):
    """Strangers who come on random days."""
    generator = np.random.default_rng(seed)
    return [
        {
            "person_no": first + person,
            "site_no": int(generator.integers(sites)),
            "at": at(int(generator.integers(days)), float(generator.uniform(8, 17))),
        }
        for person in range(persons)
        for _ in range(visits)
    ]


def co_present(connection):
    return {
        (a, b): (days, llr, home)
        for a, b, days, llr, home in connection.execute(
            "SELECT person_a, person_b, days, llr, same_household FROM co_present"
        ).fetchall()
    }


def test_persons_who_meet_on_irregular_days_are_co_present(city):
    meetings = [
        {"person_no": person, "at": at(day, 9 + person / 10)} for day in (3, 17, 29, 58, 94, 131) for person in range(3)
    ]
    found = co_present(city(meetings + background(1, 60, 10)))
    for pair in ((0, 1), (0, 2), (1, 2)):
        assert found[pair][0] == 6
        assert found[pair][1] > 10


def test_a_weekly_shift_is_a_habit_not_a_meeting(city):
    shift = [{"person_no": person, "at": at(7 * week)} for week in range(25) for person in range(3)]
    assert not set(co_present(city(shift + background(2, 60, 10)))) & {(0, 1), (0, 2), (1, 2)}


def test_a_thirty_day_refill_is_a_habit_not_a_meeting(city):
    refills = [{"person_no": person, "at": at(30 * month)} for month in range(6) for person in range(3)]
    assert not set(co_present(city(refills + background(3, 60, 10)))) & {(0, 1), (0, 2), (1, 2)}


def test_a_household_is_marked_and_kept(city):
    meetings = [{"person_no": person, "at": at(day)} for day in (3, 17, 29, 58, 94) for person in range(2)]
    persons = [{"person_no": 0, "household_no": 4}, {"person_no": 1, "household_no": 4}]
    found = co_present(city(meetings + background(4, 60, 10), persons=persons))
    assert found[0, 1][2] is True


def test_strangers_are_rarely_co_present(city):
    found = co_present(city(background(5, 150, 0, visits=8)))
    assert len(found) < 0.02 * 150 * 149 / 2


def test_row_order_leaves_no_trace(city, tmp_path):
    meetings = [{"person_no": p, "at": at(day, 9 + p / 10)} for day in (3, 17, 29, 58) for p in range(4)]
    rows = meetings + background(6, 40, 10)
    first = city(rows).execute("SELECT * FROM co_present ORDER BY ALL").fetchall()
    assert first
    again = city(list(reversed(rows))).execute("SELECT * FROM co_present ORDER BY ALL").fetchall()
    assert first == again


def test_times_without_a_clock_fall_back_to_days(city):
    meetings = [
        {"person_no": p, "at": at(day), "has_clock": False, "minute": None} for day in (3, 17, 29, 58) for p in range(3)
    ]
    connection = city(meetings + [{**row, "minute": None, "has_clock": False} for row in background(7, 40, 10)])
    assert {w for (w,) in connection.execute("SELECT window_minutes FROM site_windows").fetchall()} == {1440}
    assert (0, 1) in co_present(connection)
