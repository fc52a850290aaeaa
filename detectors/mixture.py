"""Groups as a mixture: each group has places and days of its own, and a person belongs where his events fit best.

Events of a group are more likely at a place and day where the other members' events are. Under the alternative of no
group, a person goes where he goes anyway, on any day alike. The difference, summed over a person's events, is his
log-likelihood ratio; persons go to the group with the largest, if that is large enough, until nobody changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.communities import Floats, Ints

#: How a group's event comes about: at a member's place about the day, at a member's place, or about a member's day.
TOGETHER, SAME_PLACE, SAME_DAY = 0.5, 0.25, 0.25
#: Pseudo-events of the city in every group, so that few members do not make a certainty.
CITY_EVENTS = 8.0
#: One event may speak for or against a membership by so many nats.
MOST_AGAINST, MOST_FOR = -2.0, 5.0
#: The share of a person's events that are where he goes anyway; the others are where anybody goes.
OWN_PLACES = 0.5
#: Days on either side that count as the same.
WINDOW = 1
ROUNDS = 10
#: Pseudo-choices of the city in every group's list of goods; one good may speak by so many nats.
CITY_GOODS = 8.0
MOST_AGAINST_A_GOOD, MOST_FOR_A_GOOD = -1.0, 2.0


@dataclass(frozen=True, slots=True)
class Events:
    """Events by number: `person`, `site` and `day` count from 0; `own` is the site's share in the person's other life."""

    person: Ints
    site: Ints
    day: Ints
    own: Floats


@dataclass(frozen=True, slots=True)
class Goods:
    """What persons took, each pair once: `person` counts as in Events, `good` from 0."""

    person: Ints
    good: Ints


class Mixture:
    """Log-likelihood ratios of persons for groups of persons, leaving out what a person adds to a group himself.

    With `goods`, a person also fits a group whose members took the same things, against what all persons here took.
    """

    def __init__(self, events: Events, goods: Goods | None = None) -> None:
        self.events = events
        self.goods = goods
        self.persons = int(events.person.max()) + 1
        self.sites, self.days = int(events.site.max()) + 1, int(events.day.max()) + 1
        city = np.bincount(events.site, minlength=self.sites).astype(np.float64)
        self._city = city / city.sum()
        self._log_null = np.log((OWN_PLACES * events.own + (1 - OWN_PLACES) * self._city[events.site]) / self.days)
        self._count = np.bincount(events.person, minlength=self.persons)
        self._self = self._own_part()

    def llr(self, members: Ints) -> Floats:
        """One number for each person: by how many nats his events fit this group better than no group."""
        events = self.events
        inside = np.zeros(self.persons, dtype=bool)
        inside[members] = True
        held = inside[events.person]
        there = np.zeros((self.sites, self.days + 2 * WINDOW))
        np.add.at(there, (events.site[held], events.day[held] + WINDOW), 1.0)
        width = 2 * WINDOW + 1
        near: Floats = np.sum([there[:, shift : shift + self.days] for shift in range(width)], axis=0) / width
        per_site, per_day = there.sum(axis=1), near.sum(axis=0)
        fits = self._density(near[events.site, events.day], per_site[events.site], per_day[events.day])
        number = int(held.sum()) - np.where(held, self._count[events.person], 0)
        fits = (
            np.maximum(fits - np.where(held, self._self, 0.0), 0.0) + CITY_EVENTS * self._city[events.site] / self.days
        )
        ratio = np.log(fits / (number + CITY_EVENTS)) - self._log_null
        clipped = np.clip(ratio, MOST_AGAINST, MOST_FOR)
        told: Floats = np.bincount(events.person, weights=clipped, minlength=self.persons).astype(np.float64)
        return told if self.goods is None else told + self._same_goods(self.goods, inside)

    def settle(self, seeds: Sequence[Ints], *, least_llr: float, least_size: int) -> list[tuple[Ints, float]]:
        """Groups grown from disjoint `seeds`, each with the sum of its members' ratios; in the order of the seeds.

        Two groups become one when the members fit the union better than each its own group.
        """
        groups = self._grown(list(seeds), least_llr, least_size)
        while len(united := self._united(groups)) < len(groups):
            groups = self._grown(united, least_llr, least_size)
        return [(group, self._total(group)) for group in groups]

    def _grown(self, groups: list[Ints], least_llr: float, least_size: int) -> list[Ints]:
        for _ in range(ROUNDS):
            if not groups:
                break
            ratios = np.array([self.llr(group) for group in groups])
            best, top = ratios.argmax(axis=0), ratios.max(axis=0)
            grown = [np.flatnonzero((best == number) & (top >= least_llr)) for number in range(len(groups))]
            grown = [group for group in grown if len(group) >= least_size]
            if len(grown) == len(groups) and all(map(np.array_equal, grown, groups)):
                break
            groups = grown
        return groups

    def _united(self, groups: list[Ints]) -> list[Ints]:
        """`groups` after one round of unions, the best first; each group takes part in one at most."""
        ratios = [self.llr(group) for group in groups]
        totals = [float(ratio[group].sum()) for ratio, group in zip(ratios, groups, strict=True)]
        gains: list[tuple[float, int, int]] = []
        for one in range(len(groups)):
            for other in range(one + 1, len(groups)):
                # worth trying where members of one would be no strangers in the other
                if max(ratios[one][groups[other]].mean(), ratios[other][groups[one]].mean()) < 0:
                    continue
                gain = self._total(np.union1d(groups[one], groups[other])) - totals[one] - totals[other]
                if gain > 0:
                    gains.append((-gain, one, other))
        partner: dict[int, int] = {}
        for _, one, other in sorted(gains):
            if not {one, other} & (set(partner) | set(partner.values())):
                partner[one] = other
        taken = set(partner.values())
        return [
            np.union1d(group, groups[partner[number]]) if number in partner else group
            for number, group in enumerate(groups)
            if number not in taken
        ]

    def _total(self, group: Ints) -> float:
        return float(self.llr(group)[group].sum())

    def _same_goods(self, goods: Goods, inside: npt.NDArray[np.bool_]) -> Floats:
        """By how many nats each person's goods are more likely on the list of those `inside` than among all here."""
        number = int(goods.good.max()) + 1
        city = np.bincount(goods.good, minlength=number) / len(goods.good)
        held = inside[goods.person]
        group = np.bincount(goods.good[held], minlength=number)
        total = int(held.sum()) - np.where(held, np.bincount(goods.person, minlength=self.persons)[goods.person], 0)
        # a person takes a good once: his own are one of the group's count
        others = group[goods.good] - held
        share = (others + CITY_GOODS * city[goods.good]) / (total + CITY_GOODS)
        ratio = np.clip(np.log(share / city[goods.good]), MOST_AGAINST_A_GOOD, MOST_FOR_A_GOOD)
        return np.asarray(np.bincount(goods.person, weights=ratio, minlength=self.persons), np.float64)

    def _density(self, together: Floats, same_place: Floats, same_day: Floats) -> Floats:
        site = self.events.site
        return np.asarray(
            TOGETHER * together + SAME_PLACE * same_place / self.days + SAME_DAY * self._city[site] * same_day,
            np.float64,
        )

    def _own_part(self) -> Floats:
        """What a person's own events add to the density at each of them."""
        events = self.events
        order = np.argsort(events.person, kind="stable")
        starts = np.concatenate([[0], np.cumsum(self._count)])
        own = np.zeros((3, len(order)))
        width = 2 * WINDOW + 1
        for person in range(self.persons):
            rows = order[starts[person] : starts[person + 1]]
            same = events.site[rows, None] == events.site[None, rows]
            near = (np.abs(events.day[rows, None] - events.day[None, rows]) <= WINDOW) / width
            own[0, rows], own[1, rows], own[2, rows] = (same * near).sum(1), same.sum(1), near.sum(1)
        return self._density(own[0], own[1], own[2])
