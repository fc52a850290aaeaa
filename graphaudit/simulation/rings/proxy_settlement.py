"""A suspended pharmacy goes on selling: its customers are settled at another outlet, on a second terminal."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan
from graphaudit.simulation.identity import operator_code
from graphaudit.simulation.people import E_CREDENTIAL
from graphaudit.simulation.places import PHARMACY
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.rings.conduct import (
    SECOND_TERMINAL,
    betrays,
    complicit_sites,
    enter,
    named_members,
    ring_size,
    sign_in_sessions,
)
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.sizes import DAY, HOUR
from graphaudit.simulation.visits import SHOP, visits_of


def _unused(drawn: int, pharmacies: Column, plan: Plan) -> int:
    """The pharmacy drawn, or the first of the others where no earlier ring works: nobody settles at a shut one."""
    used = {m.number for ring in plan.rings for m in ring.members if m.type == "pharmacy"}
    free = [site for site in (drawn, *pharmacies.tolist()) if site not in used]
    return free[0] if free else drawn


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one ring that settles for a suspended pharmacy."""
    dial, goods = city.camouflage, city.goods
    people, sites = city.people, city.places.sites
    open_ = sites.of_kind(PHARMACY)
    open_ = open_[sites.always_open(city.seconds)[open_]]
    custom = np.bincount(people.pharmacy[~plan.engaged], minlength=len(sites))[open_]
    busiest = open_[np.argsort(-custom, kind="stable")]
    hidden = _unused(int(rng.choice(busiest[: max(2, len(open_) // 2)])), busiest, plan)
    outlets = np.setdiff1d(complicit_sites(city, rng, PHARMACY), [hidden])[: 1 + dial.level]
    if not len(outlets):
        outlets = np.array([int(open_[open_ != hidden][0])])
    customers = np.flatnonzero(
        (people.pharmacy == hidden) & ~plan.engaged & (people.age > 18) & (people.died_at > city.seconds)
    )
    customers = rng.permutation(customers)
    _, firsts = np.unique(people.household[customers], return_index=True)
    members = customers[np.sort(firsts)][: max(8, ring_size(city, rng))]
    plan.engaged[members] = True
    begin = int(rng.uniform(0.3, 0.5) * city.size.days) * DAY
    sites.paused_from[hidden], sites.paused_until[hidden] = begin, city.seconds
    sites.heir[hidden] = sites.neighbour(hidden, np.setdiff1d(open_, outlets))
    plan.pauses.append((hidden, "1", begin, city.seconds))
    months = (city.seconds - begin) / (30 * DAY)
    person = np.repeat(members, rng.poisson(3.2 * months * dial.attendance, len(members)))
    n = len(person)
    made = visits_of(n)
    made["person"] = person
    made["site"] = outlets[rng.integers(0, len(outlets), n)]
    second = rng.normal(15.0, 3.2, n).clip(8.1, 20.8) * HOUR
    night = rng.random(n) < (0.2, 0.08, 0.02)[dial.level]
    second = np.where(night, 21.2 * HOUR + rng.random(n) * 2.2 * HOUR, second)
    made["at"] = rng.integers(begin // DAY, city.size.days, n) * DAY + second.astype(np.int64)
    acute = goods.diagnoses.of_course("acute")
    common = acute[(goods.diagnoses.sex[acute] == 0) & (goods.diagnoses.age_to[acute] > 70)]
    own = people.chronic[person, 0]
    made["diagnosis"] = np.where((own >= 0) & (rng.random(n) < 0.4), own, common[rng.integers(0, len(common), n)])
    made["kind"], made["template"] = SHOP, goods.shop[made["diagnosis"]]
    react(city, plan, made)
    outlets = np.concatenate([outlets, np.setdiff1d(made["site"], outlets)])
    made["basket"] = rng.integers(0, 1 << 60, n)
    made["scale"] = rng.choice([1.0, 2.0], n, p=[0.5, 0.5])
    made["credential"] = np.where(betrays(city, n, rng), E_CREDENTIAL, people.credential[person])
    helpers = {int(s): int(rng.integers(0, sites.operators[s])) for s in outlets}
    operator = np.array([helpers[int(s)] for s in made["site"]], dtype=np.int64)
    made["operator"] = np.where(betrays(city, n, rng), operator, -1)
    made["begin"], made["end"] = made["at"], made["at"]
    sign_in_sessions(city, plan, made, SECOND_TERMINAL + 1)
    group = Group(
        "proxy_settlement", named_members("person", "buyer", members) + named_members("pharmacy", "outlet", outlets)
    )
    group.members.append(Member("pharmacy", hidden, "hidden_site"))
    for site, helper in sorted(helpers.items()):
        group.members.append(Member("handler", f"{sites.codes[site]}:{operator_code(helper)}", "operator"))
    enter(city, plan, group, made, rng)
