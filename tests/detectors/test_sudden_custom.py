"""Customers of one place or area who come to an outlet from one week on are found; who has a reason is not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from detectors.sudden_custom import SuddenCustom
from tests.detectors.finding_reader import START, found, others, persons, shuffled, signals, visit
from tests.detectors.pharmacy_row import (
    CLINICS,
    LEFT,
    MOVE,
    NEXT_DOOR,
    OUTLET,
    SITES,
    SPAN,
    built,
    buys,
    places,
    sent_to,
    town,
)

RING = tuple(range(8))
#: What is bought at the outlet costs thrice what the buyers pay elsewhere.
DEAR = 30_000


def changes(people=RING, *, left=LEFT, to=OUTLET, seed=2, first=MOVE, weeks=3, before=6, after=8, **more):
    """Customers of one place, each on days of his own, who from some day in `weeks` weeks on go to another."""
    random = np.random.default_rng(seed)
    rows = []
    for n, person in enumerate(people):
        begin = first + (7 * weeks * n) // max(len(people), 1)
        rows += buys(person, left, 0, begin, before, random)
        rows.append(visit(person, begin, random.uniform(8, 18), to, kind="pharmacy", **{"total_fen": DEAR, **more}))
        rows += buys(person, to, begin + 1, SPAN, after, random, **{"total_fen": DEAR, **more})
        rows += [visit(person, day, 9, CLINICS[0]) for day in (20 + n, 90 + n)]
    return rows


def strangers(people=RING, *, seed=3, weeks=3, **more):
    """Persons who were never at a pharmacy, of the clinic at the other end, who begin to buy at the outlet."""
    rows = changes(people, seed=seed, weeks=weeks, **more)
    return [row for row in rows if row["site_no"] != LEFT]


def test_customers_who_leave_one_place_for_a_far_outlet_are_found_with_the_place_left(city):
    rows = changes(after=20) + town()
    (finding,) = found(SuddenCustom(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {("pharmacy", LEFT, "hidden_site"), ("pharmacy", OUTLET, "site")}
    assert (finding.pattern, finding.kind) == ("proxy_settlement", "sudden_custom")
    at_outlet = [n for n, row in enumerate(rows) if row["person_no"] in RING and row["site_no"] == OUTLET]
    assert finding.settlements == tuple(at_outlet)
    assert finding.p_value < 0.01
    assert signals(finding) >= {"sudden_custom", "volume_step", "fee_above_own"}


def test_persons_of_another_area_who_come_together_are_found(city):
    rows = strangers() + town()
    (finding,) = found(SuddenCustom(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {("pharmacy", OUTLET, "site")}


def test_an_outlet_whose_rise_is_small_beside_its_custom_is_found_without_a_volume_step(city):
    random = np.random.default_rng(9)
    busy = [row for p in range(150) for row in buys(20_000 + p, OUTLET, 0, SPAN, 14, random)]
    (finding,) = found(SuddenCustom(), built(city, changes() + town() + busy))
    assert persons(finding) == list(RING)
    assert "volume_step" not in signals(finding)


# -- look-alikes


def nothing(city, rows, **tables):
    assert found(SuddenCustom(), built(city, rows, **tables)) == []


def test_the_town_itself_has_no_group(city):
    nothing(city, town())


def test_neighbours_who_change_to_the_next_outlet_are_no_group(city):
    nothing(city, changes(to=NEXT_DOOR) + town())


@pytest.mark.parametrize("record", ["suspended", "unknown"])
def test_customers_of_a_place_that_closes_have_to_go_somewhere(city, record):
    # everybody of the place left has gone, and half of them to the far outlet
    stays = [row for row in town() if row["site_no"] != LEFT or row["at"] < (START + timedelta(days=MOVE)).isoformat()]
    paused = [{"site_no": LEFT, "kind": "1", "from_at": START + timedelta(days=MOVE), "until_at": None}]
    elsewhere = changes(range(100, 108), to=NEXT_DOOR, seed=4)
    nothing(city, changes() + elsewhere + stays, site_pauses=paused if record == "suspended" else [])


def test_another_shop_of_the_chain_is_no_other_place(city):
    of_chain = places(**{str(LEFT): {"chain_id": "K"}, str(OUTLET): {"chain_id": "K"}})
    rows = changes() + [visit(p, 30 + p, 9, CLINICS[1]) for p in RING] + [visit(p, 50 + p, 9, 5) for p in RING]
    nothing(city, rows + town(), sites=of_chain)


def test_a_new_outlet_grows(city):
    opened = START + timedelta(days=MOVE)
    rows = [row for row in town() if row["site_no"] != OUTLET or row["at"] >= opened.isoformat()]
    nothing(city, changes() + rows)


def test_a_promotion_draws_customers_from_everywhere(city):
    drawn = [
        row for site in (1, 2, 3, 4, 5, 7) for row in changes(range(100 * site, 100 * site + 8), left=site, seed=site)
    ]
    nothing(city, changes() + drawn + town())


def test_what_all_peers_see_is_no_rise_of_one(city):
    # an epidemic: new customers everywhere in those weeks
    random = np.random.default_rng(6)
    rows = [
        row
        for site in SITES
        for p in range(10)
        for row in (
            visit(9000 + 20 * site + p, 30 + p, 9, CLINICS[site % 2]),
            *buys(9000 + 20 * site + p, site, MOVE, MOVE + 40, 5, random),
        )
    ]
    nothing(city, rows + town())


def test_an_outing_of_one_day_is_no_change_of_place(city):
    rows = changes(weeks=0)
    nothing(city, rows + town())


def test_weeks_that_were_missing_and_come_later_are_no_rise(city):
    # nothing of four weeks before, whose customers appear when the feed is back
    silent = (START + timedelta(days=MOVE - 28)).isoformat(), (START + timedelta(days=MOVE)).isoformat()
    rows = [row for row in town() if row["site_no"] != OUTLET or not silent[0] <= row["at"] < silent[1]]
    nothing(city, changes() + rows)


def test_whose_registration_names_the_outlet_was_sent_there(city):
    sent = sent_to(OUTLET, RING)
    nothing(city, changes() + town(), registrations=sent)
    nothing(city, strangers() + town(), registrations=sent)


def test_who_has_other_business_nearby_is_not_from_another_area(city):
    work = [{"site_no": 30, "kind": "institution", "longitude": 120.0, "latitude": 36.0 + 0.018 * OUTLET + 0.002}]
    nearby = [visit(p, MOVE + 30 + p, 9, 30) for p in RING]
    nothing(city, strangers() + nearby + town(), sites=places() + work)


def test_a_family_that_moves_house_is_no_group(city):
    home = [{"person_no": p, "household_no": p % 3} for p in RING]
    nothing(city, changes() + town(), persons=home)


def test_purchases_like_the_buyers_others_tell_nothing(city):
    nothing(city, changes(total_fen=10_000) + town())


def test_patients_who_follow_their_doctor_are_explained(city):
    known = [visit(p, 40 + p, 10, CLINICS[0], doctor_no=3) for p in RING]
    rows = [row if row["site_no"] != OUTLET else {**row, "doctor_no": 3} for row in changes()]
    (finding,) = found(SuddenCustom(), built(city, rows + known + town(), doctors=[{"doctor_no": 3}]))
    causes = {cause.cause: cause.weight for cause in finding.benign}
    assert causes["followed_their_doctor"] >= 0.5


def test_custom_that_moves_over_half_a_year_is_drift(city):
    nothing(city, changes(first=72, weeks=20) + town())


@pytest.mark.parametrize("where", [SITES, [LEFT, *CLINICS], [OUTLET]])
def test_without_coordinates_nobody_can_say_what_is_far(city, where):
    unplaced = {"longitude": None, "latitude": None}
    nothing(city, changes() + town(), sites=places(**{str(site): unplaced for site in where}))


def test_the_row_order_leaves_no_trace(city):
    rows = changes() + town()
    expected = found(SuddenCustom(), built(city, rows))
    assert len(expected) == 1
    assert found(SuddenCustom(), built(city, rows, order=shuffled)) == expected


def test_empty_tables_break_nothing(city):
    assert found(SuddenCustom(), city([])) == []
