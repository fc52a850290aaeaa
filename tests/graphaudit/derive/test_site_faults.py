"""Faults of single sites' feeds, each beside a site that only looks like it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest

from graphaudit.derive import derive
from graphaudit.records import TABLES
from tests.city_builder import fill, settlement

START = datetime(2026, 3, 2)
DAYS = 56
INSTITUTIONS, PHARMACIES = range(10), range(20, 40)

# Institutions
NO_CLOCK, NO_DOCTOR, MISSING_DAYS, PAUSED, NO_BED, NO_OPERATOR, EVERY_OTHER_WEEK, CLOSED_ON_SUNDAYS = range(8)
#: A code in use at four institutions, and one that is a doctor's with three.
NOBODYS, SHARED_AT, THREE_AT = 99, (EVERY_OTHER_WEEK, CLOSED_ON_SUNDAYS, 8, 9), (PAUSED, NO_BED, NO_OPERATOR)
# Pharmacies
BEHIND, ON_THE_HOUR, ONCE_A_DAY, TWICE, OPENS_EARLY, BOUGHT_BEFORE, SPLITS_BILLS, AHEAD = range(20, 28)


def visits(random: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Every day each pharmacy serves eight persons, most of them after a visit to some institution that day."""
    for day in range(DAYS):
        for pharmacy in PHARMACIES:
            for place in range(8):
                person = int(random.integers(2000))
                institution = int(random.choice(INSTITUTIONS))
                visit = int(random.integers(8 * 60 + 30, 16 * 60))
                purchase = min(visit + int(random.integers(-20, 200)), 17 * 60)
                if pharmacy == OPENS_EARLY:
                    visit, purchase = visit - 60, purchase - 60
                if pharmacy == BOUGHT_BEFORE:
                    visit = min(purchase + int(random.integers(-20, 120)), 16 * 60)
                yield {"person_no": person, "site_no": institution, "day": day, "minute": visit}
                yield {"person_no": person, "site_no": pharmacy, "day": day, "minute": purchase, "place": place}
        busy = [MISSING_DAYS, PAUSED, *([EVERY_OTHER_WEEK] if day % 14 == 0 else []),
                *([CLOSED_ON_SUNDAYS] if day % 7 != 6 else [])]  # fmt: skip
        for institution in busy:
            for minute in random.integers(8 * 60 + 30, 16 * 60, 60).tolist():
                yield {"person_no": int(random.integers(2000)), "site_no": institution, "day": day, "minute": minute}


def as_delivered(visit: dict[str, Any]) -> dict[str, Any] | None:
    """What the platform is told of the visit; None where the feed lost it."""
    site, day, minute = visit["site_no"], visit["day"], visit["minute"]
    if (site in (MISSING_DAYS, PAUSED) and day in (30, 31, 40)) or (site == CLOSED_ON_SUNDAYS and day % 7 == 6):
        return None
    minute += {BEHIND: -55, AHEAD: 50}.get(site, 0)
    minute = {ON_THE_HOUR: minute // 60 * 60 + 60, ONCE_A_DAY: 23 * 60 + 37}.get(site, minute)
    told: dict[str, Any] = {
        "person_no": visit["person_no"], "site_no": site, "card_no": visit["person_no"], "handler_no": site,
        "kind": "pharmacy" if site in PHARMACIES else "outpatient", "total_fen": 1000 + 7 * visit["person_no"],
        "doctor_no": site if site in INSTITUTIONS and site != NO_DOCTOR else None,
        "at": (START + timedelta(days=day, minutes=minute)).isoformat(),
    }  # fmt: skip
    if site in SHARED_AT and visit["person_no"] % 3 == 0:
        told["doctor_no"] = NOBODYS
    if site in THREE_AT and visit["person_no"] % 3 == 0:
        told["doctor_no"] = NOBODYS - 1
    if site == NO_CLOCK:
        told |= {"at": (START + timedelta(days=day)).isoformat(), "has_clock": False, "minute": None}
    if site == NO_OPERATOR:
        told["handler_no"] = None
    return told


def repeated(visit: dict[str, Any], told: dict[str, Any]) -> bool:
    """True when the record comes again under a new id: of many persons at one site, of three at another."""
    place, day = visit.get("place"), visit["day"]
    return (visit["site_no"] == TWICE and place == 0) or (visit["site_no"] == SPLITS_BILLS and place == 0 and day < 3)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], tuple[Any, ...]]:
    """(site, fault) → affected, tested, share, usual, minutes."""
    rows: list[dict[str, Any]] = []
    for visit in visits(np.random.default_rng(5)):
        told = as_delivered(visit)
        if told is not None:
            again = datetime.fromisoformat(told["at"]) + timedelta(minutes=4)
            rows += [told, told | {"at": again.isoformat()}] if repeated(visit, told) else [told]
    for institution in INSTITUTIONS:
        for number in range(40):
            at = START + timedelta(days=number, hours=9)
            bed = None if institution == NO_BED else f"bed {number}"
            rows.append(
                {"person_no": 3000 + number, "site_no": institution, "kind": "inpatient", "bed": bed, "card_no": number,
                 "doctor_no": None if institution == NO_DOCTOR else institution, "at": at.isoformat(),
                 "handler_no": None if institution == NO_OPERATOR else institution,
                 "until": (at + timedelta(days=6)).isoformat()}
            )  # fmt: skip
    connection = duckdb.connect(config={"threads": 2})
    for table in TABLES:
        connection.execute(table.ddl)
    fill(connection, "settlements", [settlement(number, **row) for number, row in enumerate(rows)])
    sites = [{"site_no": n, "site_id": f"X{n}", "kind": "institution"} for n in INSTITUTIONS]
    sites += [{"site_no": n, "site_id": f"X{n}", "kind": "pharmacy"} for n in PHARMACIES]
    fill(connection, "sites", sites)
    fill(
        connection,
        "site_pauses",
        [
            {"site_no": PAUSED, "from_at": START + timedelta(days=begin), "until_at": START + timedelta(days=end)}
            for begin, end in ((30, 31), (40, 40))
        ],
    )
    derive(connection, tmp_path_factory.mktemp("derived"))
    found = connection.execute(
        "SELECT site_no, fault, affected, tested, share, usual, minutes FROM site_faults"
    ).fetchall()
    return {(site, fault): tuple(rest) for site, fault, *rest in found}


