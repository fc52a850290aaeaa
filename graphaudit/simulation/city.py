"""The city before anything happens in it, and the plan that groups and rings add to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from graphaudit.simulation.agency import Agency, agency_of
from graphaudit.simulation.catalogue import Catalogue, catalogue
from graphaudit.simulation.drift import Drift, drift_of
from graphaudit.simulation.people import People, populate
from graphaudit.simulation.places import Places, lay_out
from graphaudit.simulation.randomness import Column, Streams
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE, Camouflage, Size

#: Shares of doctors who also practise at a second, registered site.
SECOND_JOBS = 0.10


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody or something in a group, by its kind and its number in the city (or its final id)."""

    type: str
    number: int | str
    role: str


@dataclass(slots=True)
class Group:
    """A ring (`pattern`) or an honest group that looks like one (`pattern` is then its class)."""

    pattern: str
    members: list[Member]
    settlements: list[int] = field(default_factory=list)  # numbers of visits, filled while writing
    amount_fen: int = 0


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in besides the daily routine: an operator at a further terminal."""

    site: int
    operator: int
    terminal: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Representation:
    """A registration made by an agent: who, for whom, how they are related (agnter_rlts)."""

    person: int
    agent: int
    relation: str


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One line of what the unit itself knows."""

    kind: str
    person: int | None = None
    site: int | None = None
    address_of: int | None = None
    from_day: int = 0
    until_day: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """A site of a ring is inspected on a day, and from a later one on the ring does otherwise."""

    site: int
    day: int
    reacts_on: int


@dataclass(slots=True)
class City:
    """Everything fixed about a city."""

    size: Size
    camouflage: Camouflage
    streams: Streams
    goods: Catalogue
    places: Places
    people: People
    agency: Agency
    drift: Drift | None = None
    invoices: int = 0  # handed out so far

    def next_invoices(self, count: int) -> Column:
        """`count` invoice numbers that nobody else has."""
        self.invoices += count
        return np.arange(self.invoices - count, self.invoices)

    @property
    def begins(self) -> date:
        return self.size.begins

    def day(self, number: int) -> date:
        return self.size.begins + timedelta(days=number)

    @property
    def seconds(self) -> int:
        return self.size.days * DAY


@dataclass(slots=True)
class Plan:
    """What happens besides ordinary life: groups are planned before rings, and so the same without them."""

    visits: list[Column] = field(default_factory=list)
    benign: list[Group] = field(default_factory=list)
    rings: list[Group] = field(default_factory=list)
    cases: list[Column] = field(default_factory=list)
    sign_ins: list[SignIn] = field(default_factory=list)
    agents: list[Representation] = field(default_factory=list)
    register: list[RegisterEntry] = field(default_factory=list)
    pauses: list[tuple[int, str, int, int]] = field(default_factory=list)  # site, kind, from, until (seconds)
    registered: dict[int, tuple[str, int]] = field(default_factory=dict)  # person -> special disease, site
    engaged: Column = field(default_factory=lambda: np.zeros(0, dtype=bool))  # persons already in a group
    settled: Column = field(default_factory=lambda: np.zeros(0, dtype=bool))  # persons of any written visit
    inspections: dict[int, Inspection] = field(default_factory=dict)  # ring -> what it reacts to

    def appears(self, group: Group) -> bool:
        """Whether any person of the group has a visit, or the group has no persons; known when all is written."""
        persons = [int(m.number) for m in group.members if m.type == "person"]
        return not persons or bool(self.settled[persons].any())

    def add(self, visits: Column) -> None:
        if len(visits):
            visits["number"] = sum(map(len, self.visits)) + np.arange(len(visits))  # final numbers are drawn later
            self.visits.append(visits)

    def add_cases(self, cases: Column, visits: Column) -> None:
        """Add paper cases with the treatments behind them, aligned with each other."""
        visits["case"] = sum(map(len, self.cases)) + np.arange(len(cases))
        self.cases.append(cases)
        self.add(visits)


def found_city(
    size: Size, camouflage: Camouflage, seed: int, *, drifts: bool = False, faulty_sites: float | None = None
) -> City:
    """Found the city that this seed decides; `faulty_sites` replaces the camouflage's own share."""
    streams = Streams(seed)
    goods = catalogue()
    faulty = camouflage.faulty_sites if faulty_sites is None else faulty_sites
    places = lay_out(size, streams, SECOND_JOBS, faulty)
    people = populate(size, places, goods, streams, camouflage.households_known)
    drift = drift_of(size, places, goods, streams) if drifts else None
    return City(size, camouflage, streams, goods, places, people, agency_of(size), drift)


def working_hours(city: City, site: Column, rng: np.random.Generator) -> Column:
    """A second of the day at which the site is open: mornings and afternoons, evenings at pharmacies."""
    sites = city.places.sites
    n = len(site)
    late = sites.closes[site] > 18
    part = rng.random(n)
    morning, afternoon, evening = rng.normal(9.6, 1.1, n), rng.normal(15.0, 1.4, n), rng.normal(18.8, 1.0, n)
    hour = np.where(part < 0.55, morning, np.where(late & (part > 0.75), evening, afternoon))
    opens, closes = sites.opens[site], sites.closes[site]
    outside = (hour < opens) | (hour > closes - 0.1)
    hour = np.where(outside, opens + rng.random(n) * (closes - opens - 0.2), hour)
    return (hour * HOUR).astype(np.int64) + rng.integers(0, MINUTE, n)


def people_of(
    city: City,
    plan: Plan,
    neighbourhood: int,
    count: int,
    rng: np.random.Generator,
    *,
    least: float = 18,
    most: float = 90,
) -> Column:
    """Up to `count` unengaged persons of different households who live there, in a drawn order."""
    people = city.people
    here = people.of_neighbourhood(neighbourhood)
    fit = here[(people.age[here] >= least) & (people.age[here] <= most) & ~plan.engaged[here]]
    fit = fit[people.died_at[fit] > city.seconds]
    fit = rng.permutation(fit)
    _, firsts = np.unique(people.household[fit], return_index=True)
    return fit[np.sort(firsts)][:count]


def strangers(
    city: City, plan: Plan, count: int, rng: np.random.Generator, *, least: float = 18, most: float = 90
) -> Column:
    """Up to `count` unengaged persons of different households from anywhere in the city, in a drawn order."""
    people = city.people
    drawn = rng.permutation(len(people))[: max(4_000, 40 * count)]
    fit = drawn[(people.age[drawn] >= least) & (people.age[drawn] <= most) & ~plan.engaged[drawn]]
    fit = fit[people.died_at[fit] > city.seconds]
    _, firsts = np.unique(people.household[fit], return_index=True)
    return fit[np.sort(firsts)][:count]


def with_patients(city: City, pool: Column, count: int, share: float) -> Column:
    """`count` of the pool, in its order, that share of them people with a chronic illness where there are enough."""
    ill = city.people.chronic[pool, 0] >= 0
    wanted = min(round(share * count), int(ill.sum()))
    chosen = np.zeros(len(pool), dtype=bool)
    chosen[np.flatnonzero(ill)[:wanted]] = True
    chosen[np.flatnonzero(~ill)[: count - wanted]] = True
    chosen[np.flatnonzero(~chosen)[: count - int(chosen.sum())]] = True
    result: Column = pool[chosen]
    return result
