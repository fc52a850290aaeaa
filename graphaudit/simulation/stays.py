"""Honest in-patient stays, and what people legitimately settle elsewhere while they are in one."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan
from graphaudit.simulation.drift import late_wave
from graphaudit.simulation.ordinary import at_doctor, during
from graphaudit.simulation.people import FEMALE
from graphaudit.simulation.places import HOSPITAL
from graphaudit.simulation.randomness import Column, key
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import BIRTH, OUTPATIENT, SHOP, STAY, occurrence, visits_of

STAYS_A_YEAR = 0.16
OUTINGS = 0.12  # of stays see a settlement elsewhere


def stay_times(made: Column, admitted: Column, days: Column, rng: np.random.Generator) -> None:
    """Set begin, end and settlement of stays from the second of admission and the length in days, in place."""
    made["begin"] = admitted
    discharge = (admitted // DAY + days) * DAY + rng.integers(9 * HOUR, 16 * HOUR, len(made))
    made["end"] = discharge
    made["at"] = discharge + rng.integers(10 * MINUTE, 90 * MINUTE, len(made))


def without_overlap(stays: Column) -> Column:
    """Stays that do not begin before the same person's previous one has ended."""
    ordered = stays[np.lexsort((stays["begin"], stays["person"]))]
    same = np.r_[False, ordered["person"][1:] == ordered["person"][:-1]]
    clash = same & (ordered["begin"] < np.r_[0, ordered["at"][:-1]] + DAY)
    result: Column = ordered[~clash]
    return result


def assign_beds(city: City, stays: Column) -> None:
    """Beds of each site in turn, by admission, in place: two patients rarely meet in one."""
    order = np.lexsort((stays["person"], stays["begin"], stays["site"]))
    ordered = stays[order]
    turn = occurrence(ordered["site"])
    stays["bed"][order] = turn % np.maximum(city.places.sites.beds[ordered["site"]], 20) + 1


def ordinary_stays(city: City, plan: Plan) -> Column:
    """The stays of the whole city outside groups and rings."""
    people, table = city.people, city.goods.diagnoses
    rng = city.streams.of("stays")
    rate = STAYS_A_YEAR * city.size.days / 365 * people.frailty * people.activity
    person = np.repeat(np.arange(len(people)), rng.poisson(rate))
    n = len(person)
    course = table.of_course("stay")
    weight = table.weight[course] / table.weight[course].sum()
    diagnosis = course[rng.choice(len(course), n, p=weight)]
    young = people.age[person] < table.age_from[diagnosis]
    diagnosis = np.where(young, table.number("pneumonia"), diagnosis)
    made = visits_of(n)
    made["person"], made["diagnosis"], made["kind"] = person, diagnosis, STAY
    elsewhere = city.places.nearby(HOSPITAL, people.neighbourhood[person], rng.random(n))
    made["site"] = np.where(rng.random(n) < 0.6, people.hospital[person], elsewhere)
    day = rng.integers(-12, city.size.days, n)
    winter = np.array([city.day(int(d)).month in (12, 1, 2) for d in range(-12, city.size.days)])
    keep = winter[day + 12] | (rng.random(n) < 0.8)
    days = np.clip(np.round(rng.lognormal(1.9, 0.45, n)), 2, 40).astype(np.int64)
    stay_times(made, day * DAY + rng.integers(8 * HOUR, 20 * HOUR, n), days, rng)
    made["template"] = city.goods.stay[diagnosis]
    made["basket"] = rng.integers(0, 1 << 60, n)
    if city.drift is not None:
        made = late_wave(city.drift, city.goods, made[keep], city.streams.of("late wave"))
        keep = np.ones(len(made), dtype=bool)
        person = made["person"]
    made = made[keep & (made["at"] >= 0) & (made["at"] < np.minimum(city.seconds, people.died_at[person]))]
    mothers = _births(city, rng)
    made = without_overlap(np.concatenate([made, mothers]))
    at_doctor(city, made)
    plan.benign += _outings(city, plan, made, rng)
    return made


def _births(city: City, rng: np.random.Generator) -> Column:
    people = city.people
    fertile = np.flatnonzero((people.sex == FEMALE) & (people.age > 22) & (people.age < 38))
    person = fertile[rng.random(len(fertile)) < 0.06 * city.size.days / 365]
    made = visits_of(len(person))
    made["person"], made["kind"], made["site"] = person, BIRTH, people.hospital[person]
    made["diagnosis"] = city.goods.diagnoses.number("childbirth")
    made["template"] = city.goods.template("birth")
    made["basket"] = rng.integers(0, 1 << 60, len(person))
    day = rng.integers(0, max(2, city.size.days - 8), len(person))
    stay_times(made, day * DAY + rng.integers(0, DAY, len(person)), rng.integers(2, 6, len(person)), rng)
    return made


def _outings(city: City, plan: Plan, stays: Column, rng: np.random.Generator) -> list[Group]:
    """Tests at another hospital, or the family fetching monthly drugs, while the patient is in a bed."""
    people, goods = city.people, city.goods
    long_enough = stays[(stays["end"] - stays["begin"]) > 2 * DAY]
    chosen = long_enough[rng.random(len(long_enough)) < OUTINGS * len(stays) / max(1, len(long_enough))]
    n = len(chosen)
    made = visits_of(n)
    person = chosen["person"]
    day = (
        chosen["begin"] // DAY
        + 1
        + rng.integers(0, 1 << 30, n) % np.maximum(1, (chosen["end"] - chosen["begin"]) // DAY - 1)
    )
    tested = rng.random(n) < 0.45
    chronic = people.chronic[person, 0]
    drug = np.where(chronic >= 0, chronic, goods.diagnoses.number("gastritis"))
    hospitals = city.places.sites.of_kind(HOSPITAL)
    other = city.places.nearby(HOSPITAL, people.neighbourhood[person], rng.random(n))
    following = hospitals[(np.searchsorted(hospitals, other) + 1) % len(hospitals)]
    other = np.where(other == chosen["site"], following, other)
    made["person"], made["site"] = person, np.where(tested, other, people.pharmacy[person])
    made["kind"] = np.where(tested, OUTPATIENT, SHOP)
    made["diagnosis"] = np.where(tested, chosen["diagnosis"], drug)
    made["template"] = np.where(tested, goods.template("outing"), goods.shop[drug])
    made["basket"] = np.where(tested, rng.integers(0, 1 << 60, n), key(person, drug, 43))
    made["at"] = day * DAY + rng.integers(9 * HOUR, 17 * HOUR, n)
    made["begin"], made["end"] = made["at"] - np.where(tested, 40 * MINUTE, 0), made["at"]
    inside = (made["at"] >= 0) & (made["at"] < city.seconds) & during(stays, person.astype(np.int64), made["at"])
    made = made[inside]
    at_doctor(city, made)
    plan.add(made)
    return [Group("stay_outing", [Member("person", int(p), "in_patient")]) for p in np.unique(made["person"])]
