"""Cards of unrelated people, kept at a complicit pharmacy and swiped in turn for goods their owners never need."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan
from graphaudit.simulation.identity import operator_code
from graphaudit.simulation.people import SOCIAL_CARD
from graphaudit.simulation.places import CLINIC, PHARMACY
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.rings.conduct import (
    SECOND_TERMINAL,
    attendance,
    betrays,
    complicit_sites,
    enter,
    named_members,
    recruit,
    ring_size,
    session_days,
    session_times,
    sign_in_sessions,
    thin_own_life,
    within_hours,
)
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.visits import OUTPATIENT, SHOP, visits_of

AT_CLINIC = 0.2  # rings that work at a clinic


def foreign_goods(city: City, persons: Column, kinds: int, rng: np.random.Generator) -> Column:
    """For each visit a chronic diagnosis out of `kinds` drawn ones that is not the person's own.

    Rings that hide have favourites among them.
    """
    table, people = city.goods.diagnoses, city.people
    chronic = table.of_course("chronic")
    wanted = rng.choice(chronic, min(kinds, len(chronic)), replace=False)
    if city.camouflage.level:
        common = np.sqrt(table.weight[wanted])  # what many take is sold on more easily
        wanted = rng.choice(wanted, 24, p=rng.dirichlet(2.0 * common / common.mean()))
    pick = wanted[rng.integers(0, len(wanted), len(persons))]
    for _ in range(3):
        own = (pick == people.chronic[persons, 0]) | (pick == people.chronic[persons, 1])
        pick = np.where(own, wanted[rng.integers(0, len(wanted), len(persons))], pick)
    return pick


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one ring of hoarded cards."""
    dial, sites = city.camouflage, city.places.sites
    count = ring_size(city, rng)
    if dial.level:
        members = recruit(city, plan, count, rng, local=rng.uniform(0.3, 0.8), patients=rng.uniform(0.55, 1.0))
    else:
        members = recruit(city, plan, count, rng)
    thin_own_life(city, members, rng)
    kind = CLINIC if rng.random() < AT_CLINIC else PHARMACY
    places = complicit_sites(city, rng, kind, near=int(members[0]))
    later = complicit_sites(city, rng, kind, near=int(members[0])) if dial.drifts else places
    days = session_days(city, rng)
    came = attendance(city, len(members), days, rng)
    moved = days > city.size.days // 2
    of_session = np.where(
        moved, later[rng.integers(0, len(later), len(days))], places[rng.integers(0, len(places), len(days))]
    )
    n = len(came.session)
    made = visits_of(n)
    made["person"] = members[came.member]
    made["site"] = of_session[came.session]
    made["at"] = session_times(city, came, made["site"], rng)
    within_hours(city, made)
    persons = made["person"].astype(np.int64)
    kinds = int(rng.integers(4, 9)) if dial.level else 6
    goods = np.where(
        moved[came.session], foreign_goods(city, persons, kinds, rng), foreign_goods(city, persons, kinds, rng)
    )
    made["diagnosis"] = goods
    made["kind"] = SHOP if kind == PHARMACY else OUTPATIENT
    made["template"] = city.goods.shop[goods] if kind == PHARMACY else city.goods.refill[goods]
    react(city, plan, made)
    made["basket"] = rng.integers(0, 1 << 60, n)
    stocks_up = np.array([[0.1, 0.5, 0.4], [0.3, 0.5, 0.2], [0.55, 0.35, 0.1]][dial.level])
    made["scale"] = rng.choice([1.0, 2.0, 3.0], n, p=rng.dirichlet(8 * stocks_up) if dial.level else stocks_up)
    made["credential"] = np.where(betrays(city, n, rng), SOCIAL_CARD, city.people.credential[made["person"]])
    operators = {int(s): int(rng.integers(0, sites.operators[s])) for s in np.union1d(of_session, made["site"])}
    helper = np.array([operators[int(s)] for s in made["site"]], dtype=np.int64)
    made["operator"] = np.where(betrays(city, n, rng), helper, -1)
    if kind == CLINIC:
        doctors = city.places.doctors
        zero = np.zeros(n, dtype=np.int64)
        made["doctor"] = doctors.choose(made["site"], zero, zero, zero)
    made["begin"], made["end"] = made["at"], made["at"]
    sign_in_sessions(city, plan, made, SECOND_TERMINAL if rng.random() < 0.5 else None)
    used = np.unique(made["site"])
    site_type = "pharmacy" if kind == PHARMACY else "institution"
    group = Group(
        "hoarded_cards", named_members("person", "card_holder", members) + named_members(site_type, "site", used)
    )
    for site in used.tolist():
        group.members.append(Member("handler", f"{sites.codes[site]}:{operator_code(operators[site])}", "operator"))
    enter(city, plan, group, made, rng)
