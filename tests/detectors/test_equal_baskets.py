"""Cards settled for one thing again and again, and handled oddly, are found; what many buy for a reason is not."""

from __future__ import annotations

import pytest

from detectors.equal_baskets import EqualBaskets
from tests.detectors.finding_reader import Row, found, numbered, others, persons, shuffled, signals, visit

SHOPS = range(6)
SHOP = 2
#: Of the three operators of a shop the last one.
OPERATOR = 3 * SHOP + 2
RING = tuple(range(7))
DAYS = (8, 19, 37, 52, 71)
CODE, PLASTIC = 0, 1
BASKET = (("A", 1.0), ("B", 1.0))


def bought(person, day, hour, shop, basket, *, plastic=False, operator=None, fee=None) -> Row:
    """A purchase of `basket`, with the person's own code or own card, at one of the desks."""
    return visit(
        person,
        day,
        hour,
        shop,
        kind="pharmacy",
        card_no=2 * person + (PLASTIC if plastic else CODE),
        handler_no=3 * shop + (day + person) % 3 if operator is None else operator,
        total_fen=sum(2_000 * n for _, n in basket) if fee is None else fee,
        basket=basket,
    )


def goods(*names):
    return tuple((name, 1.0) for name in names)


def town(plastic=()):
    """Customers of each shop, each with goods of the own; the `plastic` shops cannot read codes."""
    return [
        bought(
            1000 + 100 * shop + p, 9 * n + p % 9, 9 + p / 4, shop, goods(f"X{p % 9}-{(p + n) % 5}"),
            plastic=shop in plastic,
        )
        for shop in SHOPS
        for p in range(25)
        for n in range(9)
    ]  # fmt: skip


def own_lives(people=RING):
    """What they buy at other shops, by code."""
    return [bought(p, 11 * n + p, 15, (SHOP + 1 + p % 3) % 6, goods(f"Y{p}-{n % 3}")) for p in people for n in range(7)]


def swipes(people=RING, days=DAYS, basket=BASKET, **more):
    """All of them settled for the same thing, in turn, by card and by one operator."""
    handled = {"plastic": True, "operator": OPERATOR, **more}
    return [
        bought(p, day, 12 + 0.05 * place, SHOP, basket, **handled) for day in days for place, p in enumerate(people)
    ]


def built(city, rows, order=lambda rows: rows, **tables):
    rows = numbered(rows)
    lines = [
        {
            "line_id": f"L{row['settlement_no']}-{place}", "settlement_no": row["settlement_no"], "item_code": item,
            "is_drug": True, "quantity": quantity, "amount_fen": 2_000,
        }
        for row in rows
        for place, (item, quantity) in enumerate(row["basket"])
    ]  # fmt: skip
    people = sorted({row["person_no"] for row in rows})
    cards = [
        {"card_no": 2 * p + kind, "card_id": f"C{p}-{kind}", "kind": ("e_credential", "social_security_card")[kind]}
        for p in people
        for kind in (CODE, PLASTIC)
    ]
    plain = [{name: value for name, value in row.items() if name != "basket"} for row in rows]
    sites = [{"site_no": shop, "kind": "pharmacy"} for shop in SHOPS]
    return city(order(plain), lines=order(lines), cards=cards, sites=sites, derived=False, **tables)


