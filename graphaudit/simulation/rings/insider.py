"""An agency handler who enters and reviews cases of hired claimants; the money ends on a few accounts."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.cases import cases_for, visits_for
from graphaudit.simulation.city import City, Group, Member, Plan, strangers
from graphaudit.simulation.identity import bank_accounts, handler_code
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.rings.conduct import admit, named_members, recruit, ring_size
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE

MOST = 40


def _handled(city: City, cases: Column, handler: int, colleague: int, rng: np.random.Generator) -> None:
    """Who enters and who reviews: everything alone at level 0, crosswise with a colleague when hiding, in place."""
    level, n = city.camouflage.level, len(cases)
    crosswise = rng.random(n) < (0.0, 0.5, 0.8)[level]
    enters = np.where(crosswise & (rng.random(n) < 0.5), colleague, handler)
    reviews = np.where(crosswise, handler + colleague - enters, handler)
    known = rng.random(n) < (0.95, 0.85, 0.7)[level]
    cases["accepted_by"] = np.where(known, enters, cases["accepted_by"])
    cases["first_review_by"] = np.where(known, reviews, cases["first_review_by"])
    second = known & (rng.random(n) < (0.6, 0.35, 0.15)[level])
    cases["second_review_by"] = np.where(second, reviews, cases["second_review_by"])
    late = rng.random(n) < (0.6, 0.3, 0.1)[level]
    evening = cases["accepted_at"] // DAY * DAY + rng.integers(18 * HOUR + 20 * MINUTE, 22 * HOUR, n)
    cases["accepted_at"] = np.where(late, evening, cases["accepted_at"])
    quick = np.where(late, cases["accepted_at"] + rng.integers(4 * MINUTE, 50 * MINUTE, n), cases["first_review_at"])
    cases["first_review_at"] = quick
    cases["second_review_at"] = np.maximum(cases["second_review_at"], cases["first_review_at"] + 3 * MINUTE)


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one insider ring."""
    level, agency = city.camouflage.level, city.agency
    claimants = recruit(city, plan, ring_size(city, rng, MOST), rng, local=0.6)
    large = np.flatnonzero(agency.count > 2)
    office = int(large[int(rng.integers(0, len(large)))])
    pair = agency.first[office] + rng.permutation(int(agency.count[office]))[:2]
    handler, colleague = int(pair[0]), int(pair[1])
    person = np.repeat(claimants, rng.integers(2, 5, len(claimants)))
    cases = cases_for(city, person, rng.integers(4, city.size.days - 18, len(person)), rng)
    _handled(city, cases, handler, colleague, rng)
    payees = strangers(city, plan, max(1, round(len(claimants) / (8, 4, 2.5)[level])), rng, least=25, most=65)
    plan.engaged[payees] = True
    own = rng.random(len(person)) < (0.0, 0.2, 0.45)[level]
    payee = payees[rng.integers(0, len(payees), len(person))]
    cases["account_of"] = np.where(own, person, payee)
    cases["further_account"] = np.where(own, 0, 1)
    again = rng.random(len(person)) < (0.45, 0.2, 0.08)[level]
    cases["invoice"] = np.where(again, cases["invoice"][rng.integers(0, len(person), len(person))], cases["invoice"])
    visits = visits_for(city, cases, rng, stays=(0.8, 0.65, 0.5)[level])
    visits["ring"] = len(plan.rings)
    fit = visits["at"] < city.seconds
    plan.add_cases(cases[fit], visits[fit])
    group = Group("insider", named_members("person", "claimant", claimants))
    group.members.append(Member("handler", handler_code(handler), "handler"))
    if level:
        group.members.append(Member("handler", handler_code(colleague), "handler"))
    used = np.unique(cases["account_of"][fit & ~own])
    accounts = bank_accounts(used, np.ones(len(used), dtype=np.int64)).tolist()
    group.members += [Member("bank_account", account, "payee") for account in accounts]
    admit(city, plan, group, visits[fit])
