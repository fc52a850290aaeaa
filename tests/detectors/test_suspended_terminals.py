"""A suspended site's terminal at work elsewhere: whom it served is found; honest moves and sold computers are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.suspended_terminals import SuspendedTerminals
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals, visit

#: The site that takes over, the suspended one and a third; the operators of the first.
HOST, HOME, THIRD = range(3)
DESKS = (0, 1)
GUEST = 11
SPAN = 200
PAUSED = (60, 130)
RING = tuple(range(8))


def signed(day, site, terminal):
    return {"site_no": site, "terminal_no": terminal, "from_at": moment(day, 8), "until_at": moment(day, 19)}


def terminals(*, returns=True, away=range(PAUSED[0], PAUSED[1] + 1), days=range(SPAN)):
    """A terminal of its own at each site; that of HOME stands at HOST on the days `away`."""
    rows = [signed(day, site, 10 + site) for site in (HOST, THIRD) for day in days]
    rows += [signed(day, HOME, GUEST) for day in days if day < PAUSED[0] or (returns and day > PAUSED[1])]
    return rows + [signed(day, HOST, GUEST) for day in away]


def customers(first, number, site, visits=8, days=(0, SPAN), desks=DESKS, seed=1):
    random = np.random.default_rng(seed)
    return [
        visit(
            first + n,
            random.integers(*days),
            random.uniform(8, 18),
            site,
            kind="pharmacy",
            handler_no=int(random.choice(desks)),
        )
        for n in range(number)
        for _ in range(visits)
    ]


def town():
    """Customers of all three; those of the suspended site buy at the third meanwhile, some also at the host."""
    rows = customers(100, 60, HOST) + customers(200, 40, THIRD, desks=(4,), seed=2)
    rows += customers(300, 40, HOME, visits=4, days=(0, PAUSED[0]), desks=(6,), seed=3)
    rows += customers(300, 30, THIRD, visits=3, days=PAUSED, desks=(4,), seed=4)
    return rows + customers(330, 10, HOST, visits=3, days=PAUSED, seed=5)


def moved(people=RING, visits=6, desks=DESKS[1:], former=True):
    """Persons whom one operator of the host settles while the other site is suspended."""
    before = (
        customers(people[0], len(people), HOME, visits=3, days=(0, PAUSED[0]), desks=(6,), seed=6) if former else []
    )
    return before + customers(people[0], len(people), HOST, visits=visits, days=PAUSED, desks=desks, seed=7)


def built(city, rows, sign_ins, order=lambda rows: rows, until=PAUSED[1]):
    numbers = [{"sign_in_id": f"G{number}", **row} for number, row in enumerate(sign_ins)]
    pause = {
        "site_no": HOME,
        "kind": "1",
        "from_at": moment(PAUSED[0]),
        "until_at": None if until is None else moment(until),
    }
    sites = [{"site_no": site, "kind": "pharmacy"} for site in (HOST, HOME, THIRD)]
    handlers = [{"handler_no": no, "kind": "operator", "site_no": no // 3} for no in range(9)]
    return city(order(numbered(rows)), sign_ins=order(numbers), sites=sites, site_pauses=[pause], handlers=handlers)


def told_of(finding):
    """The persons named, but for one of the ten who came by themselves and met one operator every time."""
    by_themselves = [person for person in persons(finding) if 330 <= person < 340]
    assert len(by_themselves) <= 1
    return [person for person in persons(finding) if person not in by_themselves]


def test_persons_settled_by_one_operator_while_the_terminal_was_there_are_found(city):
    (finding,) = found(SuspendedTerminals(), built(city, moved() + town(), terminals()))
    assert told_of(finding) == list(RING)
    assert others(finding) >= {
        ("pharmacy", HOST, "site"), ("pharmacy", HOME, "hidden_site"), ("terminal", GUEST, "terminal"),
        ("handler", DESKS[1], "operator"),
    }  # fmt: skip
    assert (finding.pattern, finding.kind) == ("proxy_settlement", "suspended_terminal")
    assert finding.p_value < 1e-3
    assert signals(finding) >= {"suspended_terminal", "home_site_suspended"}
    assert "暂停" in finding.text.zh
    assert "suspended site's terminal" in finding.text.en


def test_persons_from_elsewhere_are_found_as_well(city):
    (finding,) = found(SuspendedTerminals(), built(city, moved(former=False) + town(), terminals()))
    assert told_of(finding) == list(RING)
    assert "moved_to_a_neighbour" not in {cause.cause for cause in finding.benign}


def test_some_days_of_the_suspension_are_enough(city):
    away = range(PAUSED[0], PAUSED[1], 3)
    (finding,) = found(SuspendedTerminals(), built(city, moved() + town(), terminals(away=away)))
    assert told_of(finding) == list(RING)


def test_where_one_operator_serves_all_former_customers_may_have_come_by_themselves(city):
    alone = [{**row, "handler_no": 0} if row["site_no"] == HOST else row for row in moved() + town()]
    (finding,) = found(SuspendedTerminals(), built(city, alone, terminals()))
    assert {cause.cause: cause.weight for cause in finding.benign}["moved_to_a_neighbour"] > 0.2


@pytest.mark.parametrize(
    "kind",
    [
        "sold for good",
        "no end of the suspension",
        "lent for a day",
        "stood there before",
        "honest move",
        "new operator",
        "no terminal",
    ],
)
def test_terminals_and_customers_that_move_for_a_reason_are_none(city, kind):
    rows, signed_in, until = town(), terminals(), PAUSED[1]
    if kind == "sold for good":
        rows, signed_in = rows + moved(), terminals(returns=False)
    elif kind == "no end of the suspension":
        rows, until = rows + moved(), None
    elif kind == "lent for a day":
        rows, signed_in = rows + moved(), terminals(away=range(70, 72))
    elif kind == "stood there before":
        rows, signed_in = rows + moved(), terminals(away=range(0, SPAN, 2))
    elif kind == "honest move":
        # whoever comes goes to whichever desk is free, and stays afterwards
        rows += customers(500, 8, HOST, visits=8, days=(PAUSED[0], SPAN), seed=8)
    elif kind == "new operator":
        rows = [
            {**row, "handler_no": 2}
            if row["site_no"] == HOST and row["at"] >= moment(PAUSED[0]) and row["handler_no"] == 1
            else row
            for row in rows
        ]
    elif kind == "no terminal":
        rows, signed_in = rows + moved(), terminals(away=())
    assert found(SuspendedTerminals(), built(city, rows, signed_in, until=until)) == []


def test_nothing_to_look_at_is_no_error(city):
    assert found(SuspendedTerminals(), city([])) == []


def test_the_row_order_leaves_no_trace(city):
    rows, signed_in = moved() + town(), terminals()
    assert found(SuspendedTerminals(), built(city, rows, signed_in)) == found(
        SuspendedTerminals(), built(city, rows, signed_in, order=shuffled)
    )
