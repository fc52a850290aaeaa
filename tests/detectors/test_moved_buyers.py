"""Customers of a suspended site: too many who move to one outlet are found; a successor and nearness are not."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from detectors.moved_buyers import MovedBuyers
from graphaudit.leads.score import score
from tests.detectors.finding_reader import START, found, held_by, numbered, others, persons, shuffled, signals, visit
from tests.detectors.pharmacy_row import sent_to

HIDDEN, STOP, SPAN = 0, 80, 180
#: Pharmacies by number; the hidden one is in the middle, 1 is its neighbour, the others lie farther and farther off.
SITES = range(8)
FAR = 6
RING = tuple(range(8))
NEIGHBOURS = range(50, 110)


def places():
    """Sites two kilometres apart in a row, the suspended one first."""
    return [
        {"site_no": site, "kind": "pharmacy", "longitude": 120.0, "latitude": 36.0 + 0.018 * site} for site in SITES
    ]


def pause(until=None):
    ends = None if until is None else START + timedelta(days=until)
    return [{"site_no": HIDDEN, "kind": "1", "from_at": START + timedelta(days=STOP), "until_at": ends}]


def buys(person, site, first, last, times, random):
    days = np.sort(random.choice(np.arange(first, last), times, replace=False))
    return [visit(person, day, random.uniform(8, 18), site, kind="pharmacy") for day in days]


def town(seed=1, customers=15):
    """Every pharmacy's own customers, all the time."""
    random = np.random.default_rng(seed)
    return [
        row
        for site in SITES
        if site != HIDDEN
        for p in range(customers)
        for row in buys(1000 * site + p, site, 0, SPAN, 6, random)
    ]


def shut(goes_to, seed=2, before=5, after=5):
    """Customers of the hidden site until it is shut, each then of the site that `goes_to` names."""
    random = np.random.default_rng(seed)
    return [
        row
        for person, site in goes_to.items()
        for row in buys(person, HIDDEN, 0, STOP, before, random) + buys(person, site, STOP, SPAN, after, random)
    ]


def by_nearness(people=NEIGHBOURS, farthest=SITES[-1]):
    """Half go next door, every further site gets half as many: as nearness has it."""
    pull = np.exp(-2 * np.arange(1, farthest + 1) / 3)
    upto = np.cumsum(pull) / pull.sum()
    return {person: 1 + int(np.searchsorted(upto, (n + 0.5) / len(people))) for n, person in enumerate(people)}


def moved(to=FAR, people=RING):
    """The ring moves to one far outlet, everybody else to nearer ones."""
    return shut(dict.fromkeys(people, to) | by_nearness(farthest=FAR - 1)) + town()


def built(city, rows, order=lambda rows: rows, pauses=None, sites=None, **tables):
    return city(
        order(numbered(rows)), site_pauses=pause() if pauses is None else pauses, sites=sites or places(), **tables
    )


