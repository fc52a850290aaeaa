"""A doctor sends patients to one pharmacy that charges more than its neighbours; goods and gain are shared."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan
from graphaudit.simulation.places import CLINIC, HOSPITAL, PHARMACY
from graphaudit.simulation.rings.conduct import complicit_sites, enter, named_members, recruit, ring_size, within_hours
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import OUTPATIENT, SHOP, visits_of

FEWEST = 10


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one ring of a doctor, a pharmacy and patients."""
    level, goods = city.camouflage.level, city.goods
    members = recruit(city, plan, max(FEWEST, ring_size(city, rng)), rng, local=0.4, least=40, most=86)
    doctors, sites = city.places.doctors, city.places.sites
    pool = np.flatnonzero(np.isin(sites.kind[doctors.site], (CLINIC, HOSPITAL)) & (doctors.speciality == 0))
    doctor = int(pool[int(rng.integers(0, len(pool)))])
    pharmacies = complicit_sites(city, rng, PHARMACY)
    busy = rng.integers(3, 8, len(members)) * max(1.0, np.sqrt(city.size.days / 181))
    person = np.repeat(members, busy.astype(np.int64))
    person = person[rng.random(len(person)) < max(0.6, city.camouflage.attendance)]
    n = len(person)
    seen = visits_of(n)
    seen["person"], seen["site"], seen["doctor"] = person, doctors.site[doctor], doctor
    seen["at"] = rng.integers(0, city.size.days - 2, n) * DAY + rng.integers(8 * HOUR, 17 * HOUR, n)
    within_hours(city, seen)
    own = city.people.chronic[person, 0]
    table = goods.diagnoses
    reported = np.array([table.number(name) for name in ("coronary", "stroke_after", "diabetes", "copd")])
    seen["diagnosis"] = np.where(
        (own >= 0) & (rng.random(n) < 0.3 * level), own, reported[rng.integers(0, len(reported), n)]
    )
    seen["kind"], seen["template"] = OUTPATIENT, goods.outpatient[seen["diagnosis"]]
    seen["basket"] = rng.integers(0, 1 << 60, n)
    seen["begin"], seen["end"] = seen["at"] - 12 * MINUTE, seen["at"]
    filled = seen[rng.random(n) < (0.95, 0.75, 0.6)[level]]
    bought = visits_of(len(filled))
    for field in ("person", "doctor", "diagnosis"):
        bought[field] = filled[field]
    bought["site"] = pharmacies[rng.integers(0, len(pharmacies), len(filled))]
    bought["at"] = filled["at"] + np.where(
        rng.random(len(filled)) < 0.8,
        rng.integers(15 * MINUTE, 3 * HOUR, len(filled)),
        rng.integers(15 * HOUR, 22 * HOUR, len(filled)),
    )
    within_hours(city, bought)
    dear = goods.trade[bought["diagnosis"]]
    bought["template"] = np.where(dear >= 0, dear, goods.shop[bought["diagnosis"]])
    bought["kind"], bought["referred"] = SHOP, True
    react(city, plan, bought, goods=False, hours=False)
    bought["basket"] = rng.integers(0, 1 << 60, len(filled))
    bought["price"] = rng.uniform(0.95, 1.05, len(filled)) * (1.7, 1.45, 1.25)[level]
    bought["begin"], bought["end"] = bought["at"], bought["at"]
    group = Group("doctor_pharmacy", named_members("person", "patient", members))
    group.members += [
        Member("doctor", doctor, "doctor"),
        *named_members("pharmacy", "site", np.union1d(pharmacies, bought["site"])),
    ]
    enter(city, plan, group, np.concatenate([seen, bought]), rng)
