"""Invoices paid twice: one desk's are found; returned claims, refunds and an office's two payments are not."""

from __future__ import annotations

import pytest

from detectors.invoice_claimed_again import InvoiceClaimedAgain
from tests.detectors.finding_reader import found, held_by, numbered, others, persons, shuffled, signals, visit

DESKS = range(4)
RING = tuple(range(5))
DESK = 1


def claim(person, day, desk, invoice, **more):
    return visit(person, day, 10, 0, handler_no=desk, invoice_no=invoice, is_manual=True, **more)


def town(claimants=30):
    """Two claims of everybody, each on its own invoice."""
    return [
        claim(1000 * (desk + 1) + p, 3 * p + 60 * n, desk, f"N-{desk}-{p}-{n}")
        for desk in DESKS
        for p in range(claimants)
        for n in range(2)
    ]


def twice(people=RING, desk=DESK, second=None, **more):
    rows = []
    for person in people:
        rows.append(claim(person, 20 + person, desk, f"R-{person}") if second is None else second(person))
        rows.append(claim(person, 50 + person, desk, f"R-{person}", **more))
    return rows


def online(person):
    return visit(person, 20 + person, 9, 0, invoice_no=f"R-{person}")


def built(city, rows, **tables):
    offices = [
        {"handler_no": desk, "handler_id": f"C{desk}", "kind": "agency", "office": "east" if desk < 2 else "west"}
        for desk in DESKS
    ]
    return city(rows, derived=False, handlers=offices, **tables)


@pytest.mark.parametrize(("second", "side"), [(None, "paper"), (online, "online")])
def test_invoices_that_one_desk_let_be_paid_twice_are_found(city, second, side):
    rows = twice(second=second) + town()
    (finding,) = found(InvoiceClaimedAgain(), built(city, rows))
    assert persons(finding) == list(RING)
    assert ("handler", DESK, "handler") in others(finding)
    assert (finding.pattern, finding.kind) == ("insider", "invoice_claimed_again")
    assert finding.settlements == held_by(rows, RING)
    assert finding.p_value < 1e-2
    assert f"invoice_claimed_again.{side}" in signals(finding)


@pytest.mark.parametrize("kind", ["returned", "refunded", "parts", "two persons", "family"])
def test_honest_second_claims_are_no_finding(city, kind):
    home = []
    if kind == "returned":
        # registered, sent back, handed in again: one settlement pays it
        rows = [row for row in twice() if row["at"] > "2026-02-15"]
    elif kind == "refunded":
        rows = twice(second=lambda person: {**online(person), "is_event": False})
    elif kind == "parts":
        rows = [row for desk in DESKS for row in twice([100 * desk + p for p in RING], desk=desk)]
    elif kind == "two persons":
        rows = twice(RING[:2])
    else:
        rows, home = twice(), [{"person_no": p, "household_no": p % 2} for p in RING]
    assert found(InvoiceClaimedAgain(), built(city, rows + town(), persons=home)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(twice() + town())
    expected = found(InvoiceClaimedAgain(), built(city, rows))
    assert len(expected) == 1
    assert found(InvoiceClaimedAgain(), built(city, shuffled(rows))) == expected


def test_claims_without_numbers_or_handlers_join_nobody(city):
    assert found(InvoiceClaimedAgain(), built(city, [{**row, "invoice_no": None} for row in twice()])) == []
    assert found(InvoiceClaimedAgain(), built(city, [{**row, "handler_no": None} for row in twice()])) == []
    assert found(InvoiceClaimedAgain(), built(city, [])) == []
