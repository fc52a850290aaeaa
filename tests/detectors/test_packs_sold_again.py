"""Packs of several buyers that one outlet sells again are found; returns, opened packs, careless scanning are not."""

from __future__ import annotations

from itertools import count

import pytest

from detectors.packs_sold_again import PacksSoldAgain
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals, visit

SHOPS = range(10)
#: Where the packs are sold again, and where they were bought.
OUTLET, SOURCES = 3, (5, 6)
BUYERS = (0, 1, 2, 3)


class Sales:
    """Settlements and the packs sold in them, written down together."""

    def __init__(self):
        self.rows, self.packs, self.codes = [], [], count()
        for shop in SHOPS:
            for n in range(30):
                self.sell(100 + 30 * shop + n, n, shop)

    def sell(self, person, day, shop, code=None, **more):
        code = f"own{next(self.codes)}" if code is None else code
        self.packs.append(
            {
                "sale_no": len(self.rows), "trace_code": code, "settlement_no": len(self.rows), "site_no": shop,
                "person_no": person, "item_code": "D1", "sold_at": moment(day, 9), "quantity": 1.0, "split_pack": False,
                "returned": False, **more,
            }
        )  # fmt: skip
        self.rows.append(visit(person, day, 9, shop, kind="pharmacy"))
        return self

    def resold(self, buyers=BUYERS, packs=2, outlet=OUTLET, after=10, first=None, source=None, times=1, **more):
        """Each of the buyers buys packs, and the outlet sells them to others some days later."""
        for person in buyers:
            for n in range(packs):
                code = f"{person}-{n}-{outlet}"
                self.sell(
                    person, 20 + n + person % 7, SOURCES[n % 2] if source is None else source, code, **(first or more)
                )
                for _ in range(times):
                    self.sell(1000 + next(self.codes), 20 + n + person % 7 + after, outlet, code, **more)
        return self

    def built(self, city, order=lambda rows: rows, **tables):
        sites = [{"site_no": shop, "kind": "pharmacy"} for shop in SHOPS]
        return city(order(numbered(self.rows)), pack_sales=order(self.packs), sites=sites, **tables)


def test_first_buyers_and_the_outlet_of_the_second_sale_are_found_with_both_sales(city):
    sales = Sales()
    before = len(sales.rows)
    (finding,) = found(PacksSoldAgain(), sales.resold().built(city))
    assert persons(finding) == list(BUYERS)
    assert ("pharmacy", OUTLET, "outlet") in others(finding)
    assert (finding.pattern, finding.kind) == ("drug_resale", "packs_sold_again")
    assert finding.settlements == tuple(range(before, before + 16))
    assert finding.values["settlements"] == 16
    # who bought them later is not named, but counted
    assert finding.values["other_persons"] == 8
    assert finding.text.en.endswith("The settlements are also of 8 persons who are not named here.")
    assert finding.text.zh.endswith("所列结算另涉及8名未列名的参保人。")
    assert finding.p_value < 0.05
    assert signals(finding) >= {"packs_sold_again", "packs_came_back"}


@pytest.mark.parametrize(
    "excuse",
    [
        {"first": {"returned": True}},
        {"split_pack": True},
        {"packs": 1, "source": OUTLET},
        {"after": 0},
        {"buyers": BUYERS[:2]},
    ],
    ids=["returned", "opened", "one slip of the own scanner each", "a retry within the day", "two buyers"],
)
def test_what_explains_a_repeated_code_leaves_no_finding(city, excuse):
    assert found(PacksSoldAgain(), Sales().resold(**excuse).built(city)) == []


def test_one_pack_each_of_the_same_drug_that_was_bought_elsewhere_is_found(city):
    (finding,) = found(PacksSoldAgain(), Sales().resold(packs=1).built(city))
    assert persons(finding) == list(BUYERS)
    assert ("pharmacy", OUTLET, "outlet") in others(finding)
    assert finding.p_value < 0.05
    assert "scanned_again" not in {cause.cause for cause in finding.benign}


def test_buyers_who_serve_several_outlets_excuse_none_of_them(city):
    sales = Sales().resold(packs=1).resold(packs=1, outlet=4)
    findings = found(PacksSoldAgain(), sales.built(city))
    assert [persons(finding) for finding in findings] == [list(BUYERS)] * 2
    assert {site for finding in findings for kind, site, role in others(finding) if role == "outlet"} == {3, 4}


