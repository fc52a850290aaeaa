"""Double sign-ins: cards settled again and again at a second terminal are found; forgotten sign-outs are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.groups import read_sql
from detectors.terminals import DoubleSignIns, _affine
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals, visit

SITES = range(3)
RING = tuple(range(6))
SITE, HANDLER, SECOND = 0, 0, 77
#: Irregular days on which the operator is signed in at a second terminal for an hour.
DAYS = (5, 23, 41, 66, 97, 120, 139, 161)
SPAN = 170


def terminal_of(site):
    return 10 + site


def sign_in(site, day, from_hour, until_hour, terminal, handler=None):
    """A sign-in; `until_hour` None for one that is never signed out."""
    return {
        "site_no": site, "handler_no": site if handler is None else handler, "terminal_no": terminal,
        "from_at": moment(day, from_hour), "until_at": None if until_hour is None else moment(day, until_hour),
    }  # fmt: skip


def working_days(sites=SITES):
    """Every day one operator a site signs in at the site's one terminal."""
    return [sign_in(site, day, 7.5, 18, terminal_of(site)) for site in sites for day in range(SPAN)]


def town(seed=1, customers=30, visits=12):
    """Customers of each site, all served by its operator, and the ring's ordinary life at other sites."""
    random = np.random.default_rng(seed)

    def ordinary(person, site):
        fee = int(10_000 * np.exp(random.normal(0, 0.3)))
        return visit(
            person,
            random.integers(SPAN),
            random.uniform(8, 17.5),
            site,
            handler_no=site,
            total_fen=fee,
            kind="pharmacy",
        )

    people = [ordinary(100 * (site + 1) + p, site) for site in SITES for p in range(customers) for _ in range(visits)]
    return people + [ordinary(person, 1 + person % 2) for person in RING for _ in range(visits)]


def sessions(days=DAYS, people=RING, attends=0.7, seed=2, **more):
    """Cards of the ring settled within the hour of the second sign-in."""
    random = np.random.default_rng(seed)
    return [
        visit(
            person,
            day,
            12.1 + 0.12 * place,
            SITE,
            **{"handler_no": HANDLER, "total_fen": 30_000, "kind": "pharmacy", **more},
        )
        for day in days
        for place, person in enumerate(people)
        if random.random() < attends
    ]


def second_sign_ins(days=DAYS):
    return [sign_in(SITE, day, 12, 13, SECOND) for day in days]


def built(city, rows, sign_ins, order=lambda rows: rows, **tables):
    signed = [{"sign_in_id": f"G{number}", **row} for number, row in enumerate(sign_ins)]
    sites = [{"site_no": site, "kind": "pharmacy"} for site in SITES]
    return city(order(numbered(rows)), sign_ins=order(signed), sites=sites, **tables)


def test_cards_settled_at_a_second_terminal_are_found(city):
    rows = sessions() + town()
    (finding,) = found(DoubleSignIns(), built(city, rows, working_days() + second_sign_ins()))
    assert persons(finding) == list(RING)
    assert others(finding) >= {("pharmacy", SITE, "site"), ("terminal", SECOND, "terminal")}
    assert {no for kind, no, _ in others(finding) if kind == "terminal"} == {SECOND}
    assert (finding.pattern, finding.kind) == ("proxy_settlement", "double_sign_in")
    assert finding.settlements == tuple(range(len(sessions())))
    assert finding.p_value < 1e-6
    assert signals(finding) >= {"signed_in_twice", "same_persons_again"}


def test_regular_customers_who_were_served_meanwhile_are_left_out(city):
    regulars = list(range(100, 116))
    # two of the site's regulars come to the desk in every session
    served = [
        visit(regulars[(2 * n + m) % 16], day, 12.4 + m / 5, SITE, handler_no=HANDLER, kind="pharmacy")
        for n, day in enumerate(DAYS)
        for m in range(2)
    ]
    rows = sessions() + served + town()
    connection = built(city, rows, working_days() + second_sign_ins())
    held = connection.execute(
        "SELECT count(DISTINCT person_no) FROM settlement_terminals JOIN settlements USING (settlement_no) "
        "WHERE terminal_no = $t",
        {"t": SECOND},
    ).fetchone()
    assert held[0] >= len(RING) + 16
    (finding,) = found(DoubleSignIns(), connection)
    assert persons(finding) == list(RING)
    assert finding.settlements == tuple(range(len(sessions())))


