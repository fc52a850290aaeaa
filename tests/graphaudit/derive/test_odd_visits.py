"""How odd a visit is for its person: five measures, ranked in the city and at the site, whichever is more ordinary."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

START = datetime(2026, 1, 1)
SMALL = 50


def visit(person, day, site, **more):
    at = START + timedelta(days=int(day), hours=9 + int(day) % 8)
    return {"person_no": int(person), "site_no": int(site), "at": at.isoformat(), "card_no": int(person), **more}


def town(seed=1, persons=60, visits=10, sites=6):
    """Everybody goes to one site for about the same money, but for a few who go everywhere for anything."""
    random = np.random.default_rng(seed)
    settled = [
        visit(p, random.integers(180), p % sites, total_fen=int(10_000 * np.exp(random.normal(0, 0.2))))
        for p in range(100, 100 + persons)
        for _ in range(visits)
    ]
    return settled + [
        visit(p, random.integers(180), random.integers(sites), total_fen=int(10_000 * np.exp(random.normal(0, 0.8))))
        for p in range(300, 320)
        for _ in range(visits)
    ]


def ranks(connection):
    """Rank of each odd visit, by settlement number; visits that are not odd are missing."""
    return dict(connection.execute("SELECT settlement_no, odd_p FROM odd_visits").fetchall())


def cards(rows, kind="e_credential"):
    return [{"card_no": no, "card_id": f"C{no}", "kind": kind} for no in sorted({row["card_no"] for row in rows})]


def life(person, times=9, site=0):
    """Somebody's usual visits."""
    return [visit(person, 5 + 17 * n, site, total_fen=10_000) for n in range(times)]


def test_a_site_never_seen_before_and_a_fee_never_paid_before_are_odder_than_either(city):
    both = [visit(1, 60, 1, total_fen=60_000), *life(1)]
    site = [visit(2, 60, 1, total_fen=10_000), *life(2)]
    fee = [visit(3, 60, 0, total_fen=60_000), *life(3)]
    rows = both + site + fee + town()
    odd = ranks(city(rows))
    at = {name: n for n, name in ((0, "both"), (len(both), "site"), (len(both) + len(site), "fee"))}
    names = {name: odd[number] for number, name in ((v, k) for k, v in at.items())}
    assert names["both"] < names["site"] < 0.4
    assert names["both"] < names["fee"] < 0.4
    # the usual visits of the same persons are ordinary
    usual = [n for n in range(len(both) + len(site) + len(fee)) if n not in at.values()]
    assert min(odd.get(number, 1.0) for number in usual) > max(names["both"], names["site"])


def test_a_credential_that_is_not_the_usual_one_makes_a_visit_odder(city):
    plain = [visit(1, 60, 1), *life(1)]
    other = [visit(2, 60, 1, card_no=9002), *life(2)]
    rows = plain + other + town()
    known = [{**row, "kind": "social_security_card"} if row["card_no"] == 9002 else row for row in cards(rows)]
    connection = city(rows, cards=known)
    odd = ranks(connection)
    assert odd[len(plain)] < odd[0]
    marked = connection.execute("SELECT settlement_no FROM odd_visits WHERE unusual_credential").fetchall()
    assert marked == [(len(plain),)]


def test_drugs_that_the_person_bought_before_make_a_visit_less_odd(city):
    new = [visit(1, 60, 1), *life(1)]
    known = [visit(2, 60, 1), *life(2)]
    rows = new + known + town()
    lines = [
        {"line_id": f"L{n}", "settlement_no": n, "item_code": item, "is_drug": True, "quantity": 1.0, "amount_fen": 1}
        for n, item in ((0, "Y"), (1, "X"), (2, "X"), (len(new), "X"), (len(new) + 1, "X"))
    ]
    odd = ranks(city(rows, lines=lines))
    assert odd[0] < odd[len(new)]


def small_site(gathered, own_customers=0, seed=3):
    """`gathered` persons each once at a small site for much money, whose own life is elsewhere; they come first."""
    random = np.random.default_rng(seed)
    once = [visit(1000 + p, 40 + p % 90, SMALL, total_fen=60_000) for p in range(gathered)]
    lives = [visit(1000 + p, random.integers(180), p % 6, total_fen=10_000) for p in range(gathered) for _ in range(9)]
    regulars = [
        visit(2000 + p, random.integers(180), SMALL, total_fen=10_000) for p in range(own_customers) for _ in range(8)
    ]
    return once + lives + regulars


