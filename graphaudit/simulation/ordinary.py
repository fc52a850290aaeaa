"""Ordinary life of a block of persons: illness, prescriptions filled, refills, purchases, company."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, working_hours
from graphaudit.simulation.drift import follow_moves
from graphaudit.simulation.people import RESIDENT
from graphaudit.simulation.places import CLINIC, HOSPITAL, MARKET_CYCLE, PHARMACY
from graphaudit.simulation.randomness import Column, below, key, share
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import CHRONIC, EMERGENCY, OUTPATIENT, SHOP, joined, visits_of

ILLNESSES_A_MONTH = 0.72  # per person, at 2.5 visits a month
PURCHASES_A_MONTH = 0.86
FILLED = 0.24  # visits whose prescription is filled at a pharmacy
HEIRS = 3  # sites in a row that may be shut at once
FESTIVAL = ((2026, 2, 15), (2026, 2, 22))


def _day_weights(city: City) -> Column:
    days = np.arange(city.size.days)
    month = np.array([city.day(int(d)).month for d in days])
    weekday = (city.begins.weekday() + days) % 7
    season = np.where(
        np.isin(month, (12, 1)), 1.35, np.where(np.isin(month, (2, 3)), 1.1, np.where(month > 6, 0.9, 0.95))
    )
    weight = season * np.array([1.15, 1.05, 1.0, 1.0, 1.0, 0.9, 0.85])[weekday]
    quiet = [FESTIVAL[0] <= (d.year, d.month, d.day) <= FESTIVAL[1] for d in map(city.day, days.tolist())]
    result: Column = np.where(quiet, weight * 0.45, weight)
    return result


def _days(city: City, count: int, rng: np.random.Generator) -> Column:
    cumulative = np.cumsum(_day_weights(city))
    result: Column = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    return result


def _illness(city: City, person: Column, rng: np.random.Generator) -> Column:
    """An acute diagnosis that fits age and sex."""
    table, people = city.goods.diagnoses, city.people
    acute = table.of_course("acute")
    chosen = np.full(len(person), acute[0])
    open_ = np.ones(len(person), dtype=bool)
    weight = table.weight[acute] / table.weight[acute].sum()
    for _ in range(4):
        drawn = acute[rng.choice(len(acute), len(person), p=weight)]
        fits = (
            (people.age[person] >= table.age_from[drawn])
            & (people.age[person] <= table.age_to[drawn])
            & ((table.sex[drawn] == 0) | (table.sex[drawn] == people.sex[person]))
        )
        chosen = np.where(open_ & fits, drawn, chosen)
        open_ &= ~fits
    return chosen


def speciality_of(city: City, diagnosis: Column) -> Column:
    """Number of the speciality that treats the diagnosis."""
    names = {"general": 0, "orthopaedics": 1, "gynaecology": 2, "paediatrics": 3}
    return np.array([names[s] for s in city.goods.diagnoses.speciality])[diagnosis]


def at_doctor(city: City, made: Column) -> None:
    """Give visits of any but pharmacies a doctor of the right speciality, in place."""
    draw = key(made["person"], made["at"], 31)
    doctor = city.places.doctors.choose(made["site"], speciality_of(city, made["diagnosis"]), made["person"], draw)
    made["doctor"] = np.where(city.places.sites.kind[made["site"]] == PHARMACY, -1, doctor)


def _to_market(city: City, site: Column, day: Column, rng: np.random.Generator) -> tuple[Column, Column]:
    """Village visits move to the market day; second value says which did."""
    phase = city.places.sites.market_phase[site]
    moves = (phase >= 0) & (rng.random(len(site)) < 0.55)
    market = day - (day - phase) % MARKET_CYCLE
    return np.where(moves & (market >= 0), market, day), moves & (market >= 0)


def _illnesses(city: City, persons: Column, rate: float, rng: np.random.Generator) -> Column:
    people, sites = city.people, city.places.sites
    mean = ILLNESSES_A_MONTH * rate * city.size.months * people.frailty[persons] * people.activity[persons]
    person = np.repeat(persons, rng.poisson(mean))
    n = len(person)
    made = visits_of(n)
    diagnosis = _illness(city, person, rng)
    where, anywhere = rng.random(n), rng.random(n)
    elsewhere = np.where(rng.random(n) < 0.5, HOSPITAL, CLINIC)
    neighbourhood = people.neighbourhood[person]
    site = np.where(where < 0.56, people.clinic[person], people.hospital[person])
    far = where > 0.9
    site = np.where(far & (elsewhere == HOSPITAL), city.places.nearby(HOSPITAL, neighbourhood, anywhere), site)
    site = np.where(far & (elsewhere == CLINIC), city.places.nearby(CLINIC, neighbourhood, anywhere), site)
    day, at_market = _to_market(city, site, _days(city, n, rng), rng)
    second = working_hours(city, site, rng)
    second = np.where(at_market, (7.8 * HOUR + rng.random(n) * 2.6 * HOUR).astype(np.int64), second)
    night = (sites.kind[site] == HOSPITAL) & (rng.random(n) < 0.07)
    second = np.where(night, rng.integers(0, DAY, n), second)
    made["person"], made["site"], made["at"] = person, site, day * DAY + second
    made["kind"] = np.where(night, EMERGENCY, OUTPATIENT)
    made["diagnosis"], made["template"] = diagnosis, city.goods.outpatient[diagnosis]
    made["basket"] = rng.integers(0, 1 << 60, n)
    made["begin"] = made["at"] - rng.integers(8 * MINUTE, 80 * MINUTE, n)
    made["end"] = made["at"]
    return made


def _filled(city: City, visits: Column, rng: np.random.Generator) -> Column:
    """Prescriptions of these visits that are filled at a pharmacy within a day."""
    people = city.people
    chosen = visits[rng.random(len(visits)) < FILLED]
    n = len(chosen)
    made = visits_of(n)
    near = rng.random(n) < 0.7
    made["person"] = chosen["person"]
    made["site"] = np.where(near, people.pharmacy[chosen["person"]], people.second_pharmacy[chosen["person"]])
    at = chosen["at"] + rng.integers(10 * MINUTE, 4 * HOUR, n)
    closed = at % DAY > 20.8 * HOUR
    at = np.where(closed, (at // DAY + 1) * DAY + rng.integers(8 * HOUR, 12 * HOUR, n), at)
    made["at"], made["kind"], made["diagnosis"] = at, SHOP, chosen["diagnosis"]
    made["template"] = city.goods.shop[chosen["diagnosis"]]
    made["basket"] = rng.integers(0, 1 << 60, n)
    made["referred"] = rng.random(n) < 0.7
    made["doctor"] = np.where(made["referred"], chosen["doctor"], -1)
    return made


def _refills(city: City, persons: Column, slot: int, rng: np.random.Generator) -> Column:
    """Monthly drugs of one chronic illness, on the person's own weekday and hour."""
    people, goods = city.people, city.goods
    ill = persons[(people.chronic[persons, slot] >= 0) & people.refills[persons]]
    cycles = city.size.days // 28 + 1
    person = np.repeat(ill, cycles)
    turn = np.tile(np.arange(cycles), len(ill))
    due = people.phase[person] + turn * people.cycle[person]
    weekday = (city.begins.weekday() + due) % 7
    habit = share(person, 41) < 0.6  # keeps to one weekday
    due = due + np.where(habit, (people.weekday[person] - weekday + 3) % 7 - 3, rng.integers(-3, 4, len(person)))
    keeps = (due >= 0) & (due < city.size.days) & (rng.random(len(person)) < 0.86 * people.activity[person])
    person, due = person[keeps], due[keeps]
    n = len(person)
    made = visits_of(n)
    at_clinic = share(person, slot, 42) < 0.45
    site = np.where(at_clinic, people.clinic[person], people.pharmacy[person])
    second = (people.hour[person] * HOUR + rng.normal(0, 50 * MINUTE, n)).astype(np.int64)
    opens, closes = city.places.sites.opens[site] * HOUR, city.places.sites.closes[site] * HOUR
    second = np.clip(second, opens + rng.integers(0, HOUR, n), closes - rng.integers(1, HOUR, n))
    due, _ = _to_market(city, site, due, rng)
    diagnosis = people.chronic[person, slot]
    made["person"], made["site"], made["at"] = person, site, due * DAY + second
    made["diagnosis"], made["template"] = diagnosis, goods.refill[diagnosis]
    registered = np.array([bool(code) for code in goods.diagnoses.chronic_codes])[diagnosis]
    made["kind"] = np.where(at_clinic, np.where(registered, CHRONIC, OUTPATIENT), SHOP)
    made["template"] = np.where(at_clinic, made["template"], goods.shop[diagnosis])
    made["basket"] = key(person, diagnosis, 43)
    made["begin"], made["end"] = made["at"] - 20 * MINUTE, made["at"]
    return made


