"""A ring of the kind that is held out: planted on request only, and after every other ring."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Plan
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.people import FEMALE
from graphaudit.simulation.places import CLINIC
from graphaudit.simulation.randomness import Column, key
from graphaudit.simulation.rings.conduct import (
    betrays,
    complicit_sites,
    enter,
    named_members,
    recruit,
    ring_size,
    thin_own_life,
    within_hours,
)
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import OUTPATIENT, visits_of

PATTERN = "unexplained"  # none of the named ones
FEWEST, MOST = 8, 60
COMPLAINTS = ("neck_pain", "lumbago", "sprain", "headache")


def _bookings(city: City, members: Column, rng: np.random.Generator) -> tuple[Column, Column, Column]:
    """Person, day and number of the course for each session: a course a member, some take a second one."""
    pace = rng.uniform(3.0, 9.0, len(members))
    sessions = rng.choice([10, 12, 15, 20], len(members), p=[0.4, 0.3, 0.2, 0.1])
    begins = rng.integers(0, max(1, city.size.days - 60), len(members))
    person = np.repeat(members, sessions)
    turn = np.concatenate([np.arange(n) for n in sessions])
    day = np.repeat(begins, sessions) + np.rint(turn * np.repeat(pace, sessions) + rng.normal(0, 1.2, len(turn)))
    again = turn >= 10
    came = rng.random(len(person)) < max(0.55, city.camouflage.attendance)
    fit = came & (day >= 0) & (day < city.size.days)
    return person[fit], day[fit].astype(np.int64), again[fit]


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Customers of a beauty parlour whose courses a clinic bills as treatment, each on their own days."""
    people, table = city.people, city.goods.diagnoses
    members = recruit(city, plan, max(FEWEST, ring_size(city, rng, MOST)), rng, local=0.3, least=24, most=62)
    women = people.sex[members] == FEMALE
    members = np.concatenate([members[women], members[~women][: len(members) // 4]])
    if city.camouflage.level == 0:
        thin_own_life(city, members, rng)
    places = complicit_sites(city, rng, CLINIC, near=int(members[0]))
    person, day, again = _bookings(city, members, rng)
    n = len(person)
    home_site = places[key(person, int(members[0])) % len(places)]
    made = visits_of(n)
    made["person"], made["site"], made["kind"] = person, home_site, OUTPATIENT
    made["at"] = day * DAY + np.rint(rng.normal(15.6, 1.6, n).clip(9, 19) * HOUR).astype(np.int64)
    within_hours(city, made)
    complaints = np.array([table.number(name) for name in COMPLAINTS])
    own = complaints[key(person, again, 5) % len(complaints)]
    made["diagnosis"] = np.where(rng.random(n) < 0.85, own, complaints[rng.integers(0, len(complaints), n)])
    made["template"] = city.goods.template("treatment_course")
    react(city, plan, made, goods=False)
    course = key(made["site"], again, int(members[0]))
    made["basket"] = np.where(betrays(city, n, rng), course, rng.integers(0, 1 << 60, n))
    made["credential"] = people.credential[made["person"]]
    at_doctor(city, made)
    zero = np.zeros(n, dtype=np.int64)
    one_doctor = city.places.doctors.choose(made["site"], zero, zero, zero)
    made["doctor"] = np.where(betrays(city, n, rng), one_doctor, made["doctor"])
    made["begin"], made["end"] = made["at"] - 35 * MINUTE, made["at"]
    group = Group(PATTERN, named_members("person", "patient", members))
    group.members += named_members("doctor", "doctor", np.unique(one_doctor))
    group.members += named_members("institution", "site", np.unique(made["site"]))
    enter(city, plan, group, made, rng)
