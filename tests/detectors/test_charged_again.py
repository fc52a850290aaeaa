"""Charges made twice: one counter's are found; retries, refills, refunds and a doubling feed are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.charged_again import ChargedAgain
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals, visit

SITES = range(4)
RING = tuple(range(8))
SITE = 1
BASKET = ("exam", "drip", "test", "pill")


class Counter:
    """Visits and their lines, grown row by row."""

    def __init__(self):
        self.rows, self.lines = [], []

    def visit(self, person, site, day, hour, items=BASKET, *, charged=None, quantity=1.0, **more):
        """One visit; its charges arise at its own hour unless `charged` says when."""
        number = len(self.rows)
        self.rows.append(visit(person, day, hour, site, **more))
        self.lines += [
            {
                "line_id": f"L{number}-{n}", "settlement_no": number, "item_code": item, "is_drug": item == "pill",
                "quantity": quantity if item == "exam" else 1.0, "amount_fen": 1000 + person,
                "occurred_at": moment(day, hour) if charged is None else charged,
            }
            for n, item in enumerate(items)
        ]  # fmt: skip

    def city(self, build, order=lambda rows: rows, **tables):
        return build(order(numbered(self.rows)), derived=False, lines=order(self.lines), **tables)


def town(seed=1, patients=40):
    """Four visits of everybody, each month the same."""
    random, counter = np.random.default_rng(seed), Counter()
    for site in SITES:
        for patient in range(patients):
            day = int(random.integers(28))
            for month in range(4):
                counter.visit(1000 * (site + 1) + patient, site, day + 30 * month, 9 + patient / 7)
    return counter


def test_bills_that_are_settled_again_at_one_site_are_found(city):
    counter = town()
    for person in RING:
        for later in (0, 9):
            # the same charges, with the times at which they arose
            counter.visit(person, SITE, 40 + person + later, 10, charged=moment(40 + person, 9.5))
    (finding,) = found(ChargedAgain(), counter.city(city))
    assert persons(finding) == list(RING)
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("unexplained", "charged_again")
    assert len(finding.settlements) == 2 * len(RING)
    assert finding.p_value < 1e-2
    assert "charged_again.again" in signals(finding)


def test_without_times_of_charges_the_same_bill_on_the_same_day_is_found(city):
    counter = town()
    for person in RING:
        for hour in (9, 15):
            counter.visit(person, SITE, 40 + person, hour, charged=moment(40 + person))
    (finding,) = found(ChargedAgain(), counter.city(city))
    assert persons(finding) == list(RING)


def test_what_is_charged_once_a_day_elsewhere_is_found_when_charged_for_more(city):
    counter = town(patients=50)
    for person in RING:
        counter.visit(person, SITE, 40 + person, 10, quantity=3.0)
    (finding,) = found(ChargedAgain(), counter.city(city))
    assert persons(finding) == list(RING)
    assert "charged_again.daily" in signals(finding)


@pytest.mark.parametrize(("quantity", "are_found"), [(4.0, False), (9.0, True)])
def test_a_line_that_sums_up_a_stays_days_is_not_charged_twice(city, quantity, are_found):
    counter = town(patients=50)
    for person in RING:
        counter.visit(person, SITE, 37 + person, 10, quantity=quantity, kind="inpatient", until=moment(40 + person, 10))
    assert [persons(finding) for finding in found(ChargedAgain(), counter.city(city))] == [list(RING)] * are_found


@pytest.mark.parametrize("kind", ["retries", "refunded", "two errands a day", "few"])
def test_honest_repetitions_are_no_finding(city, kind):
    counter = town()
    for person in RING[: 3 if kind == "few" else None]:
        day = 40 + person
        for n in range(2):
            hour = 9 + (0.3 if kind == "retries" else 6) * n
            counter.visit(
                person, SITE, day, hour,
                # in the morning and in the afternoon the same drip, each with its own time
                items=BASKET[1:2] if kind == "two errands a day" else BASKET,
                charged=None if kind == "two errands a day" else moment(day, 9),
                is_event=kind != "refunded" or n == 0,
            )  # fmt: skip
    assert found(ChargedAgain(), counter.city(city)) == []


def test_a_feed_that_doubles_everything_is_no_finding(city):
    counter = town(patients=20)
    for number, row in enumerate(list(counter.rows)):
        if row["site_no"] == 2 and number % 4 == 0:
            counter.rows.append({**row, "at": row["at"][:11] + "22:00:00"})
            counter.lines += [
                {**line, "line_id": f"M{number}-{n}", "settlement_no": len(counter.rows) - 1}
                for n, line in enumerate(counter.lines[4 * number : 4 * number + 4])
            ]
    assert found(ChargedAgain(), counter.city(city)) == []


def test_the_row_order_leaves_no_trace(city):
    counter = town(patients=20)
    for person in RING:
        for later in (0, 9):
            counter.visit(person, SITE, 40 + person + later, 10, charged=moment(40 + person, 9.5))
    expected = found(ChargedAgain(), counter.city(city))
    assert len(expected) == 1
    assert found(ChargedAgain(), counter.city(city, order=shuffled)) == expected


def test_without_lines_nothing_is_found_and_nothing_breaks(city):
    counter = town(patients=3)
    counter.lines = []
    assert found(ChargedAgain(), counter.city(city)) == []
    assert found(ChargedAgain(), Counter().city(city)) == []