def _purchases(city: City, persons: Column, rate: float, rng: np.random.Generator) -> Column:
    people = city.people
    mean = (
        PURCHASES_A_MONTH * rate * city.size.months * people.activity[persons] * (0.6 + 0.4 * people.frailty[persons])
    )
    mean = mean * np.where(people.insurance[persons] == RESIDENT, 0.75, 1.25)
    person = np.repeat(persons, rng.poisson(mean))
    n = len(person)
    made = visits_of(n)
    where = rng.random(n)
    site = np.where(where < 0.55, people.pharmacy[person], people.second_pharmacy[person])
    roaming = city.places.nearby(PHARMACY, people.neighbourhood[person], rng.random(n))
    site = np.where(where > 0.82, roaming, site)
    diagnosis = _illness(city, person, rng)
    chronic = people.chronic[person, 0]
    diagnosis = np.where((rng.random(n) < 0.25) & (chronic >= 0), chronic, diagnosis)
    made["person"], made["site"] = person, site
    made["at"] = _days(city, n, rng) * DAY + working_hours(city, site, rng)
    made["kind"], made["diagnosis"], made["template"] = SHOP, diagnosis, city.goods.shop[diagnosis]
    made["basket"] = rng.integers(0, 1 << 60, n)
    made["scale"] = np.where(rng.random(n) < 0.12, 2.0, 1.0)
    return made


