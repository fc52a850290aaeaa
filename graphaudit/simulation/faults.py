"""Faults of whole feeds: clocks, uploads in batches, lost hours, records sent twice, a field left out, two numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphaudit.errors import ConfigurationError
from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.places import HOSPITAL, REMOTE
from graphaudit.simulation.randomness import Column, share
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import NOBODY

#: Fields that a feed may lack; beds only where there are beds.
FIELDS = ("doctor", "operator", "credential", "diagnosis", "bed")


@dataclass(frozen=True, slots=True)
class Rates:
    """How many records and sites are faulty, as shares."""

    sites: float  # of all local sites, for each kind of fault; at least one
    persons: float  # who are insured under a second number
    twice: float  # of the records of a site that sends some of them again


RATES: tuple[Rates, ...] = (Rates(0.0, 0.0, 0.0), Rates(0.015, 0.005, 0.10), Rates(0.05, 0.015, 0.20))


@dataclass(slots=True)
class Faults:
    """The faulty feeds of one city; columns have one entry a site, `second_from` one a person."""

    rates: Rates
    clocks: Column  # numbers of sites
    hourly: Column
    daily: Column
    upload_at: Column  # second of the day at which a site uploads its day; -1 = at once
    outages: dict[int, tuple[Column, Column]]  # site -> beginnings and ends of what was lost, ascending
    twice: Column  # the site sends some records again
    lacking: Column  # index into FIELDS; -1 = none
    second_from: Column  # from this second on the person is settled under a second number; -1 = never
    lost: dict[int, int] = field(default_factory=dict)  # records by site, counted while writing
    copies: dict[int, int] = field(default_factory=dict)


def rates_at(level: int) -> Rates:
    """The rates of fault level 0, 1 or 2; ConfigurationError for anything else."""
    if not 0 <= level < len(RATES):
        raise ConfigurationError(f"no fault level {level}", hint="choose 0, 1 or 2")
    return RATES[level]


def _outages(city: City, site: int, rng: np.random.Generator) -> tuple[Column, Column]:
    """One hour of every day for some weeks, and a few longer breaks."""
    sites = city.places.sites
    hour = int(rng.integers(sites.opens[site], sites.closes[site]))
    first = int(rng.integers(0, max(1, city.size.days - 45)))
    days = np.arange(first, min(city.size.days, first + int(rng.integers(14, 43))))
    breaks = rng.integers(0, city.seconds - 2 * DAY, int(rng.integers(2, 5)))
    begins = np.concatenate([days * DAY + hour * HOUR, breaks])
    ends = np.concatenate([days * DAY + (hour + 1) * HOUR, breaks + rng.integers(3 * HOUR, 30 * HOUR, len(breaks))])
    order = np.argsort(begins, kind="stable")
    return begins[order], np.maximum.accumulate(ends[order])


def plan_faults(city: City, plan: Plan, rates: Rates) -> Faults:
    """Choose the faulty feeds and persons, a site having one fault at most; sets clocks and hourly uploads of sites.

    Nobody of a ring has a second number, so that the truth names each member once.
    """
    rng = city.streams.of("faults of feeds")
    sites, persons = city.places.sites, len(city.people)
    local = rng.permutation(np.flatnonzero(sites.kind != REMOTE))
    count = max(1, round(rates.sites * len(local))) if rates.sites else 0
    clocks, hourly, daily, lossy, twice, lacking = (local[n * count : (n + 1) * count] for n in range(6))
    sites.clock_offset[clocks] = rng.choice([-1, 1], count) * rng.integers(8 * MINUTE, 100 * MINUTE, count)
    sites.batches[hourly] = True
    upload_at = np.full(len(sites), -1)
    upload_at[daily] = rng.integers(21 * HOUR + 30 * MINUTE, 23 * HOUR + 45 * MINUTE, count)
    sends_again = np.zeros(len(sites), dtype=bool)
    sends_again[twice] = True
    lacks = np.full(len(sites), -1)
    for site in lacking.tolist():
        lacks[site] = rng.integers(0, len(FIELDS) - (sites.kind[site] != HOSPITAL))
    in_rings = [int(m.number) for ring in plan.rings for m in ring.members if m.type == "person"]
    free = np.ones(persons, dtype=bool)
    free[in_rings] = False
    double = rng.permutation(np.flatnonzero(free))[: round(rates.persons * persons)]
    second_from = np.full(persons, -1)
    second_from[double] = rng.integers(int(0.2 * city.seconds), int(0.8 * city.seconds), len(double))
    return Faults(
        rates, clocks, hourly, daily, upload_at, {s: _outages(city, s, rng) for s in lossy.tolist()}, sends_again,
        lacks, second_from,
    )  # fmt: skip


def without_lost(faults: Faults, visits: Column) -> Column:
    """The visits whose records arrived; counts those that did not. Papers reach the agency by themselves."""
    kept = np.ones(len(visits), dtype=bool)
    for site, (begins, ends) in faults.outages.items():
        here = np.flatnonzero((visits["site"] == site) & (visits["case"] == NOBODY))
        at = visits["at"][here]
        outage = np.searchsorted(begins, at, side="right") - 1
        gone = here[(outage >= 0) & (at < ends[np.maximum(outage, 0)])]
        kept[gone] = False
        faults.lost[site] = faults.lost.get(site, 0) + len(gone)
    result: Column = visits[kept]
    return result


def uploaded(faults: Faults | None, site: Column, at: Column) -> Column:
    """Times of settlement as sites write them that upload once a day: all within minutes, in no telling order."""
    if faults is None:
        return at
    upload = faults.upload_at[site]
    day = at // DAY + (at % DAY > upload)
    return np.where(upload >= 0, day * DAY + upload + at % 420, at)


def sent_again(faults: Faults, visits: Column) -> Column:
    """Indexes of the visits whose settlement was sent twice; counts them by site."""
    again = faults.twice[visits["site"]] & (visits["case"] == NOBODY)
    chosen = np.flatnonzero(again & (share(visits["number"], 87) < faults.rates.twice))
    for site, count in zip(*np.unique(visits["site"][chosen], return_counts=True), strict=True):
        faults.copies[int(site)] = faults.copies.get(int(site), 0) + int(count)
    return chosen


def lacks(faults: Faults | None, site: Column, name: str) -> Column:
    """Which records come from a feed that lacks this field."""
    if faults is None:
        return np.zeros(len(site), dtype=bool)
    result: Column = faults.lacking[site] == FIELDS.index(name)
    return result


def settled_under_second(faults: Faults | None, visits: Column) -> Column:
    """Which visits were settled under the person's second number."""
    if faults is None:
        return np.zeros(len(visits), dtype=bool)
    since = faults.second_from[visits["person"]]
    second: Column = (since >= 0) & (visits["at"] >= since) & (visits["case"] == NOBODY)
    return second


