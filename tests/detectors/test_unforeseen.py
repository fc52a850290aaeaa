"""Whoever departs together is found, in any dimension; what a site, a day, a home or a season brings about is not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.departures import DIMENSIONS, measured
from detectors.unforeseen import UnforeseenGroups
from graphaudit.leads.score import score
from tests.detectors.finding_reader import found, moment, numbered, persons, shuffled, signals, visit

PEOPLE = 200
HOMES = range(5)
GROUP = tuple(range(0, 48, 6))
PHONE = 77
DAYS = (9, 23, 41, 66, 90, 118)


def life(seed=3, times=12):
    """Everybody's own visits at the clinic round the corner, for ordinary money."""
    random = np.random.default_rng(seed)
    return [
        visit(p, day, 9 + random.integers(6), p % len(HOMES), total_fen=int(8_000 * np.exp(0.3 * random.normal())))
        for p in range(PEOPLE)
        for day in random.choice(160, times, replace=False)
    ]


def dear(people=GROUP, days=DAYS, site=lambda p: p % len(HOMES), **more):
    """Visits of the group for ten times the money."""
    return [
        visit(p, day + n % 3, 10 + n / 10, site(p), total_fen=70_000 + 911 * p + 7 * day, **more)
        for day in days
        for n, p in enumerate(people)
    ]


def built(city, rows, order=lambda rows: rows, **tables):
    return city(order(numbered(rows)), **tables)


def unexplained(city, rows, **tables):
    """Findings that no innocent cause explains better."""
    findings = found(UnforeseenGroups(), built(city, rows, **tables))
    return [finding for finding in findings if score([finding]).explained < 0.5]


def test_a_group_that_names_one_phone_and_pays_more_than_ever_is_found(city):
    findings = unexplained(city, life() + dear(phone_no=PHONE))
    assert findings
    best = max(findings, key=lambda finding: score([finding]).score)
    assert set(persons(best)) == set(GROUP)
    assert (best.pattern, best.kind, best.channel) == ("unexplained", "common_departure", "unforeseen")
    assert any(name.startswith("departs_") for name in signals(best))
    assert best.p_value < 0.02


def test_a_group_that_is_always_dear_departs_from_nothing(city):
    always = [{**row, "total_fen": 70_000, "phone_no": PHONE} if row["person_no"] in GROUP else row for row in life()]
    assert unexplained(city, always) == []


def test_a_site_whose_feed_is_at_fault_is_no_group(city):
    # the amounts of one site are ten times too high, for everybody alike
    faulty = [{**row, "total_fen": row["total_fen"] * 10} if row["site_no"] == 0 else row for row in life()]
    assert unexplained(city, faulty) == []


def test_a_check_up_day_is_no_group(city):
    day = dear(people=range(0, 40), days=(60,), site=lambda _: 3, phone_no=PHONE)
    assert unexplained(city, life() + [{**row, "at": moment(60, 9), "total_fen": 30_000} for row in day]) == []


def test_a_family_is_no_group(city):
    homes = [{"person_no": p, "household_no": 5} for p in GROUP]
    assert unexplained(city, life() + dear(phone_no=PHONE), persons=homes) == []


def test_a_nursing_home_is_explained(city):
    homes = [{"person_no": p, "address_no": 9} for p in GROUP]
    register = [{"entry_no": 0, "kind": "nursing_home", "address_no": 9}]
    assert unexplained(city, life() + dear(phone_no=PHONE), persons=homes, benign_register=register) == []


def test_a_clinic_that_opens_is_no_group(city):
    random = np.random.default_rng(5)
    opening = [
        visit(p, 80 + random.integers(60), 9 + random.integers(6), 9) for p in range(0, PEOPLE, 2) for _ in range(3)
    ]
    assert unexplained(city, life() + opening) == []


def test_a_new_list_of_drugs_is_no_group(city):
    rows = numbered(life())
    lines = [
        {
            "line_id": f"L{row['settlement_no']}", "settlement_no": row["settlement_no"], "is_drug": True,
            "item_code": f"{'N' if row['at'] > moment(90) else 'D'}{row['person_no'] % 7}", "quantity": 1.0,
            "amount_fen": row["total_fen"],
        }
        for row in rows
    ]  # fmt: skip
    assert unexplained(city, rows, lines=lines) == []


def test_the_row_order_leaves_no_trace(city):
    rows = life() + dear(phone_no=PHONE)
    expected = found(UnforeseenGroups(), built(city, rows))
    assert expected
    assert found(UnforeseenGroups(), built(city, rows, order=lambda rows: shuffled(rows, seed=4))) == expected


def test_every_dimension_has_a_bit_and_nothing_is_left_behind(city):
    tables = built(city, life(times=4))
    with measured(tables):
        columns = {row[0] for row in tables.execute("DESCRIBE departures").fetchall()}
        (top,) = tables.execute("SELECT max(flags) FROM departures").fetchone()
    assert columns >= {"settlement_no", "unit_no", "flags", "odd_p"}
    assert 0 < top < 1 << (len(DIMENSIONS) + 1)
    assert tables.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'departure%'").fetchone() == (0,)


@pytest.mark.parametrize("each", DIMENSIONS, ids=lambda each: each.name)
def test_every_dimension_is_told_in_both_languages(each):
    assert each.text.zh
    assert each.text.en