def test_one_pack_each_of_different_drugs_is_a_fault_of_the_feed(city):
    sales = Sales()
    for person in BUYERS:
        sales.resold(buyers=[person], packs=1, item_code=f"D{person}")
    assert found(PacksSoldAgain(), sales.built(city)) == []


def test_a_carton_code_that_stands_for_its_packs_is_no_pack(city):
    assert found(PacksSoldAgain(), Sales().resold(packs=1, times=2).built(city)) == []


def test_one_code_under_two_drugs_is_a_slip(city):
    sales = Sales().resold(packs=1, first={"item_code": "D7"})
    assert found(PacksSoldAgain(), sales.built(city)) == []


def test_one_pack_each_at_every_outlet_is_how_the_city_scans(city):
    sales = Sales()
    for shop in SHOPS:
        sales.resold(buyers=range(2000 + 10 * shop, 2004 + 10 * shop), packs=1, outlet=shop, source=(shop + 1) % 10)
    assert found(PacksSoldAgain(), sales.built(city)) == []


def test_the_chief_seller_of_a_drug_whose_codes_repeat_does_not_stand_out(city):
    sales = Sales()
    for n in range(60):
        sales.sell(500 + n, n % 28, OUTLET, item_code="D9")
    for shop in (0, 1, 2):
        # a printer's fault: of a few packs that others sell of the drug as many come back
        sales.resold(buyers=[2000 + shop], packs=1, outlet=shop, item_code="D9")
    sales.resold(packs=1, item_code="D9")
    assert found(PacksSoldAgain(), sales.built(city)) == []


def test_an_outlet_that_scans_its_own_codes_twice_is_the_nearest_cause(city):
    sales = Sales()
    for person in BUYERS:
        for n in range(2):
            sales.sell(person, 20 + n + person, OUTLET, f"{person}-{n}")
            sales.sell(1000 + next(sales.codes), 30 + n + person, OUTLET, f"{person}-{n}")
    (finding,) = found(PacksSoldAgain(), sales.built(city))
    assert (finding.benign[0].cause, finding.benign[0].weight) == ("scanned_again", 0.9)
    assert "8 of the 8 packs" in finding.benign[0].text.en


def test_why_the_drugs_were_bought_explains_no_second_sale(city):
    plans = [{"kind": "chronic_disease", "person_no": person, "disease_code": "M1"} for person in BUYERS]
    sales = Sales().resold()
    sales.rows = [{**row, "kind": "chronic"} if row["person_no"] in BUYERS else row for row in sales.rows]
    (finding,) = found(PacksSoldAgain(), sales.built(city, registrations=plans))
    assert {cause.cause for cause in finding.benign}.isdisjoint({"registered_treatment_plan", "scanned_again"})


def test_a_purchase_settled_again_for_another_of_the_family_is_none(city):
    sales = Sales().resold()
    later = [row["person_no"] for row in sales.rows if row["person_no"] >= 1000]
    homes = [{"person_no": p, "household_no": 1} for p in (*BUYERS, *later)]
    assert found(PacksSoldAgain(), sales.built(city, persons=homes)) == []


def test_drugs_with_one_code_for_all_are_no_packs(city):
    sales = Sales().resold(item_code="D9")
    assert len(found(PacksSoldAgain(), sales.built(city))) == 1
    for n in range(30):
        sales.sell(500 + n, n, n % 10, f"same{n % 2}", item_code="D9")
    assert found(PacksSoldAgain(), sales.built(city)) == []


def test_a_city_that_scans_carelessly_has_no_outlet_that_stands_out(city):
    sales = Sales()
    for shop in SHOPS:
        sales.resold(buyers=range(2000 + 10 * shop, 2003 + 10 * shop), outlet=shop)
    assert found(PacksSoldAgain(), sales.built(city)) == []


def test_the_row_order_leaves_no_trace_and_no_sale_no_finding(city):
    expected = found(PacksSoldAgain(), Sales().resold().built(city))
    assert expected
    assert found(PacksSoldAgain(), Sales().resold().built(city, order=shuffled)) == expected
    assert found(PacksSoldAgain(), city([])) == []