def sites_with(faults: dict[tuple[int, str], tuple[Any, ...]], fault: str) -> list[int]:
    return sorted(site for site, found in faults if found == fault)


def test_a_site_whose_times_bunch_at_whole_hours_uploads_in_batches(faults):
    assert sites_with(faults, "bunched_stamps") == [ON_THE_HOUR, ONCE_A_DAY]
    affected, tested, share, usual, minutes = faults[ON_THE_HOUR, "bunched_stamps"]
    assert affected == tested == 8 * DAYS
    assert share == 1
    assert usual < 0.3
    assert minutes is None


def test_a_site_whose_day_bears_one_stamp_uploads_daily(faults):
    assert sites_with(faults, "one_stamp_a_day") == [ONCE_A_DAY]


def test_a_site_without_a_clock_among_sites_with_one(faults):
    assert sites_with(faults, "no_clock") == [NO_CLOCK]


def test_a_clock_is_off_when_hours_and_order_say_so_and_not_when_one_of_them_does(faults):
    # not the shop that opens and closes an hour early, nor the one where people buy before they see the doctor
    assert sites_with(faults, "clock_offset") == [BEHIND, AHEAD]
    assert faults[BEHIND, "clock_offset"][4] == pytest.approx(-55, abs=12)
    assert faults[AHEAD, "clock_offset"][4] == pytest.approx(50, abs=12)


def test_days_without_records_are_missing_unless_paused_or_no_rhythm_of_the_site(faults):
    assert sites_with(faults, "missing_half_days") == [MISSING_DAYS]
    assert faults[MISSING_DAYS, "missing_half_days"][:2] == (6, 2 * DAYS)


def test_a_column_that_one_site_leaves_empty_is_a_fault_and_one_that_all_leave_empty_is_none(faults):
    assert sites_with(faults, "no_doctor") == [NO_DOCTOR]
    assert sites_with(faults, "no_operator") == [NO_OPERATOR]
    assert sites_with(faults, "no_bed") == [NO_BED]
    assert faults[NO_BED, "no_bed"][:2] == (40, 40)
    assert not sites_with(faults, "no_credential") + sites_with(faults, "no_terminal")


def test_records_of_many_persons_delivered_twice_are_a_fault_and_three_split_bills_are_none(faults):
    assert sites_with(faults, "delivered_twice") == [TWICE]
    assert faults[TWICE, "delivered_twice"][0] == DAYS


def test_a_code_in_use_at_four_institutions_is_nobodys_and_one_at_three_is_a_doctors(faults):
    assert sites_with(faults, "shared_doctor_code") == sorted(SHARED_AT)
    affected, tested, share, usual, _ = faults[SHARED_AT[0], "shared_doctor_code"]
    assert affected / tested == share == pytest.approx(1 / 3, abs=0.05)
    assert usual == 0
