"""Communities that go on paying more than their like are found; a dear half of the time and a dear site are not."""

from __future__ import annotations

import numpy as np

from detectors.site_communities import PersonSiteCommunities
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit

PEOPLE = 120
HOMES = range(6)
GROUP = tuple(range(0, 60, 5))
OUTLET = 11


def life(seed=6):
    random = np.random.default_rng(seed)
    return [
        visit(p, day, 9, p % len(HOMES), total_fen=int(9_000 * np.exp(0.3 * random.normal())))
        for p in range(PEOPLE)
        for day in random.choice(168, 8, replace=False)
    ]


def dear(days=range(3, 168, 12), people=GROUP, times=6):
    return [
        visit(p, day + n % 4, 15, OUTLET, total_fen=9_000 * times + 37 * p)
        for day in days
        for n, p in enumerate(people)
    ]


def test_a_community_that_keeps_paying_more_is_found(city):
    (finding,) = found(PersonSiteCommunities(), city(numbered(life() + dear())))
    assert set(persons(finding)) <= set(GROUP)
    assert len(persons(finding)) >= 6
    assert ("institution", OUTLET, "site") in others(finding)
    assert signals(finding) >= {"costly_community", "excess_money", "exclusivity"}
    assert finding.channel == "exploration"


def test_what_is_dear_in_one_half_of_the_time_only_is_luck(city):
    once = dear(days=[day for day in range(168) if ((20454 + day) // 14) % 2 == 0][::4])
    assert found(PersonSiteCommunities(), city(numbered(life() + once))) == []


def test_ordinary_people_are_no_community(city):
    assert found(PersonSiteCommunities(), city(numbered(life()))) == []


def test_people_of_one_household_are_no_community(city):
    homes = [{"person_no": p, "household_no": 1} for p in GROUP]
    assert found(PersonSiteCommunities(), city(numbered(life() + dear()), persons=homes)) == []


def test_louvain_answers_too(city):
    (finding,) = found(PersonSiteCommunities(), city(numbered(life() + dear())), method="louvain")
    assert set(persons(finding)) <= set(GROUP)


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(life() + dear())
    expected = found(PersonSiteCommunities(), city(rows))
    assert expected
    assert found(PersonSiteCommunities(), city(shuffled(rows, seed=5))) == expected
