"""Stays that keep falling on the city's quiet days: a ring at holidays is found; houses, courses and leave are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.holiday_stays import HolidayStays
from tests.detectors.finding_reader import found, held_by, moment, numbered, others, persons, shuffled, signals

DAYS = 210
FEASTS = (range(45, 52), range(94, 99), range(150, 157))
#: START is a Thursday.
SATURDAY, SUNDAY = 2, 3
#: A Saturday on which the whole city works.
SHIFTED = tuple(range(SATURDAY + 7, DAYS, 35))
CLINIC, SITE, HOSPITALS = 9, 0, range(4)
RING = tuple(range(8))


def feast(day):
    return any(day in run for run in FEASTS)


def volume(day):
    if feast(day):
        return 3
    return 6 if day % 7 in (SATURDAY, SUNDAY) and day not in SHIFTED else 10


class Wards:
    """Stays with a charge a day; numbers of stays are their places in `rows`."""

    def __init__(self, seed=1):
        self.random = np.random.default_rng(seed)
        self.rows, self.lines = [], []
        for day in range(DAYS):
            self.rows += [
                {"person_no": 90_000 + n, "site_no": CLINIC, "at": moment(day, 9)} for n in range(volume(day))
            ]

    def stay(self, person, day, site=SITE, *, nights=2, kind="inpatient", booked=lambda _: True):
        number = len(self.rows)
        self.rows.append({
            "person_no": int(person), "site_no": site, "kind": kind, "at": moment(day, 9),
            "until": moment(day + nights, 9),
        })  # fmt: skip
        self.lines += [
            {
                "line_id": f"L{number}-{at}", "settlement_no": number, "item_code": "care", "is_drug": False,
                "quantity": 1.0, "amount_fen": 1000, "occurred_at": moment(at, 10),
            }
            for at in range(day, day + nights + 1) if booked(at)
        ]  # fmt: skip

    def house(self, site, days, *, patients=50, stays=3, **more):
        """Patients of a hospital with so many stays each, begun on `days`, each as likely as another."""
        for patient in range(patients):
            for day in self.random.choice(days, stays, replace=False):
                self.stay(1000 * (site + 1) + patient, int(day), site, **more)

    def city(self, build, order=lambda rows: rows):
        sites = [{"site_no": site, "level": "08"} for site in HOSPITALS] + [{"site_no": CLINIC, "level": "11"}]
        return build(order(numbered(self.rows)), derived=False, sites=sites, lines=order(self.lines))


#: Days as often as the city admits on them.
USUAL = np.array([day for day in range(DAYS) for _ in range(volume(day))])


def town(*, without=None, seed=1):
    wards = Wards(seed)
    for site in HOSPITALS:
        if site != without:
            wards.house(site, USUAL)
    return wards


def ring(wards, days, **more):
    for person in RING:
        for day in days:
            wards.stay(person, int(day) + person % 2, **more)


def test_persons_admitted_at_one_holiday_after_the_other_are_found_row_by_row(city):
    wards = town()
    ring(wards, [run[1] for run in FEASTS])
    (finding,) = found(HolidayStays(), wards.city(city))
    assert persons(finding) == list(RING)
    assert finding.settlements == held_by(wards.rows, RING)
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("sham_stay", "holiday_stays")
    assert signals(finding) >= {"holiday_stays", "holiday_stays.holiday"}
    assert "holiday_stays.empty" not in signals(finding)
    assert 0 < finding.p_value < 1e-2


def test_persons_who_lie_over_the_holidays_without_a_charge_are_found(city):
    wards = town()
    ring(wards, [run[0] - 3 for run in FEASTS], nights=14, booked=lambda day: not feast(day))
    (finding,) = found(HolidayStays(), wards.city(city))
    assert persons(finding) == list(RING)
    assert "holiday_stays.empty" in signals(finding)


def test_the_same_persons_on_ordinary_days_or_charged_every_day_are_none(city):
    wards = town()
    ring(wards, [run[0] - 20 for run in FEASTS])
    ring(wards, [run[0] - 3 for run in FEASTS], nights=14)
    assert found(HolidayStays(), wards.city(city)) == []


LOOK_ALIKES = ("day surgery", "emergencies", "leave", "births", "term", "courses", "shifted days", "no booking", "few")


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_look_alikes_are_no_finding(city, kind):
    wards = town(without=SITE if kind in {"day surgery", "emergencies", "leave", "no booking"} else None)
    everyday = np.arange(DAYS)
    if kind == "day surgery":
        wards.house(SITE, everyday[np.isin(everyday % 7, (SATURDAY, SUNDAY))], stays=6, nights=1)
    elif kind == "emergencies":
        # accidents are most when nobody works
        wards.house(SITE, [*everyday, *(day for run in FEASTS for day in run for _ in range(4))], stays=5)
    elif kind == "leave":
        # most go home over a feast, from stays that are longer than it
        wards.house(SITE, USUAL, patients=40)
        for run in FEASTS:
            for patient in range(40):
                home = wards.random.random() < 0.6
                wards.stay(
                    1000 + patient, run[0] - 3, nights=14, booked=lambda day, home=home: not (home and feast(day))
                )
    elif kind == "births":
        ring(wards, [run[1] for run in FEASTS], kind="maternity")
    elif kind == "term":
        ring(wards, [SHIFTED[-1] + 2, SHIFTED[-1] + 4, SHIFTED[-1] + 9], nights=1)
    elif kind == "courses":
        ring(wards, range(SATURDAY, DAYS, 21), nights=1)
    elif kind == "shifted days":
        ring(wards, SHIFTED, nights=1)
    elif kind == "no booking":
        wards.house(SITE, USUAL, patients=40, stays=6, nights=14, booked=lambda day: not feast(day))
    else:
        for run in FEASTS:
            wards.stay(RING[0], run[1])
    assert found(HolidayStays(), wards.city(city)) == []


def test_a_city_without_stays_gives_nothing(city):
    assert found(HolidayStays(), Wards().city(city)) == []


def test_the_row_order_leaves_no_trace(city):
    wards = town()
    ring(wards, [run[1] for run in FEASTS])
    expected = found(HolidayStays(), wards.city(city))
    assert len(expected) == 1
    assert found(HolidayStays(), wards.city(city, shuffled)) == expected