def _company(city: City, visits: Column, rng: np.random.Generator) -> Column:
    """Somebody of the household comes along and is settled minutes later, for an own reason."""
    people = city.people
    chosen = visits[(rng.random(len(visits)) < people.together[visits["person"]])]
    first = np.searchsorted(people.household, people.household[chosen["person"]])
    last = np.searchsorted(people.household, people.household[chosen["person"]], side="right")
    partner = first + below(last - first, key(chosen["person"], chosen["at"], 51))
    real = partner != chosen["person"]
    chosen, partner = chosen[real], partner[real]
    made = visits_of(len(chosen))
    made["person"], made["site"] = partner, chosen["site"]
    made["at"] = chosen["at"] + rng.integers(40, 11 * MINUTE, len(chosen))
    shops = city.places.sites.kind[chosen["site"]] == PHARMACY
    made["kind"] = np.where(shops, SHOP, OUTPATIENT)
    diagnosis = _illness(city, partner, rng)
    made["diagnosis"] = diagnosis
    made["template"] = np.where(shops, city.goods.shop[diagnosis], city.goods.outpatient[diagnosis])
    made["basket"] = rng.integers(0, 1 << 60, len(chosen))
    made["begin"], made["end"] = made["at"] - 15 * MINUTE, made["at"]
    return made


def through_open_doors(city: City, visits: Column) -> Column:
    """The visits with those to a shut site at its heir, or at the heir's heir, seen by a doctor of that place."""
    sites = city.places.sites
    for _ in range(HEIRS):
        shut = sites.is_shut(visits["site"], visits["at"])
        moved = visits[shut]
        moved["site"] = sites.heir[moved["site"]]
        seen = moved[sites.kind[moved["site"]] != PHARMACY]
        at_doctor(city, seen)
        moved[sites.kind[moved["site"]] != PHARMACY] = seen
        visits[shut] = moved
    return visits


def during(stays: Column, person: Column, at: Column) -> Column:
    """Whether each person is in one of the stays at that moment; stays of a person must not overlap."""
    if not len(stays):
        return np.zeros(len(person), dtype=bool)
    ordered = stays[np.lexsort((stays["begin"], stays["person"]))]
    scale = np.int64(1) << 32
    starts = ordered["person"] * scale + ordered["begin"]
    found = np.searchsorted(starts, person * scale + at, side="right") - 1
    inside = ordered[np.maximum(found, 0)]
    result: Column = (found >= 0) & (inside["person"] == person) & (at < inside["end"])
    return result


def ordinary_visits(city: City, first: int, last: int, stays: Column, block: int) -> Column:
    """Visits of persons first … last-1 outside groups, rings and stays, in no particular order."""
    rng = city.streams.of("ordinary", block)
    persons = np.arange(first, last)
    rate = city.size.visits / 2.5
    illnesses = _illnesses(city, persons, rate, rng)
    refills = [_refills(city, persons, slot, rng) for slot in (0, 1)]
    if city.drift is not None:
        refills = [city.drift.longer(part) for part in refills]
        for part in (illnesses, *refills):
            follow_moves(city.drift, city.people, city.places, part)
    for part in (illnesses, *refills):
        at_doctor(city, part)
    shopping = _purchases(city, persons, rate, rng)
    made = joined([illnesses, _filled(city, illnesses, rng), *refills, shopping])
    company = _company(city, made, rng)
    at_doctor(city, company)
    made = through_open_doors(city, joined([made, company]))
    made["begin"] = np.where(made["kind"] == SHOP, made["at"], made["begin"])
    made["end"] = made["at"]
    alive = made["at"] < city.people.died_at[made["person"]]
    born = made["at"] // DAY >= city.people.born[made["person"]]
    within = (made["at"] >= 0) & (made["at"] < city.seconds)
    result: Column = made[alive & born & within & ~during(stays, made["person"].astype(np.int64), made["at"])]
    return result
