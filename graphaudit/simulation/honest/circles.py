"""Circles of acquaintances: they go for their drugs together, but loosely, as a ring that hides would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan, people_of, strangers, with_patients
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.people import SOCIAL_CARD
from graphaudit.simulation.places import CLINIC, PHARMACY
from graphaudit.simulation.randomness import Column, key
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import OUTPATIENT, SHOP, visits_of

LARGEST = 40
AT_CLINIC = 0.2  # circles of patients of one clinic, or of several
SERVED_BY_FRIEND = 0.75  # circles who go where an acquaintance stands at the desk

#: What people of middle age and older take for good measure, besides their own drugs.
SHARED = ("lipids", "osteoporosis", "coronary")


@dataclass(frozen=True, slots=True)
class Habit:
    """How one circle goes: some over half a day, some today or tomorrow."""

    over_two_days: bool
    attendance: float  # of those who are in town, at one outing
    away: float  # share of months that a member spends elsewhere
    plastic: float  # visits on the plastic card, whatever the member uses else
    own_drugs: float  # visits for the member's own lasting drugs; the others take what the outing is for
    second_purpose: float  # visits for the second thing that an outing is for
    same_goods: float  # of these others, visits for exactly the same goods
    stocks_up: Column  # chances of one, two and three times the usual quantity
    served_by_friend: float  # visits served by the acquaintance, while on duty


def _habit(rng: np.random.Generator) -> Habit:
    over_two_days = bool(rng.random() < 0.5)
    return Habit(
        over_two_days=over_two_days,
        attendance=rng.uniform(0.25, 0.65) if over_two_days else rng.uniform(0.45, 0.8),
        away=rng.uniform(0.05, 0.4),
        plastic=rng.uniform(0.3, 0.85) if over_two_days else rng.uniform(0.6, 0.95),
        own_drugs=rng.uniform(0.6, 0.95),
        second_purpose=rng.uniform(0.0, 0.5),
        same_goods=rng.uniform(0.7, 0.95),
        stocks_up=rng.dirichlet((2.6, 2.6, 1.0) if over_two_days else (1.2, 3.0, 1.8)),
        served_by_friend=float(rng.random() < SERVED_BY_FRIEND) * rng.uniform(0.6, 0.95),
    )


def _members(city: City, plan: Plan, rng: np.random.Generator) -> Column:
    """Neighbours, and friends from elsewhere, of different households, most of them patients."""
    count = int(np.exp(rng.uniform(np.log(5), np.log(min(LARGEST, city.size.largest_ring) + 0.99))))
    neighbourhood = int(rng.integers(0, len(city.places.neighbourhoods)))
    local, patients = rng.uniform(0.3, 0.8), rng.uniform(0.55, 1.0)
    near = people_of(city, plan, neighbourhood, 6 * round(count * local), rng, least=26, most=84)
    near = with_patients(city, near, round(count * local), patients)
    far = strangers(city, plan, 6 * count + 8, rng, least=24, most=84)
    far = far[~np.isin(city.people.household[far], city.people.household[near])]
    return np.concatenate([near, with_patients(city, far, count - len(near), patients)])


def _haunts(city: City, kind: int, home: int, most: int, rng: np.random.Generator) -> Column:
    """Sites of one kind where the circle is known, those near its home first."""
    sites, hoods = city.places.sites, city.places.neighbourhoods
    pool = sites.of_kind(kind)
    pool = pool[sites.always_open(city.seconds)[pool]]
    weight = np.exp(-np.hypot(sites.x[pool] - hoods.x[home], sites.y[pool] - hoods.y[home]) / 5.0) + 1e-6
    chosen: Column = rng.choice(pool, min(most, len(pool)), replace=False, p=weight / weight.sum())
    return chosen


def _outings(city: City, rng: np.random.Generator) -> Column:
    """Irregular days, over most of the period."""
    count = int(np.exp(rng.uniform(np.log(8), np.log(16))) * max(1.0, np.sqrt(city.size.days / 181)))
    first = int(rng.integers(0, city.size.days // 6))
    last = int(city.size.days - 3 - rng.integers(0, city.size.days // 6))
    return np.sort(rng.choice(np.arange(first, last), min(count, last - first), replace=False))


def _arrivals(city: City, habit: Habit, outing: Column, site: Column, rng: np.random.Generator) -> Column:
    """Seconds after midnight of the outing's day at which each one comes, by site of the outing."""
    sites, outings, n = city.places.sites, len(site), len(outing)
    opens, closes = sites.opens[site] * HOUR, sites.closes[site] * HOUR
    start = opens - HOUR + (rng.random(outings) * (closes - opens - 2 * HOUR)).astype(np.int64)
    if habit.over_two_days:
        width = int(rng.uniform(40, 120) * MINUTE)
        tomorrow = rng.random(n) < rng.uniform(0.25, 0.6)
        second = start[outing] + 90 * MINUTE + rng.integers(-width, width, n)
    else:
        pause = int(rng.uniform(30, 75) * MINUTE)
        tomorrow = np.zeros(n, dtype=bool)
        second = start[outing] + rng.integers(0, 3, n) * pause + rng.integers(0, 30 * MINUTE, n)
    late = second % 2_300
    second = np.clip(second, opens[outing] + late, closes[outing] - 1 - late)
    arrival: Column = second + tomorrow * DAY
    return arrival


