"""Cards settled and given back again and again at one desk are found; corrections, returns and accidents are not."""

from __future__ import annotations

import pytest

from detectors.swipe_refunds import SwipeRefunds
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals, visit

SHOPS = range(8)
SHOP, OPERATOR = 2, 5
CARDS = (0, 1, 2, 3, 4)


def town():
    """Customers of every shop, each by one of two operators."""
    return [
        visit(100 + 20 * shop + n, n, 10, shop, kind="pharmacy", handler_no=2 * shop + n % 2)
        for shop in SHOPS
        for n in range(20)
    ]


def cycles(people=CARDS, times=2, after=0.1, shop=SHOP, operator=OPERATOR, corrected=False):
    """Each person is settled, and given everything back `after` hours later; when corrected, settled anew at once."""
    rows = []
    for person in people:
        for n in range(times):
            day = 10 + 7 * n + person % 5
            back = {"refunded_at": moment(day, 9 + after), "refunded_fen": 10_000, "is_event": False}
            where = {"kind": "pharmacy", "handler_no": operator}
            rows.append(visit(person, day, 9, shop, **where, **back))
            if corrected:
                rows.append(visit(person, day, 9.2, shop, **where))
    return rows


def built(city, rows, order=lambda rows: rows, **tables):
    return city(order(numbered(rows)), sites=[{"site_no": shop, "kind": "pharmacy"} for shop in SHOPS], **tables)


def test_cards_given_back_minutes_later_at_one_desk_are_found(city):
    rows = cycles() + town()
    (finding,) = found(SwipeRefunds(), built(city, rows))
    assert persons(finding) == list(CARDS)
    assert others(finding) == {("pharmacy", SHOP, "site"), ("handler", OPERATOR, "operator")}
    assert (finding.pattern, finding.kind) == ("hoarded_cards", "swipe_refunds")
    assert finding.settlements == tuple(range(len(cycles())))
    assert finding.p_value < 0.05
    assert signals(finding) == {"swipe_refunds", "cycles_each"}


@pytest.mark.parametrize(
    "excuse",
    [{"corrected": True}, {"after": 26}, {"times": 1}, {"people": CARDS[:3]}],
    ids=["put right the same day", "goods returned later", "once each", "three persons"],
)
def test_what_explains_a_refund_leaves_no_finding(city, excuse):
    assert found(SwipeRefunds(), built(city, cycles(**excuse) + town())) == []


def test_a_family_and_a_habit_of_all_sites_are_no_findings(city):
    homes = [{"person_no": person, "household_no": person % 3} for person in CARDS]
    assert found(SwipeRefunds(), built(city, cycles() + town(), persons=homes)) == []
    everywhere = [row for s in SHOPS for row in cycles(range(1000 + 10 * s, 1005 + 10 * s), shop=s, operator=2 * s + 1)]
    assert found(SwipeRefunds(), built(city, everywhere + town())) == []


def test_without_operators_the_site_is_the_desk(city):
    rows = [{**row, "handler_no": None} for row in cycles() + town()]
    (finding,) = found(SwipeRefunds(), built(city, rows))
    assert others(finding) == {("pharmacy", SHOP, "site")}


def test_the_row_order_leaves_no_trace_and_no_row_no_finding(city):
    rows = cycles() + town()
    expected = found(SwipeRefunds(), built(city, rows))
    assert expected
    assert found(SwipeRefunds(), built(city, rows, order=shuffled)) == expected
    assert found(SwipeRefunds(), city([])) == []
