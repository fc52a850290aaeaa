"""People gathered by a recruiter and brought into a small hospital together, wave after wave, for next to nothing."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan, strangers
from graphaudit.simulation.places import HOSPITAL
from graphaudit.simulation.randomness import Column, key
from graphaudit.simulation.rings.conduct import attendance, betrays, enter, named_members, recruit, ring_size
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.sizes import DAY, HOUR
from graphaudit.simulation.stays import stay_times
from graphaudit.simulation.visits import STAY, visits_of

MILD = ("vertigo", "disc", "chronic_bronchitis", "neck_pain", "dizziness")


def small_hospitals(city: City) -> Column:
    """Hospitals that could use patients, all of them when none is small."""
    pool = city.places.sites.of_kind(HOSPITAL)
    small = pool[city.places.sites.beds[pool] < 500]
    return small if len(small) else pool


def _waves(city: City, rng: np.random.Generator) -> Column:
    """First days of the waves: four to six weeks apart, not quite regular."""
    gap = int(rng.integers(26, 44))
    waves = np.arange(int(rng.integers(4, 24)), city.size.days - 18, gap)[: int(rng.integers(4, 9))]
    return waves + rng.integers(-4, 5, len(waves))


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one inducement ring."""
    level = city.camouflage.level
    members = recruit(city, plan, ring_size(city, rng), rng, local=0.8, least=50, most=86)
    city.people.frailty[members] *= 0.5
    recruiter = strangers(city, plan, 1, rng, least=30, most=60)
    plan.engaged[recruiter] = True
    hospitals = rng.permutation(small_hospitals(city))[: 1 + int(rng.integers(0, level + 1))]
    waves = _waves(city, rng)
    came = attendance(city, len(members), waves, rng, rests=False)
    n = len(came.session)
    made = visits_of(n)
    made["person"] = members[came.member]
    where = rng.integers(0, len(hospitals), len(waves))
    made["site"] = hospitals[
        np.where(rng.random(n) < 0.3 * level, rng.integers(0, len(hospitals), n), where[came.session])
    ]
    stagger = (0, 1, 3)[level]
    day = came.day + rng.integers(-stagger, stagger + 1, n)
    days = rng.integers(5, 9, len(waves))[came.session] + rng.integers(-(level + 1) // 2, level // 2 + 1, n)
    stay_times(made, day * DAY + 9 * HOUR + rng.integers(0, 3 * HOUR, n), np.maximum(days, 3), rng)
    mild = rng.permutation(len(MILD))[: (1, 2, 4)[level]]
    names = np.array([city.goods.diagnoses.number(MILD[int(m)]) for m in mild])
    made["diagnosis"] = names[rng.integers(0, len(names), n)]
    made["template"] = city.goods.stay[made["diagnosis"]]
    made["kind"] = STAY
    react(city, plan, made)
    same = key(came.session, made["diagnosis"], int(members[0]))
    made["basket"] = np.where(betrays(city, n, rng), same, rng.integers(0, 1 << 60, n))
    zero = np.zeros(n, dtype=np.int64)
    made["doctor"] = city.places.doctors.choose(made["site"], zero, zero, zero)
    own_doctor = city.places.doctors.choose(made["site"], zero, made["person"], made["basket"])
    made["doctor"] = np.where(betrays(city, n, rng), made["doctor"], own_doctor)
    phone = rng.random(n) < (0.9, 0.5, 0.25)[level]
    made["phone_of"] = np.where(phone, recruiter[0], -1)
    hospitals = np.union1d(hospitals, made["site"])
    leading = np.unique(city.places.doctors.choose(hospitals, zero[:1], zero[:1], zero[:1]))
    group = Group("inducement", named_members("person", "patient", members))
    group.members.append(Member("person", int(recruiter[0]), "recruiter"))
    group.members += named_members("doctor", "doctor", leading) + named_members("institution", "site", hospitals)
    enter(city, plan, group, made, rng)