def _of_sites(city: City, faults: Faults) -> list[tuple[str, int, dict[str, Any]]]:
    """Class, site and what else there is to say, once all is written."""
    sites = city.places.sites
    found: list[tuple[str, int, dict[str, Any]]] = []
    found += [("clock_offset", s, {"seconds": int(sites.clock_offset[s])}) for s in np.sort(faults.clocks).tolist()]
    found += [("hourly_upload", s, {}) for s in np.sort(faults.hourly).tolist()]
    found += [("daily_upload", s, {}) for s in np.sort(faults.daily).tolist()]
    found += [("lost_hours", s, {"records": faults.lost.get(s, 0)}) for s in sorted(faults.outages)]
    found += [("sent_twice", s, {"records": faults.copies.get(s, 0)}) for s in np.flatnonzero(faults.twice).tolist()]
    for site in np.flatnonzero(faults.lacking >= 0).tolist():
        found.append(("lacking_field", site, {"field": FIELDS[int(faults.lacking[site])]}))
    return found


def faults_in_truth(city: City, faults: Faults, kinds: list[str], persons: list[str], second: list[str]) -> list[Any]:
    """The faults as the truth names them; `kinds` are types of sites, the others person numbers, by number."""
    codes = city.places.sites.codes
    named = [
        {"class": name, "members": [{"type": kinds[s], "id": codes[s], "role": "site"}], **more}
        for name, s, more in _of_sites(city, faults)
    ]
    for person in np.flatnonzero(faults.second_from >= 0).tolist():
        pair = [(persons[person], "person"), (second[person], "second_number")]
        members = [{"type": "person", "id": number, "role": role} for number, role in pair]
        named.append({"class": "second_number", "members": members})
    return [{"id": f"F{n + 1:05d}", **one} for n, one in enumerate(named)]
