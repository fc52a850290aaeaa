"""Buyers who collect dear drugs far beyond need at several outlets; part of the packs is sold again at one of them."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Plan
from graphaudit.simulation.places import CLINIC, HOSPITAL, PHARMACY
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.rings.conduct import (
    attendance,
    complicit_sites,
    enter,
    named_members,
    recruit,
    ring_size,
    session_times,
    within_hours,
)
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.sizes import DAY
from graphaudit.simulation.visits import OUTPATIENT, SHOP, visits_of


def _rounds(city: City, rng: np.random.Generator) -> Column:
    """Days of the buying rounds, two or three a month."""
    gaps = rng.integers(8, 16, city.size.days // 8)
    days = np.cumsum(gaps) + int(rng.integers(0, 10))
    return days[days < city.size.days - 3]


def _sold_again(city: City, bought: Column, outlet: int, rng: np.random.Generator) -> Column:
    """Ordinary customers who get packs that the ring has bought before; they know nothing of it."""
    share = (0.25, 0.12, 0.06)[city.camouflage.level]
    packs = bought[(bought["kind"] == SHOP) & (rng.random(len(bought)) < share)]
    again = visits_of(len(packs))
    customers = np.flatnonzero(city.people.pharmacy == outlet)
    if not len(customers):
        return again[:0]
    again["person"] = customers[rng.integers(0, len(customers), len(packs))]
    again["site"], again["kind"] = outlet, SHOP
    for field in ("diagnosis", "template", "basket", "scale"):
        again[field] = packs[field]
    again["pack_of"] = packs["number"]
    again["at"] = packs["at"] + rng.integers(2 * DAY, 30 * DAY, len(packs))
    within_hours(city, again)
    again["begin"], again["end"] = again["at"], again["at"]
    return again[again["at"] < city.seconds]


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one ring of drug buyers."""
    level, goods = city.camouflage.level, city.goods
    members = recruit(city, plan, ring_size(city, rng), rng, local=0.3, least=35, most=80)
    wide = [complicit_sites(city, rng, kind) for kind in (HOSPITAL, CLINIC, PHARMACY)]
    first = wide[2][:1]
    outlets = np.concatenate([wide[0][: 1 + level], wide[1][: 1 + level], wide[2][: 2 + level]])
    traded = np.flatnonzero(goods.trade >= 0)
    wanted = rng.choice(traded, 4, replace=False)
    later = rng.choice(traded, 4, replace=False) if city.camouflage.drifts else wanted
    rounds = _rounds(city, rng)
    came = attendance(city, len(members), rounds, rng)
    n = len(came.session)
    made = visits_of(n)
    made["person"] = members[came.member]
    of_round = outlets[rng.integers(0, len(outlets), len(rounds))]
    made["site"] = np.where(
        rng.random(n) < 0.25 * level, outlets[rng.integers(0, len(outlets), n)], of_round[came.session]
    )
    made["at"] = session_times(city, came, made["site"], rng)
    within_hours(city, made)
    moved = came.day > city.size.days // 2
    pick = rng.integers(0, 4, n)
    made["diagnosis"] = np.where(moved, later[pick], wanted[pick])
    made["template"] = goods.trade[made["diagnosis"]]
    made["kind"] = np.where(city.places.sites.kind[made["site"]] == PHARMACY, SHOP, OUTPATIENT)
    react(city, plan, made)
    made["basket"] = rng.integers(0, 1 << 60, n)
    made["scale"] = rng.choice([1.0, 2.0, 3.0], n, p=[[0.1, 0.4, 0.5], [0.3, 0.5, 0.2], [0.5, 0.4, 0.1]][level])
    zero = np.zeros(n, dtype=np.int64)
    doctor = city.places.doctors.choose(made["site"], zero, made["person"], made["basket"])
    made["doctor"] = np.where(made["kind"] == SHOP, -1, doctor)
    made["begin"], made["end"] = made["at"], made["at"]
    group = Group("drug_resale", named_members("person", "buyer", members))
    made = enter(city, plan, group, made, rng)
    again = _sold_again(city, made, int(first[0]), rng)
    if len(again) or first[0] in made["site"]:
        group.members += named_members("pharmacy", "outlet", first)
    plan.add(again)
