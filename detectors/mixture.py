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
from scipy import sparse

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
        self.goods = None if goods is None else _Lists(goods, int(events.person.max()) + 1)
        self.persons = int(events.person.max()) + 1
        self.sites, self.days = int(events.site.max()) + 1, int(events.day.max()) + 1
        city = np.bincount(events.site, minlength=self.sites).astype(np.float64)
        self._city = city / city.sum()
        self._log_null = np.log((OWN_PLACES * events.own + (1 - OWN_PLACES) * self._city[events.site]) / self.days)
        self._of_person = Rows(events.person, self.persons)
        self._of_site = Rows(events.site, self.sites)
        self._count = np.bincount(events.person, minlength=self.persons)
        self._by_day = sparse.csr_matrix(
            (np.ones(len(events.day)), (events.person, events.day)), shape=(self.persons, self.days)
        )
        self._self = self._own_part()

    def llr(self, members: Ints, persons: Ints | None = None) -> Floats:
        """By how many nats the events of each of `persons` (ascending; all, unless given) fit this group better than none."""
        return self._llr(self._events_of(members), np.arange(self.persons) if persons is None else persons)

    def _llr(self, there: _There, whom: Ints) -> Floats:
        rows = self._of_person.of(whom)
        site, day, person = (each[rows] for each in (self.events.site, self.events.day, self.events.person))
        held = there.inside[person]
        at = there.place[site]
        known = at >= 0
        near = np.where(known, there.near[at, day], 0.0)
        per_site = np.where(known, there.per_site[at], 0.0)
        fits = self._density(site, near, per_site, there.per_day[day])
        number = there.number - np.where(held, self._count[person], 0)
        city = self._city[site]
        fits = np.maximum(fits - np.where(held, self._self[rows], 0.0), 0.0) + CITY_EVENTS * city / self.days
        ratio = np.log(fits / (number + CITY_EVENTS)) - self._log_null[rows]
        told = self._of_person.summed(whom, np.clip(ratio, MOST_AGAINST, MOST_FOR))
        return told if self.goods is None else told + self.goods.llr(there.inside, whom)

    def settle(self, seeds: Sequence[Ints], *, least_llr: float, least_size: int) -> list[tuple[Ints, float]]:
        """Groups grown from disjoint `seeds`, each with the sum of its members' ratios; in the order of the seeds.

        Two groups become one when the members fit the union better than each its own group.
        """
        fits = _Fits()
        groups = self._grown(list(seeds), least_llr, least_size, fits)
        while len(united := self._united(groups)) < len(groups):
            groups = self._grown(united, least_llr, least_size, fits)
        return [(group, self._total(group)) for group in groups]

    def _grown(self, groups: list[Ints], least_llr: float, least_size: int, fits: _Fits) -> list[Ints]:
        for _ in range(ROUNDS):
            if not groups:
                break
            best, top = np.zeros(self.persons, np.int64), np.full(self.persons, -np.inf)
            fits.forget_all_but(groups)
            for number, group in enumerate(groups):
                persons, ratio = fits.of(group) or fits.keep(group, *self._who_fits(group, least_llr))
                better = ratio > top[persons]
                best[persons[better]], top[persons[better]] = number, ratio[better]
            grown = [np.flatnonzero((best == number) & (top >= least_llr)) for number in range(len(groups))]
            grown = [group for group in grown if len(group) >= least_size]
            if len(grown) == len(groups) and all(map(np.array_equal, grown, groups)):
                break
            groups = grown
        return groups

    def _who_fits(self, group: Ints, least_llr: float) -> tuple[Ints, Floats]:
        """Persons, ascending, whose ratio for `group` reaches `least_llr`, and their ratios: nobody else can join it."""
        there = self._events_of(group)
        persons = self._who_may_fit(there, least_llr)
        ratio = self._llr(there, persons)
        enough = ratio >= least_llr
        return persons[enough], ratio[enough]

    def _united(self, groups: list[Ints]) -> list[Ints]:
        """`groups` after one round of unions, the best first; each group takes part in one at most."""
        if not groups:
            return []
        everybody = np.unique(np.concatenate(groups))
        ratios = np.array([self.llr(group, everybody) for group in groups])
        at = [np.searchsorted(everybody, group) for group in groups]
        totals = [float(ratio[place].sum()) for ratio, place in zip(ratios, at, strict=True)]
        size = np.array([len(group) for group in groups])
        belongs = sparse.csr_matrix(
            (np.repeat(1.0 / size, size), (np.repeat(np.arange(len(groups)), size), np.concatenate(at))),
            shape=(len(groups), len(everybody)),
        )
        of_others = belongs @ ratios.T
        # worth trying where members of one would be no strangers in the other
        near = np.triu(np.maximum(of_others, of_others.T) >= 0, k=1)
        gains: list[tuple[float, int, int]] = []
        for one, other in np.argwhere(near).tolist():
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
        return float(self.llr(group, group).sum())

    def _events_of(self, members: Ints) -> _There:
        """Where and when the events of `members` are."""
        rows = self._of_person.of(members)
        sites, local = np.unique(self.events.site[rows], return_inverse=True)
        there = np.zeros((len(sites), self.days + 2 * WINDOW))
        np.add.at(there, (local, self.events.day[rows] + WINDOW), 1.0)
        width = 2 * WINDOW + 1
        near: Floats = np.sum([there[:, shift : shift + self.days] for shift in range(width)], axis=0) / width
        inside = np.zeros(self.persons, dtype=bool)
        inside[members] = True
        place = np.full(self.sites, -1, np.int64)
        place[sites] = np.arange(len(sites))
        return _There(inside, sites, place, near, there.sum(axis=1), near.sum(axis=0), len(rows))

    def _who_may_fit(self, there: _There, least_llr: float) -> Ints:
        """Persons, ascending, without those whose ratio for a group cannot reach `least_llr`.

        Who was at no place of the group has nothing but its days to fit by, and at best no place of his own.
        """
        nobody = SAME_DAY * there.per_day * self.days + CITY_EVENTS
        of_day = np.clip(np.log(nobody / (there.number + CITY_EVENTS) / (1 - OWN_PLACES)), MOST_AGAINST, MOST_FOR)
        most = self._by_day @ of_day
        if self.goods is not None:
            most += self.goods.of_strangers(there.inside)
        # sums of another order differ in the last digits
        may = there.inside | (most >= least_llr - 1e-6)
        may[self.events.person[self._of_site.of(there.sites)]] = True
        return np.flatnonzero(may)

    def _density(self, site: Ints, together: Floats, same_place: Floats, same_day: Floats) -> Floats:
        return np.asarray(
            TOGETHER * together + SAME_PLACE * same_place / self.days + SAME_DAY * self._city[site] * same_day,
            np.float64,
        )

    def _own_part(self) -> Floats:
        """What a person's own events add to the density at each of them."""
        events = self.events
        width = 2 * WINDOW + 1
        stride = self.days + width
        at = (events.person * self.sites + events.site) * stride + events.day
        day = events.person * stride + events.day
        place = events.person * self.sites + events.site
        shifts = range(-WINDOW, WINDOW + 1)
        together = np.sum([_times(at, at + shift) for shift in shifts], axis=0) / width
        same_day = np.sum([_times(day, day + shift) for shift in shifts], axis=0) / width
        return self._density(events.site, together, _times(place, place), same_day)


