"""Prices against the same drug elsewhere: what only these patients pay is told, a dear shop and new packs are not."""

from __future__ import annotations

import pytest

from detectors.fill_prices import price_above_peers, prices
from tests.table_builder import tables_of

#: The pharmacy of the purchases that are told of, and others.
THERE, ELSEWHERE = 0, (1, 2, 3, 4)
TOLD = range(8)


def town(*, price=1_700, usual=1_000, others_there=1_000, elsewhere=ELSEWHERE, item="D1", day=40):
    """Told purchases at one pharmacy, ten of other customers there and ten at each other pharmacy; prices in fen."""
    sold = [(THERE, price, item) for _ in TOLD] + [(THERE, others_there, item)] * 10
    sold += [(site, usual + n, "D1") for site in elsewhere for n in range(10)]
    return tables_of(
        {
            "settlements": [
                {"settlement_no": no, "site_no": site, "kind": "pharmacy", "day": day}
                for no, (site, _, _) in enumerate(sold)
            ],
            "lines": [
                {
                    "line_id": f"L{no}", "settlement_no": no, "item_code": code, "is_drug": True, "quantity": 2.0,
                    "amount_fen": 2 * fen,
                }
                for no, (_, fen, code) in enumerate(sold)
            ],
        }
    )  # fmt: skip


def signal(tables):
    return price_above_peers(prices(tables, list(TOLD)), list(TOLD), 1.5)


def test_prices_above_the_peers_are_told_with_how_far_and_how_many():
    tables = town()
    known = prices(tables, list(TOLD))
    assert known["purchase_no"].tolist() == list(TOLD)
    assert known["ratio"].tolist() == pytest.approx([1_700 / 1_004] * 8, rel=1e-3)
    assert set(known["others"]) == {10}
    assert set(known["others_dear"]) == {0}
    (told,) = price_above_peers(known, list(TOLD), 1.5)
    assert told.name == "price_above_peers"
    assert "8 of 8" in told.detail.en
    assert "8 above 1.5 times" in told.detail.en


@pytest.mark.parametrize(
    "kind", ["usual price", "dear to everybody", "another packing", "one other seller", "nothing asked"]
)
def test_prices_that_say_nothing_of_these_patients_are_not_told(kind):
    if kind == "nothing asked":
        assert price_above_peers(prices(town(), []), [], 1.5) == ()
        return
    tables = {
        "usual price": lambda: town(price=1_009),
        "dear to everybody": lambda: town(others_there=1_700),
        "another packing": lambda: town(item="D2"),
        "one other seller": lambda: town(elsewhere=(1,)),
    }[kind]()
    assert signal(tables) == ()