def test_the_same_goods_on_the_same_cards_are_found(city):
    rows = swipes() + own_lives() + town()
    (finding,) = found(EqualBaskets(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {("pharmacy", SHOP, "site"), ("handler", OPERATOR, "operator")}
    assert (finding.pattern, finding.kind) == ("hoarded_cards", "equal_baskets")
    assert finding.settlements == tuple(range(len(swipes())))
    assert finding.p_value < 0.01
    assert signals(finding) >= {
        "equal_baskets",
        "same_cards_again",
        "credential_unlike_usual",
        "one_operator_each_day",
    }


def test_other_goods_on_each_day_are_one_group_and_who_bought_them_once_is_left_out(city):
    rows = [row for n, day in enumerate(DAYS) for row in swipes(days=(day,), basket=goods(f"A{n}", "B"))]
    passers_by = [bought(1200 + n, day, 16, SHOP, goods(f"A{n}", "B")) for n, day in enumerate(DAYS)]
    (finding,) = found(EqualBaskets(), built(city, rows + passers_by + own_lives() + town()))
    assert persons(finding) == list(RING)
    assert finding.settlements == tuple(range(len(rows)))


@pytest.mark.parametrize("known", [True, False], ids=["different goods", "no lines"])
def test_one_amount_for_different_goods_or_unknown_goods_is_found(city, known):
    rows = [
        {**row, "basket": goods(f"G{row['person_no']}-{n}") if known else (), "total_fen": 81_480}
        for n, row in enumerate(swipes())
    ]
    (finding,) = found(EqualBaskets(), built(city, rows + own_lives() + town()))
    assert persons(finding) == list(RING)


@pytest.mark.parametrize(
    "excuse",
    [
        {"days": DAYS[:2]},
        {"people": RING[:3]},
        {"plastic": False, "operator": None},
        {"plastic": False},
    ],
    ids=[
        "a check-up of two days",
        "three persons",
        "regulars of a member day, with their own codes",
        "neighbours at an acquaintance's desk",
    ],
)
def test_what_explains_equal_goods_leaves_no_finding(city, excuse):
    assert found(EqualBaskets(), built(city, swipes(**excuse) + own_lives() + town())) == []


def test_a_screening_by_card_at_one_desk_is_none_for_nobody_returns(city):
    screened = [row for n, day in enumerate(DAYS) for row in swipes(range(500 + 20 * n, 515 + 20 * n), days=(day,))]
    lives = own_lives(range(500, 600))
    assert found(EqualBaskets(), built(city, screened + lives + town())) == []


def test_a_fee_that_the_site_or_its_peers_always_charge_is_none(city):
    assert found(EqualBaskets(), built(city, swipes(RING[:5]) + own_lives() + town()))
    # a fixed fee here on every day, and the package for a flu everywhere
    fee = [
        bought(1200 + (3 * day + n) % 25, day, 9 + n, SHOP, goods("A", "B"), operator=OPERATOR)
        for day in range(84)
        for n in range(9)
    ]
    assert found(EqualBaskets(), built(city, swipes(RING[:5]) + fee + own_lives() + town())) == []
    flu = [
        bought(1000 + 100 * shop + (3 * day + n) % 25, day, 9 + n, shop, goods("A", "B"))
        for shop in set(SHOPS) - {SHOP}
        for day in range(84)
        for n in range(9)
    ]
    assert found(EqualBaskets(), built(city, swipes(RING[:5]) + flu + own_lives() + town())) == []


def test_a_course_of_treatment_is_none(city):
    # three times a week, one thing, by card, at one desk
    course = swipes(range(600, 612), days=[day for day in range(84) if day % 7 in (0, 2, 4)])
    assert found(EqualBaskets(), built(city, course + own_lives(range(600, 612)) + town())) == []


def test_a_site_without_a_reader_and_a_family_are_none(city):
    rows = swipes(operator=None) + own_lives()
    assert found(EqualBaskets(), built(city, rows + town()))
    assert found(EqualBaskets(), built(city, rows + town(plastic={SHOP}))) == []
    homes = [{"person_no": person, "household_no": person % 3} for person in RING]
    assert found(EqualBaskets(), built(city, swipes() + own_lives() + town(), persons=homes)) == []


def test_the_row_order_leaves_no_trace_and_no_row_no_finding(city):
    rows = swipes() + own_lives() + town()
    expected = found(EqualBaskets(), built(city, rows))
    assert expected
    assert found(EqualBaskets(), built(city, rows, order=shuffled)) == expected
    assert found(EqualBaskets(), city([], derived=False)) == []