@dataclass(frozen=True, slots=True)
class _There:
    """The events of a group: who is in it, its sites (ascending), the row of each site or -1, and events by row and day."""

    inside: npt.NDArray[np.bool_]
    sites: Ints
    place: Ints
    near: Floats
    per_site: Floats
    per_day: Floats
    number: int


class _Fits:
    """Who fits each group, and how well: most groups stay as they are from one round to the next and are asked once."""

    def __init__(self) -> None:
        self._held: dict[bytes, tuple[Ints, Floats]] = {}

    def of(self, group: Ints) -> tuple[Ints, Floats] | None:
        return self._held.get(group.tobytes())

    def keep(self, group: Ints, persons: Ints, ratio: Floats) -> tuple[Ints, Floats]:
        self._held[group.tobytes()] = persons, ratio
        return persons, ratio

    def forget_all_but(self, groups: Sequence[Ints]) -> None:
        """Hold no more than one round needs."""
        now = {group.tobytes() for group in groups}
        self._held = {group: held for group, held in self._held.items() if group in now}


class Rows:
    """Row numbers by a key that counts from 0, the rows of a key in their order."""

    def __init__(self, key: Ints, number: int) -> None:
        self._order = np.argsort(key, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=number))])

    def sizes(self, keys: Ints) -> Ints:
        """How many rows each of `keys` has."""
        return np.asarray(self._starts[keys + 1] - self._starts[keys], np.int64)

    def summed(self, keys: Ints, values: Floats) -> Floats:
        """The sum of `values`, one for each row that `of` gives, by key."""
        place = np.repeat(np.arange(len(keys)), self.sizes(keys))
        return np.bincount(place, weights=values, minlength=len(keys)).astype(np.float64)

    def of(self, keys: Ints) -> Ints:
        """The rows of `keys`, key after key."""
        sizes = self.sizes(keys)
        first = np.repeat(self._starts[keys] - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
        return np.asarray(self._order[first + np.arange(int(sizes.sum()))], np.int64)


class _Lists:
    """What persons took, and how well that fits the list of a group."""

    def __init__(self, goods: Goods, persons: int) -> None:
        self._goods = goods
        self._number = int(goods.good.max()) + 1
        self._city = np.bincount(goods.good, minlength=self._number) / len(goods.good)
        self._of_person = Rows(goods.person, persons)
        self._count = np.bincount(goods.person, minlength=persons)
        self._taken = sparse.csr_matrix(
            (np.ones(len(goods.good)), (goods.person, goods.good)), shape=(persons, self._number)
        )

    def llr(self, inside: npt.NDArray[np.bool_], whom: Ints) -> Floats:
        """By how many nats the goods of each of `whom` are more likely on the list of those `inside` than among all here."""
        rows = self._of_person.of(whom)
        good, person = self._goods.good[rows], self._goods.person[rows]
        group, total = self._list(inside)
        # a person takes a good once: his own are one of the group's count
        held = inside[person]
        others, left = group[good] - held, total - np.where(held, self._count[person], 0)
        return self._of_person.summed(whom, self._ratio(others, left, self._city[good]))

    def of_strangers(self, inside: npt.NDArray[np.bool_]) -> Floats:
        """The same for all persons, as if none of them were `inside`."""
        group, total = self._list(inside)
        return np.asarray(self._taken @ self._ratio(group, total, self._city), np.float64)

    def _list(self, inside: npt.NDArray[np.bool_]) -> tuple[Ints, int]:
        rows = self._of_person.of(np.flatnonzero(inside))
        return np.bincount(self._goods.good[rows], minlength=self._number), len(rows)

    def _ratio(self, others: Ints, total: npt.ArrayLike, city: Floats) -> Floats:
        share = (others + CITY_GOODS * city) / (np.asarray(total) + CITY_GOODS)
        return np.clip(np.log(share / city), MOST_AGAINST_A_GOOD, MOST_FOR_A_GOOD)


def _times(known: Ints, asked: Ints) -> Floats:
    """How often each of `asked` is among `known`."""
    values, count = np.unique(known, return_counts=True)
    at = np.minimum(np.searchsorted(values, asked), len(values) - 1)
    return np.where(values[at] == asked, count[at], 0).astype(np.float64)