def test_customers_who_move_to_a_far_outlet_are_found_with_the_site_they_left(city):
    rows = moved()
    (finding,) = found(MovedBuyers(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {("pharmacy", HIDDEN, "hidden_site"), ("pharmacy", FAR, "site")}
    assert (finding.pattern, finding.kind) == ("proxy_settlement", "moved_buyers")
    after = [n for n in held_by(rows, RING) if datetime.fromisoformat(rows[n]["at"]) >= START + timedelta(days=STOP)]
    assert finding.settlements == tuple(after)
    assert finding.p_value < 0.05
    # the members of a group that nearness may explain in part are held loosely
    assert {member.strength for member in finding.members if member.kind == "person"} == {0.35}
    assert signals(finding) >= {"moved_buyers"}
    causes = {cause.cause: cause.weight for cause in finding.benign}
    assert causes["moved_to_a_neighbour"] < 0.5


def test_two_outlets_are_one_finding(city):
    rows = shut({person: FAR + person % 2 for person in range(16)} | by_nearness(farthest=FAR - 1)) + town()
    (finding,) = found(MovedBuyers(), built(city, rows))
    assert persons(finding) == list(range(16))
    assert {("pharmacy", FAR, "site"), ("pharmacy", FAR + 1, "site")} <= others(finding)


def test_the_natural_successor_is_no_outlet(city):
    # nearly everybody goes to one place, far though it is: the owner's other shop
    rows = shut(dict.fromkeys(NEIGHBOURS, FAR)) + town()
    assert found(MovedBuyers(), built(city, rows)) == []


def test_customers_who_spread_by_nearness_are_no_group(city):
    assert found(MovedBuyers(), built(city, shut(by_nearness()) + town())) == []


def test_the_nearest_open_site_takes_most_and_is_no_outlet(city):
    rows = shut(dict.fromkeys(NEIGHBOURS, 1)) + town()
    assert found(MovedBuyers(), built(city, rows)) == []


def test_half_of_the_customers_across_town_while_the_nearest_site_has_the_rest_are_found(city):
    crowd = range(200, 225)
    rows = shut(dict.fromkeys(crowd, FAR) | dict.fromkeys(range(50, 70), 1)) + town()
    (finding,) = found(MovedBuyers(), built(city, rows))
    assert persons(finding) == list(crowd)
    assert others(finding) == {("pharmacy", HIDDEN, "hidden_site"), ("pharmacy", FAR, "site")}


def test_the_second_nearest_site_may_take_more_than_the_nearest(city):
    rows = shut(dict.fromkeys(range(200, 225), 2) | dict.fromkeys(range(50, 68), 1)) + town()
    assert found(MovedBuyers(), built(city, rows)) == []


@pytest.mark.parametrize(("beside", "explains"), [(FAR, True), (HIDDEN, False)])
def test_who_is_elsewhere_nearer_to_the_outlet_than_to_the_site_left_is_explained(city, beside, explains):
    clinic = {**places()[beside], "site_no": 30, "kind": "institution"}
    rows = moved() + [visit(person, 10 * n + 5, 9, 30) for person in RING for n in range(3)]
    (finding,) = found(MovedBuyers(), built(city, rows, sites=[*places(), clinic]))
    causes = {cause.cause: cause.weight for cause in finding.benign}
    assert (causes.get("nearer_to_other_places", 0.0) >= 0.5) is explains


def test_whose_registration_names_the_outlet_was_sent_there(city):
    assert found(MovedBuyers(), built(city, moved(), registrations=sent_to(FAR, RING))) == []


def test_another_shop_of_the_chain_explains_the_move(city):
    chain = [{**site, "chain_id": "K1" if site["site_no"] in (HIDDEN, FAR) else None} for site in places()]
    other = [{**site, "chain_id": f"K{site['site_no']}"} for site in places()]
    (explained,) = found(MovedBuyers(), built(city, moved(), sites=chain))
    assert explained.benign[0].cause == "another_shop_of_the_chain"
    assert explained.benign[0].weight >= 0.5
    (plain,) = found(MovedBuyers(), built(city, moved(), sites=other))
    assert "another_shop_of_the_chain" not in {cause.cause for cause in plain.benign}
    assert score([explained]).score < 0.5 * score([plain]).score


def test_customers_who_bought_there_before_have_not_moved(city):
    random = np.random.default_rng(4)
    habit = [row for person in RING for row in buys(person, FAR, 0, STOP, 5, random)]
    rows = habit + moved()
    assert found(MovedBuyers(), built(city, rows)) == []


@pytest.mark.parametrize(
    "pauses",
    [
        [],
        pause(until=STOP + 7),
        [{"site_no": HIDDEN, "kind": "1", "from_at": START + timedelta(days=10), "until_at": None}],
        [{"site_no": 5, "kind": "1", "from_at": START + timedelta(days=STOP), "until_at": None}],
    ],
    ids=["none", "a week", "before anybody was known", "another site"],
)
def test_without_a_suspension_long_enough_nobody_has_moved_because_of_it(city, pauses):
    rows = moved()
    assert found(MovedBuyers(), built(city, rows, pauses=pauses)) == []


def test_a_family_that_moves_together_is_not_enough(city):
    home = [{"person_no": person, "household_no": person % 3} for person in RING]
    rows = moved()
    assert found(MovedBuyers(), built(city, rows, persons=home)) == []


def test_an_institution_that_is_suspended_is_named_as_one(city):
    rows = [{**row, "kind": "outpatient"} for row in moved()]
    hospitals = [{**site, "kind": "institution"} for site in places()]
    (finding,) = found(MovedBuyers(), built(city, rows, sites=hospitals))
    assert others(finding) == {("institution", HIDDEN, "hidden_site"), ("institution", FAR, "site")}


def test_the_row_order_leaves_no_trace(city):
    rows = moved()
    expected = found(MovedBuyers(), built(city, rows))
    assert len(expected) == 1
    assert found(MovedBuyers(), built(city, rows, order=shuffled)) == expected


@pytest.mark.parametrize("where", ["every site", "the suspended site", "the outlet"])
def test_without_coordinates_nobody_can_say_who_is_near(city, where):
    lost = {"every site": SITES, "the suspended site": [HIDDEN], "the outlet": [FAR]}[where]
    unplaced = {"longitude": None, "latitude": None}
    sites = [{**site, **unplaced} if site["site_no"] in lost else site for site in places()]
    assert found(MovedBuyers(), built(city, moved(), sites=sites)) == []


def test_empty_tables_break_nothing(city):
    assert found(MovedBuyers(), city([])) == []


def test_of_several_outlets_those_who_go_to_two_of_them_are_named(city):
    # the ring is settled at either of two far outlets by turns; a few neighbours of these went to one of them for good
    random = np.random.default_rng(8)
    other = FAR - 1
    turns = [
        row
        for person in RING
        for row in buys(person, HIDDEN, 0, STOP, 5, random)
        + buys(person, FAR, STOP, SPAN, 3, random)
        + buys(person, other, STOP, SPAN, 3, random)
    ]
    settled = shut({200: FAR, 201: FAR, 202: other, 203: other})
    rows = turns + settled + shut(by_nearness(farthest=other - 1)) + town()
    (finding,) = found(MovedBuyers(), built(city, rows))
    assert persons(finding) == list(RING)
    assert {no for kind, no, role in others(finding) if role == "site"} == {FAR, other}
    assert max(member.strength for member in finding.members if member.kind == "person") == 1.0