def test_whoever_came_once_belongs_to_the_group_only_with_others_of_it(city):
    strangers = [500 + n for n in range(12)]
    elsewhere = [
        visit(p, 13 * n + p % 11, 10, 1 + p % 2, handler_no=1 + p % 2) for p in [*strangers, 600] for n in range(9)
    ]
    # the operator is signed in twice on other days too, and serves a customer from afar each time
    other_days = (8, 30, 50, 75, 110, 150)
    served = [
        visit(stranger, other_days[n // 2], 12.2 + n % 2 / 4, SITE, handler_no=HANDLER, total_fen=30_000)
        for n, stranger in enumerate(strangers)
    ]
    taken_along = [visit(600, DAYS[3], 12.8, SITE, handler_no=HANDLER, total_fen=30_000)]
    rows = sessions() + taken_along + served + elsewhere + town()
    connection = built(city, rows, working_days() + second_sign_ins((*DAYS, *other_days)))
    held = connection.execute(read_sql("double_sign_ins")).df()
    # each came for something odd, once: nothing but the company tells (one visit counts little at a small site)
    assert set(_affine(held, 1.0)) == {*RING, *strangers, 600}
    (finding,) = found(DoubleSignIns(), connection, least_llr=1.0)
    assert persons(finding) == [*RING, 600]


@pytest.mark.parametrize("left_open", ["the usual desk", "the other desk"])
@pytest.mark.parametrize("days", [(40,), (40, 97, 130), (12, 40, 71, 97, 130)])
def test_a_desk_left_without_signing_out_is_no_group(city, days, left_open):
    # the whole day is worked at another desk; one of the two sign-ins is never closed
    desk_open, other_open = left_open == "the usual desk", left_open == "the other desk"
    usual = [
        {**row, "until_at": None}
        if desk_open and row["site_no"] == SITE and row["from_at"][:10] in dates(days)
        else row
        for row in working_days()
    ]
    other = [sign_in(SITE, day, 7.6, None if other_open else 18, SECOND) for day in days]
    # beside the site's regulars many people come once
    once = [visit(700 + n, n // 3, 9 + n % 7, SITE, handler_no=HANDLER, kind="pharmacy") for n in range(3 * SPAN)]
    elsewhere = [
        visit(700 + p, 3 + 11 * n, 10, 1, handler_no=1, kind="pharmacy") for p in range(3 * SPAN) for n in range(2)
    ]
    connection = built(city, once + elsewhere + town(), usual + other)
    served = connection.execute(
        "SELECT count(*) FROM settlement_terminals WHERE terminal_no = $t", {"t": SECOND}
    ).fetchone()
    assert served[0] >= 4 * len(days)
    assert found(DoubleSignIns(), connection) == []


def dates(days):
    return {moment(day)[:10] for day in days}


def test_a_small_site_that_shares_an_account_every_day_is_no_group(city):
    shared = [sign_in(2, day, 7.6, 18, 88) for day in range(SPAN)]
    connection = built(city, town(), working_days() + shared)
    doubled = connection.execute("SELECT count(*) FROM settlement_terminals WHERE terminal_no = 88").fetchone()
    assert doubled[0] > 300
    assert found(DoubleSignIns(), connection) == []


@pytest.mark.parametrize("seed", range(2))
def test_customers_who_meet_an_operator_of_two_desks_twice_are_no_group(city, seed):
    # on one day of ten the operator is signed in at both desks, and whoever comes is served meanwhile
    days = sorted(np.random.default_rng(seed).choice(SPAN, SPAN // 10, replace=False))
    both = [sign_in(SITE, day, 8, 18, SECOND) for day in days]
    rows = [row for row in town(seed=seed + 4, customers=900, visits=2) if row["person_no"] not in RING]
    assert found(DoubleSignIns(), built(city, rows, working_days() + both)) == []


@pytest.mark.parametrize("number", [4, 12, 24])
def test_strangers_who_came_once_while_a_desk_was_lent_are_no_group(city, number):
    # each comes to the site this once, and so only while the operator is signed in at the lent terminal too
    served = [
        visit(700 + n, DAYS[n % 8], 12.1 + n / 40, SITE, handler_no=HANDLER, total_fen=30_000) for n in range(number)
    ]
    elsewhere = [
        visit(700 + p, 3 + 11 * n, 10, 1, handler_no=1, kind="pharmacy") for p in range(number) for n in range(9)
    ]
    connection = built(city, served + elsewhere + town(), working_days() + second_sign_ins())
    held = connection.execute(read_sql("double_sign_ins")).df()
    assert {700 + n for n in range(number)} <= set(_affine(held, 1.0))
    assert found(DoubleSignIns(), connection, least_log_p=2.0, least_llr=1.0) == []


def test_a_family_is_not_enough(city):
    home = [{"person_no": person, "household_no": person % 3} for person in RING]
    assert (
        found(DoubleSignIns(), built(city, sessions() + town(), working_days() + second_sign_ins(), persons=home)) == []
    )


def test_one_terminal_after_the_other_is_no_double_sign_in(city):
    # signed out at the first before signing in at the second
    in_turn = [
        row
        for day in DAYS
        for row in (sign_in(SITE, day, 7.5, 12, 10), sign_in(SITE, day, 12, 13, SECOND), sign_in(SITE, day, 13, 18, 10))
    ]
    plain = [row for row in working_days() if row["site_no"] != SITE]
    assert found(DoubleSignIns(), built(city, sessions() + town(), plain + in_turn)) == []


def test_the_row_order_leaves_no_trace(city):
    rows, signed = sessions() + town(), working_days() + second_sign_ins()
    expected = found(DoubleSignIns(), built(city, rows, signed))
    assert len(expected) == 1
    assert found(DoubleSignIns(), built(city, rows, signed, order=shuffled)) == expected


def test_without_sign_ins_nothing_is_found_and_nothing_breaks(city):
    assert found(DoubleSignIns(), built(city, sessions() + town(customers=5), [])) == []
    assert found(DoubleSignIns(), city([])) == []
