"""Cards that several households run up at one pharmacy are found; illness, specialised shops and errands are not."""

from __future__ import annotations

import pytest

from detectors.heavy_cards import HeavyCards
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit

SHOPS = range(8)
SHOP, HOSPITAL = 2, 9
RING = tuple(range(6))


def ill(people, disease):
    """A visit to the hospital that tells what each suffers from."""
    return [visit(p, p % 80, 8, HOSPITAL, diagnosis_code=f"{disease}.900") for p in people]


def purchases(people, times, yuan, shop=SHOP, *, drug="", disease="I10", first_yuan=None):
    """Purchases of each at one shop, of goods of the own unless `drug` is given; the shop writes `disease` down."""
    return [
        visit(
            p, (n * 88) // times + p % 3, 10 + p % 8, shop, kind="pharmacy", diagnosis_code=f"{disease}.900",
            total_fen=100 * (first_yuan if first_yuan and n == 0 else yuan), drug=drug or f"G{p}-{n}",
        )
        for p in people
        for n in range(times)
    ]  # fmt: skip


def town():
    """Patients with high blood pressure, regulars of each shop."""
    people = [100 + 30 * shop + n for shop in SHOPS for n in range(25)]
    rows = ill([*people, *RING], "I10")
    for shop in SHOPS:
        rows += purchases(range(100 + 30 * shop, 125 + 30 * shop), 4, 80, shop, drug="PILL")
    return rows


def built(city, rows, order=lambda rows: rows, **tables):
    rows = numbered(rows)
    lines = [
        {
            "line_id": f"L{row['settlement_no']}", "settlement_no": row["settlement_no"], "item_code": row["drug"],
            "is_drug": True, "quantity": 1.0, "amount_fen": row["total_fen"],
        }
        for row in rows
        if "drug" in row
    ]  # fmt: skip
    plain = [{name: value for name, value in row.items() if name != "drug"} for row in rows]
    sites = [{"site_no": shop, "kind": "pharmacy"} for shop in SHOPS] + [{"site_no": HOSPITAL, "kind": "institution"}]
    return city(order(plain), lines=order(lines), sites=sites, derived=False, **tables)


@pytest.mark.parametrize(
    "run_up",
    [{"times": 5, "yuan": 900}, {"times": 24, "yuan": 60}, {"times": 5, "yuan": 60, "first_yuan": 3_000}],
    ids=["too dear", "too often", "too much at once"],
)
def test_cards_far_above_their_peers_at_one_pharmacy_are_found(city, run_up):
    rows = purchases(RING, **run_up)
    (finding,) = found(HeavyCards(), built(city, rows + town()))
    assert persons(finding) == list(RING)
    assert others(finding) == {("pharmacy", SHOP, "site")}
    assert (finding.pattern, finding.kind) == ("hoarded_cards", "heavy_cards")
    assert finding.settlements == tuple(range(len(rows)))
    assert finding.p_value < 0.01
    assert signals(finding) >= {"heavy_cards", "households_above_peers"}


def test_what_the_shop_writes_down_proves_no_illness(city):
    # twenty-five buyers elsewhere need dear medicines for what the shop claims of its own
    dear = ill(range(500, 525), "C50") + purchases(range(500, 525), 4, 900, 5, disease="C50")
    rows = purchases(RING, 5, 900, disease="C50")
    (finding,) = found(HeavyCards(), built(city, rows + dear + town()))
    assert persons(finding) == list(RING)


@pytest.mark.parametrize(
    ("people", "spent"),
    [
        (RING[:3], {"times": 5, "yuan": 900}),
        (RING, {"times": 1, "yuan": 3_000}),
        (RING, {"times": 5, "yuan": 480}),
    ],
    ids=["three households", "a dear device bought once", "below the rule"],
)
def test_what_explains_a_heavy_card_leaves_no_finding(city, people, spent):
    assert found(HeavyCards(), built(city, purchases(people, **spent) + town())) == []


def test_an_illness_a_specialised_shop_and_a_rare_disease_are_none(city):
    def told(rows):
        return found(HeavyCards(), built(city, rows + town()))

    sick = range(500, 530)
    # one in five patients takes the dear medicine, at whatever shop sells it
    assert told(ill(sick, "C50") + purchases(sick[:6], 5, 900) + purchases(sick[6:], 4, 80, 3)) == []
    # one in thirty does, and only this shop has it
    many = range(500, 680)
    common = ill(many, "C50") + purchases(many[6:], 4, 80, 3)
    assert told(common + purchases(many[:6], 5, 900, drug="DTP")) == []
    assert told(common + purchases(many[:6], 5, 900)) != []
    # nobody else has the disease
    assert told(ill(range(700, 706), "D66") + purchases(range(700, 706), 5, 900)) == []


def test_heavy_cards_at_every_shop_and_a_family_are_none(city):
    everywhere = [row for s in SHOPS for row in purchases(range(500 + 10 * s, 506 + 10 * s), 5, 900, s)]
    assert found(HeavyCards(), built(city, everywhere + town())) == []
    homes = [{"person_no": person, "household_no": person % 3} for person in RING]
    assert found(HeavyCards(), built(city, purchases(RING, 5, 900) + town(), persons=homes)) == []


def test_the_row_order_leaves_no_trace_and_no_row_no_finding(city):
    rows = purchases(RING, 5, 900) + town()
    expected = found(HeavyCards(), built(city, rows))
    assert expected
    assert found(HeavyCards(), built(city, rows, order=shuffled)) == expected
    assert found(HeavyCards(), city([], derived=False)) == []