def _goods(city: City, habit: Habit, made: Column, outing: Column, rng: np.random.Generator) -> None:
    """Own lasting drugs, or what the outing is for; the latter are the same goods for most, in place."""
    people, goods, n = city.people, city.goods, len(made)
    table = goods.diagnoses
    person = made["person"].astype(np.int64)
    shared = np.array([table.number(name) for name in SHARED])
    purposes = shared[rng.integers(0, len(shared), (int(outing.max()) + 1, 2))]
    purpose = purposes[outing, (rng.random(n) < habit.second_purpose).astype(np.int64)]
    slot = np.where(people.chronic[person, 1] >= 0, rng.integers(0, 2, n), 0)
    own = people.chronic[person, slot]
    takes_own = (own >= 0) & (rng.random(n) < habit.own_drugs)
    made["diagnosis"] = np.where(takes_own, own, purpose)
    same = ~takes_own & (rng.random(n) < habit.same_goods)
    basket = np.where(takes_own, key(person, own, 43), rng.integers(0, 1 << 60, n))
    made["basket"] = np.where(same, key(outing, purpose, int(person[0])), basket)
    made["scale"] = rng.choice([1.0, 2.0, 3.0], n, p=habit.stocks_up)


def _friends(city: City, rng: np.random.Generator) -> Column:
    """Operators whom the circle knows, one a site."""
    operators = city.places.sites.operators
    return rng.integers(0, 1 << 30, len(operators)) % operators


def _when_on_duty(city: City, days: Column, site: Column, friend: Column) -> Column:
    """Each outing's day, or the next one on which the acquaintance at that site is on duty."""
    moved = days.copy()
    for _ in range(int(city.places.sites.operators.max())):
        moved += ~city.places.sites.is_on_duty(site, friend[site], moved)
    return moved


def plan_circle(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """One circle; nothing when too few live there."""
    people, goods = city.people, city.goods
    members = _members(city, plan, rng)
    if len(members) < 5:
        return
    habit = _habit(rng)
    plan.engaged[members] = True
    clinic = rng.random() < AT_CLINIC
    known = int(rng.integers(5, 11)) if habit.over_two_days else int(rng.integers(3, 8))
    haunts = _haunts(city, CLINIC if clinic else PHARMACY, int(people.neighbourhood[members[0]]), known, rng)
    days = _outings(city, rng)
    site = haunts[rng.integers(0, len(haunts), len(days))]
    friends = _friends(city, rng)
    if habit.served_by_friend:
        days = _when_on_duty(city, days, site, friends)
    in_town = rng.random((city.size.days // 30 + 1, len(members))) >= habit.away
    outing, who = np.nonzero(in_town[days // 30] & (rng.random((len(days), len(members))) < habit.attendance))
    if not len(outing):
        return
    made = visits_of(len(outing))
    made["person"], made["site"] = members[who], site[outing]
    made["at"] = days[outing] * DAY + _arrivals(city, habit, outing, site, rng)
    _goods(city, habit, made, outing, rng)
    made["kind"] = OUTPATIENT if clinic else SHOP
    made["template"] = goods.refill[made["diagnosis"]] if clinic else goods.shop[made["diagnosis"]]
    plastic = rng.random(len(made)) < habit.plastic
    made["credential"] = np.where(plastic, SOCIAL_CARD, people.credential[made["person"]])
    there = city.places.sites.is_on_duty(made["site"], friends[made["site"]], made["at"] // DAY)
    made["operator"] = np.where(there & (rng.random(len(made)) < habit.served_by_friend), friends[made["site"]], -1)
    made["begin"], made["end"] = np.where(clinic, made["at"] - 20 * MINUTE, made["at"]), made["at"]
    at_doctor(city, made)
    people.refills[members] = False  # they fetch their drugs on these outings
    plan.add(made)
    plan.benign.append(Group("companions", [Member("person", int(p), "acquaintance") for p in np.sort(members)]))
