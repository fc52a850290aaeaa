"""Stays that exist on paper: no bed, no nursing, the same bill again and again, while the patient is about town."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Plan
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.randomness import key
from graphaudit.simulation.rings.conduct import betrays, enter, named_members, recruit, ring_size, within_hours
from graphaudit.simulation.rings.inducement import MILD, small_hospitals
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.sizes import DAY, HOUR
from graphaudit.simulation.stays import stay_times, without_overlap
from graphaudit.simulation.visits import SHOP, STAY, visits_of

SHARED_BEDS = 6


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one ring of sham stays."""
    level, goods, people = city.camouflage.level, city.goods, city.people
    members = recruit(city, plan, ring_size(city, rng), rng, local=0.4, least=40, most=86)
    people.frailty[members] *= 0.6
    hospitals = rng.permutation(small_hospitals(city))[: 1 + int(rng.integers(0, level + 1))]
    person = np.repeat(members, rng.integers(2, 5, len(members)))
    n = len(person)
    made = visits_of(n)
    made["person"], made["site"], made["kind"] = person, hospitals[rng.integers(0, len(hospitals), n)], STAY
    names = np.array([goods.diagnoses.number(name) for name in MILD[: 2 + level]])
    made["diagnosis"] = names[rng.integers(0, len(names), n)]
    bare = rng.random(n) < (1.0, 0.8, 0.6)[level]
    made["template"] = np.where(bare, goods.paper_stay[made["diagnosis"]], goods.stay[made["diagnosis"]])
    same = key(made["diagnosis"], int(members[0]))
    made["basket"] = np.where(betrays(city, n, rng), same, rng.integers(0, 1 << 60, n))
    day = rng.integers(1, city.size.days - 14, n)
    stay_times(made, day * DAY + 9 * HOUR + rng.integers(0, 6 * HOUR, n), rng.integers(5, 10, n), rng)
    react(city, plan, made)
    made["bed"] = np.where(betrays(city, n, rng), rng.integers(1, SHARED_BEDS + 1, n), -1)
    zero = np.zeros(n, dtype=np.int64)
    made["doctor"] = city.places.doctors.choose(made["site"], zero, zero, zero)
    made = without_overlap(made)
    group = Group("sham_stay", named_members("person", "patient", members))
    group.members += named_members("doctor", "doctor", np.unique(made["doctor"]))
    group.members += named_members("institution", "site", np.unique(made["site"]))
    made = enter(city, plan, group, made, rng)
    about = np.repeat(made, rng.poisson((1.6, 0.9, 0.5)[level], len(made)))
    seen = visits_of(len(about))
    seen["person"], seen["site"], seen["kind"] = about["person"], people.pharmacy[about["person"]], SHOP
    seen["at"] = about["begin"] + rng.integers(DAY, 4 * DAY, len(about))
    within_hours(city, seen)
    seen["diagnosis"] = goods.diagnoses.number("gastritis")
    seen["template"] = goods.shop[seen["diagnosis"]]
    seen["basket"] = rng.integers(0, 1 << 60, len(about))
    seen["begin"], seen["end"] = seen["at"], seen["at"]
    at_doctor(city, seen)
    plan.add(seen)
