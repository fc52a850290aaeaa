"""Cards that return in bursts at night are found; night pharmacies, faulty feeds and evening walks are not."""

from __future__ import annotations

import pytest

from detectors.off_hours import OffHours
from graphaudit.leads.score import score
from graphaudit.settings import LEAST_SCORE
from tests.city_builder import fill
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit

SHOPS = range(5)
SHOP = 2
RING = tuple(range(7))
DAYS = (8, 19, 37, 52, 71)
CODE, PLASTIC = 0, 1


def bought(person, day, hour, shop, drug, *, plastic=False):
    """A purchase with the person's own code, or own card."""
    return visit(
        person, day, hour, shop, kind="pharmacy", card_no=2 * person + (PLASTIC if plastic else CODE), drug=drug
    )


def town(hour=9):
    """Customers of each shop, from nine to five."""
    return [
        bought(1000 + 100 * shop + p, 7 * n + p % 7, hour + p % 8 + 0.5, shop, f"X{(p + n) % 9}")
        for shop in SHOPS
        for p in range(40)
        for n in range(11)
    ]


def own_lives(people=RING):
    """What they buy by day at other shops, by code."""
    return [bought(p, 11 * n + p, 15, (SHOP + 1 + p % 3) % 5, f"Y{p}-{n % 3}") for p in people for n in range(7)]


def nights(people=RING, days=DAYS, hour=22, drug="", **more):
    """All of them settled within half an hour, each for goods of the own unless `drug` is given."""
    return [
        bought(p, day, hour + 0.05 * place, SHOP, drug or f"N{p}-{day}", **more)
        for day in days
        for place, p in enumerate(people)
    ]


def built(city, rows, order=lambda rows: rows, faults=(), **tables):
    rows = numbered(rows)
    lines = [
        {
            "line_id": f"L{row['settlement_no']}", "settlement_no": row["settlement_no"], "item_code": row["drug"],
            "is_drug": True, "quantity": 1.0, "amount_fen": 10_000,
        }
        for row in rows
    ]  # fmt: skip
    cards = [
        {"card_no": 2 * p + kind, "card_id": f"C{p}-{kind}", "kind": ("e_credential", "social_security_card")[kind]}
        for p in sorted({row["person_no"] for row in rows})
        for kind in (CODE, PLASTIC)
    ]
    plain = [{name: value for name, value in row.items() if name != "drug"} for row in rows]
    windows = [
        {
            "site_no": shop,
            "window_minutes": 60,
            "settlements": 0,
            "span_days": 90,
            "met_a_day": 1.0,
            "meeting_rate": 0.1,
        }
        for shop in SHOPS
    ]
    sites = [{"site_no": shop, "kind": "pharmacy"} for shop in SHOPS]
    connection = city(order(plain), lines=order(lines), cards=cards, sites=sites, derived=False, **tables)
    fill(connection, "site_windows", windows)
    fill(connection, "site_faults", list(faults))
    return connection


def told(city, rows, **tables):
    return found(OffHours(), built(city, rows + own_lives() + town(), **tables))


@pytest.mark.parametrize("hour", [22, 2, 6], ids=["at closing time", "at night", "before opening"])
def test_cards_that_return_when_nobody_buys_are_found(city, hour):
    (finding,) = told(city, nights(hour=hour))
    assert persons(finding) == list(RING)
    assert others(finding) == {("pharmacy", SHOP, "site")}
    assert (finding.pattern, finding.kind) == ("hoarded_cards", "off_hours")
    assert finding.settlements == tuple(range(len(nights())))
    assert finding.p_value < 0.01
    assert signals(finding) >= {"off_hours", "same_cards_again"}


def test_a_late_customer_is_left_out(city):
    late = [bought(1200 + n, day, 22.7, SHOP, "Z") for n, day in enumerate(DAYS)]
    (finding,) = told(city, nights() + late)
    assert persons(finding) == list(RING)


@pytest.mark.parametrize(
    "excuse",
    [{"days": DAYS[:2]}, {"people": RING[:3]}, {"hour": 12}],
    ids=["two evenings", "three persons", "by day"],
)
def test_what_explains_a_burst_leaves_no_finding(city, excuse):
    assert told(city, nights(**excuse)) == []


@pytest.mark.parametrize(
    ("excuse", "cause"),
    [({"days": range(4, 84, 10)}, "refill_calendar"), ({"drug": "TEA"}, "companions")],
    ids=["every tenth day", "neighbours who buy the same"],
)
def test_a_group_that_a_cause_explains_better_is_told_with_it_and_is_no_lead(city, excuse, cause):
    scored = score(told(city, nights(**excuse)))
    assert scored.is_innocent
    assert scored.benign[0].cause == cause
    assert 0 < scored.score < LEAST_SCORE


def test_company_excuses_nothing_where_the_cards_are_handled_oddly(city):
    (finding,) = told(city, nights(drug="TEA", plastic=True))
    assert "credential_unlike_usual" in signals(finding)
    assert "companions" not in {cause.cause for cause in finding.benign}


def test_an_open_night_pharmacy_and_a_late_city_are_none(city):
    here = [bought(1200 + n % 40, 2 * n, 22.2, SHOP, "Z") for n in range(40)]
    assert told(city, nights() + here) == []
    everywhere = [bought(1000 + 100 * s + n, 2 * n, 22.2, s, "Z") for s in set(SHOPS) - {SHOP} for n in range(20)]
    assert told(city, nights() + everywhere) == []


def test_faulty_feeds_and_days_sent_afterwards_are_none(city):
    for fault in ("bunched_stamps", "one_stamp_a_day", "clock_offset"):
        faults = [{"site_no": SHOP, "fault": fault, "affected": 9, "tested": 10, "share": 0.9, "usual": 0.1}]
        assert told(city, nights(), faults=faults) == []
    held_up = [
        row for row in town() if not (row["site_no"] == SHOP and row["at"][:10] in {r["at"][:10] for r in nights()})
    ]
    assert found(OffHours(), built(city, nights() + own_lives() + held_up)) == []


def test_a_family_is_none(city):
    homes = [{"person_no": person, "household_no": person % 3} for person in RING]
    assert told(city, nights(), persons=homes) == []


def test_the_row_order_leaves_no_trace_and_no_row_no_finding(city):
    rows = nights() + own_lives() + town()
    expected = found(OffHours(), built(city, rows))
    assert expected
    assert found(OffHours(), built(city, rows, order=shuffled)) == expected
    assert found(OffHours(), city([], derived=False)) == []
