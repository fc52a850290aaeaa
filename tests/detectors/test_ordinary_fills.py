"""Purchases after visits explain a flow as far as they are no odder, and no dearer, than everybody's."""

from __future__ import annotations

import pytest

from detectors.ordinary_fills import CAUSE, EXPLAINS, measured, ordinary_fills
from detectors.pattern_measures import measure
from detectors.pattern_rows import Candidate
from graphaudit.findings import Member
from tests.table_builder import tables_of

#: The pharmacy that one doctor's patients go to, and others; purchases there, and everybody else's after a visit.
STEERED, SHOPS = 0, (1, 2, 3, 4)
FLOW, OTHERS = 40, 400


def town(*, odd, price=1_000):
    """Purchases of a drug after visits: FLOW at STEERED for `price` fen, `odd` of them odd; OTHERS, one in five odd."""
    bought = [(STEERED, price, n < odd) for n in range(FLOW)]
    bought += [(SHOPS[n % len(SHOPS)], 1_000 + n % 7, n % 5 == 0) for n in range(OTHERS)]
    visits = len(bought)
    return tables_of(
        {
            "persons": [{} for _ in bought],
            "settlements": [
                {"settlement_no": no, "person_no": no, "site_no": site, "kind": "pharmacy", "day": 40}
                for no, (site, _, _) in enumerate(bought)
            ],
            "lines": [
                {
                    "line_id": f"L{no}", "settlement_no": no, "item_code": "A", "is_drug": True, "quantity": 1.0,
                    "amount_fen": fen,
                }
                for no, (_, fen, _) in enumerate(bought)
            ],
            "fills": [
                {
                    "purchase_no": no, "visit_no": visits + no, "person_no": no, "doctor_no": min(no // FLOW, 1),
                    "site_no": site,
                }
                for no, (site, _, _) in enumerate(bought)
            ],
            "odd_visits": [
                {"settlement_no": no, "person_no": no, "odd_p": 0.1 if is_odd else 0.3}
                for no, (_, _, is_odd) in enumerate(bought)
            ],
        }
    )  # fmt: skip


def asked(*, odd, price=1_000):
    """What is measured of the FLOW, whose visits are named along with the purchases."""
    tables = town(odd=odd, price=price)
    (row,) = measured(tables, [[*range(FLOW), FLOW + OTHERS]]).values()
    tables.close()
    return row


@pytest.mark.parametrize("odd", [0, 4, 8, 12])
def test_patients_who_buy_what_they_need_for_what_it_costs_are_explained(odd):
    purchases, counted, nats, is_dear = asked(odd=odd)
    assert (purchases, counted, is_dear) == (FLOW, odd, False)
    assert nats < 3
    assert ordinary_fills(purchases, counted, nats, is_dear).weight == EXPLAINS


def test_purchases_odd_for_most_of_the_patients_are_not():
    _, odd, nats, _ = row = asked(odd=28)
    assert odd == 28
    assert nats > 6
    assert ordinary_fills(*row).weight == 0.0


def test_prices_above_the_peers_leave_little_of_it():
    *_, is_dear = row = asked(odd=4, price=1_500)
    assert is_dear
    assert ordinary_fills(*row).weight == pytest.approx(0.3 * EXPLAINS)


def test_between_usual_and_odd_a_part_is_explained_and_both_languages_say_of_what():
    cause = ordinary_fills(40, 20, 4.5, is_dear=False)
    assert (cause.cause, cause.weight) == (CAUSE, pytest.approx(0.5 * EXPLAINS))
    assert "40笔购药中20笔" in cause.text.zh
    assert "20 of the 40 purchases" in cause.text.en
    assert "价格高于其他药店" in ordinary_fills(40, 20, 4.5, is_dear=True).text.zh
    assert "dearer prices than other" in ordinary_fills(40, 20, 4.5, is_dear=True).text.en


def test_groups_without_purchases_after_visits_are_left_out():
    tables = town(odd=4)
    assert measured(tables, [[], [FLOW + OTHERS]]) == {}


@pytest.mark.parametrize(("odd", "named"), [(4, [CAUSE]), (28, [])])
def test_a_pattern_that_weighs_it_names_it_where_it_explains_anything(odd, named):
    tables = town(odd=odd)
    candidate = Candidate((Member("doctor", 0, "doctor"), Member("person", 0, "patient")), tuple(range(FLOW)))
    (told,) = measure(tables, [candidate], weighs=(CAUSE,))
    assert [cause.cause for cause in told.benign] == named
    (untold,) = measure(tables, [candidate])
    assert untold.benign == ()
