"""The mixture of groups: who belongs where, whose own events speak, which groups are one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from detectors.mixture import OWN_PLACES, Events, Goods, Mixture

DAYS, SITES, CITY = 100, 20, 200


def city(*groups, seed=1, events=5):
    """Persons of `groups` (sites, days) come first, six each; then others who go anywhere on any day."""
    random = np.random.default_rng(seed)
    rows = []
    for number, (sites, days) in enumerate(groups):
        rows += [(6 * number + p, int(random.choice(sites)), int(day))
                 for p in range(6) for day in random.choice(days, events, replace=False)]  # fmt: skip
    first = 6 * len(groups)
    rows += [
        (first + p, int(random.integers(SITES)), int(random.integers(DAYS))) for p in range(CITY) for _ in range(events)
    ]
    person, site, day = (np.array(column) for column in zip(*rows, strict=True))
    return Events(person, site, day, np.zeros(len(rows)))


FIRST = ((2, 3), np.arange(5, 95, 9))
SECOND = ((11, 12), np.arange(1, 95, 11))


def test_members_fit_their_group_and_others_do_not():
    mixture = Mixture(city(FIRST))
    ratios = mixture.llr(np.arange(6))
    assert ratios[:6].min() > 5
    assert np.median(ratios[6:]) < 0
    assert (ratios[6:] > 5).mean() < 0.05


def test_what_a_person_adds_to_a_group_does_not_speak_for_the_person():
    events = city()
    # a group of one has nothing but the city to say of its only member, who goes nowhere else (OWN_PLACES)
    assert Mixture(events).llr(np.array([0]))[0] == pytest.approx(-5 * np.log(1 - OWN_PLACES))


def test_a_person_who_goes_there_anyway_fits_less():
    events = city(FIRST)
    own = np.where(events.person == 0, 0.9, 0.0)
    habit = Mixture(Events(events.person, events.site, events.day, own)).llr(np.arange(6))
    assert habit[0] < Mixture(events).llr(np.arange(6))[0] - 3


def test_two_groups_settle_from_half_of_each():
    mixture = Mixture(city(FIRST, SECOND))
    groups = mixture.settle([np.array([0, 1, 2]), np.array([6, 7, 8])], least_llr=5, least_size=3)
    assert [set(range(6)) <= set(groups[0][0].tolist()), set(range(6, 12)) <= set(groups[1][0].tolist())] == [
        True,
        True,
    ]
    assert all(total > 0 for _, total in groups)


def beyond_choice(mixture, found):
    """Nats of each group that are left when the choice of its members is paid for."""
    n = mixture.persons
    return [
        total - (special.gammaln(n + 1) - special.gammaln(len(group) + 1) - special.gammaln(n - len(group) + 1))
        for group, total in found
    ]


def test_fragments_of_one_group_become_one():
    mixture = Mixture(city(FIRST))
    found = mixture.settle([np.array([0, 1, 2]), np.array([3, 4, 5])], least_llr=5, least_size=3)
    standing = [group for (group, _), left in zip(found, beyond_choice(mixture, found), strict=True) if left > 10]
    assert [set(range(6)) <= set(group.tolist()) for group in standing] == [True]


def test_a_seed_of_strangers_is_no_more_than_chance():
    mixture = Mixture(city(FIRST))
    found = mixture.settle([np.array([20, 40, 60, 80])], least_llr=5, least_size=3)
    assert all(left < 10 for left in beyond_choice(mixture, found))


def test_no_seeds_no_groups():
    assert Mixture(city()).settle([], least_llr=5, least_size=3) == []


def test_who_took_what_the_group_took_fits_better_and_his_own_goods_do_not_speak_for_him():
    events = city(FIRST)
    persons = np.arange(events.person.max() + 1)
    # the first five take goods 0 and 1, everybody else two of twenty others; the sixth member is one of everybody
    listed = persons < 5
    goods = Goods(
        np.repeat(persons, 2),
        np.where(listed[:, None], [0, 1], np.stack([2 + persons % 20, 2 + (persons + 7) % 20], 1)).ravel(),
    )
    gain = Mixture(events, goods).llr(np.arange(6)) - Mixture(events).llr(np.arange(6))
    assert gain[:5].min() > 1
    assert gain[5] < 0
    assert np.median(gain[6:]) < 0
    alone = Mixture(events, goods).llr(np.array([0])) - Mixture(events).llr(np.array([0]))
    assert alone[0] == pytest.approx(0.0)