def test_ten_odd_visits_at_a_small_site_stay_odd(city):
    odd = ranks(city(small_site(10) + town()))
    assert max(odd[number] for number in range(10)) < 0.06
    with_customers = ranks(city(small_site(10, own_customers=10) + town()))
    assert max(with_customers[number] for number in range(10)) < 0.05


def test_a_site_where_every_visit_is_odd_is_judged_by_its_own_rate(city):
    opened = 80
    odd = ranks(city(small_site(opened) + town()))
    shares = np.array([odd.get(number, 1.0) for number in range(opened)])
    # all visits are odd in the city; at the site they rank against each other but for the first ten
    assert (shares < 0.05).sum() < 0.25 * opened
    assert np.median(shares) > 0.3
    # the same visits at a site with much ordinary custom stand out
    busy = ranks(city(small_site(20, own_customers=40) + town()))
    assert max(busy[number] for number in range(20)) < 0.05


def test_paper_reimbursements_stays_and_persons_seldom_seen_are_left_out(city):
    paper = [visit(1, 60, 1, total_fen=60_000, is_manual=True), *life(1)]
    stay = [visit(2, 60, 1, total_fen=60_000, kind="inpatient"), *life(2)]
    seldom = [visit(3, 60, 1, total_fen=60_000), visit(3, 90, 0)]
    odd = ranks(city(paper + stay + seldom + town()))
    assert not {0, len(paper), len(paper) + len(stay)} & set(odd)


def test_ranks_are_shares_and_no_more_than_the_oddest_four_tenths_are_kept(city):
    rows = small_site(10) + town()
    odd = ranks(city(rows))
    assert 0 < min(odd.values()) < 0.01
    assert max(odd.values()) <= 0.4
    assert 0.1 * len(rows) < len(odd) <= 0.41 * len(rows)


def test_the_row_order_leaves_no_trace(city):
    rows = [{**row, "settlement_no": n, "settlement_id": f"S{n}"} for n, row in enumerate(small_site(12, 5) + town())]
    query = "SELECT * FROM odd_visits ORDER BY settlement_no"
    expected = city(rows).execute(query).fetchall()
    order = np.random.default_rng(0).permutation(len(rows))
    assert len(expected) > 50
    assert city([rows[at] for at in order]).execute(query).fetchall() == expected


def test_no_rows_give_no_odd_visits(city):
    assert ranks(city([])) == {}


#: Persons who take the medicine M month after month, and the day on which the records end.
PATIENTS, LAST_DAY = range(500, 524), 180


def lines_of(bought):
    return [
        {"line_id": f"L{n}", "settlement_no": n, "item_code": item, "is_drug": True, "quantity": 1.0, "amount_fen": 1}
        for n, item in sorted(bought.items())
    ]


def oddness_of(city, item, *, on, patients=PATIENTS, again=()):
    """Rank of the visit on day `on` at a new site at which person 1 gets `item`; `again`: days of further purchases."""
    mine = [visit(1, on, 1), *(visit(1, day, 1) for day in again), *life(1)]
    courses = [visit(p, 3 + 30 * month + p % 20, p % 6) for p in patients for month in range(6)]
    others = [*town(), visit(700, LAST_DAY, 5)]
    # the acute medicine: everybody once
    acute = {row["person_no"]: len(mine) + len(courses) + n for n, row in enumerate(others) if row["person_no"] < 160}
    bought = dict.fromkeys(range(1 + len(again)), item)
    bought |= dict.fromkeys(range(len(mine), len(mine) + len(courses)), "M") | dict.fromkeys(acute.values(), "A")
    return ranks(city(mine + courses + others, lines=lines_of(bought))).get(0, 1.0)


def test_a_lasting_medicine_bought_only_once_is_odder_than_an_acute_one(city):
    assert oddness_of(city, "M", on=40) < oddness_of(city, "A", on=40)


def test_who_begins_a_lasting_medicine_late_has_not_sampled_it(city):
    assert oddness_of(city, "M", on=160) == oddness_of(city, "A", on=160)


def test_who_goes_on_with_it_has_not_sampled_it(city):
    refills = [70, 100, 130, 160]
    assert oddness_of(city, "M", on=40, again=refills) == oddness_of(city, "A", on=40, again=refills)


def test_a_medicine_that_few_take_on_and_on_says_nothing(city):
    few = range(500, 510)
    assert oddness_of(city, "M", on=40, patients=few) == oddness_of(city, "A", on=40, patients=few)
