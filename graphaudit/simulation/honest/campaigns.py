"""One-off gatherings and moving custom: check-up days, sites that open or close."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan, RegisterEntry
from graphaudit.simulation.honest.turnout import set_times, turn_up
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.places import CLINIC, HOSPITAL, PHARMACY
from graphaudit.simulation.sizes import DAY, HOUR
from graphaudit.simulation.visits import OUTPATIENT

ON_RECORD = 0.7  # check-up contracts that the unit knows of


def plan_check_ups(city: City, plan: Plan) -> None:
    """Employers, schools and neighbourhoods send people for the same package on one or two mornings."""
    rng = city.streams.of("check-ups")
    people, places = city.people, city.places
    offices = city.size.offices
    bodies = np.bincount(people.employer)
    bodies[: 2 * offices] = 0
    big = np.flatnonzero(bodies >= 24)
    hosts = np.concatenate([places.sites.of_kind(HOSPITAL), places.sites.of_kind(CLINIC)])
    for number in range(city.size.check_ups):
        if number % 4 == 3:
            hood = int(rng.integers(0, len(places.neighbourhoods)))
            here = people.of_neighbourhood(hood)
            pool, package = here[people.age[here] >= 65], "elder"
        else:
            employer = int(big[int(rng.integers(0, len(big)))])
            pool = np.flatnonzero(people.employer == employer)
            package = "school" if employer < 2 * offices + max(2, city.size.persons // 2_500) else "staff"
        members = rng.permutation(pool)[: int(rng.integers(24, 130))]
        if len(members) < 8:
            continue
        site = int(hosts[int(rng.integers(0, len(hosts)))])
        dates = int(rng.integers(1, 3))
        first = int(rng.integers(3, city.size.days - 12))
        for half in range(dates):
            made = turn_up(city, members[half::dates], np.array([first + half * int(rng.integers(1, 8))]), 0.88, rng)
            made["site"], made["kind"] = site, OUTPATIENT
            made["diagnosis"] = city.goods.diagnoses.number("check_up")
            made["template"] = city.goods.template(f"check_up:{package}")
            set_times(made, 8.2 * HOUR + rng.gamma(2.2, 0.55, len(made)).clip(0, 5) * HOUR)
            at_doctor(city, made)
            plan.add(made)
        plan.benign.append(Group("check_up", [Member("person", int(p), "examined") for p in np.sort(members)]))
        if rng.random() < ON_RECORD:
            plan.register.append(
                RegisterEntry("check_up", site=site, from_day=first, until_day=first + 8, note="体检合同")
            )


def plan_moving_custom(city: City, plan: Plan) -> None:
    """Some sites close for good and some open during the period; their custom moves between neighbours."""
    rng = city.streams.of("openings")
    people, sites = city.people, city.places.sites
    pool = np.concatenate([sites.of_kind(PHARMACY), sites.of_kind(CLINIC)])
    chosen = rng.permutation(pool)[: 2 * max(1, city.size.pharmacies // 40)]
    for turn, site in enumerate(chosen.tolist()):
        alike = np.setdiff1d(sites.of_kind(int(sites.kind[site])), chosen)
        heir = sites.neighbour(site, alike)
        sites.heir[site] = heir
        moment = int(rng.uniform(0.3, 0.7) * city.size.days) * DAY
        opens = turn % 2 == 1
        if opens:
            sites.open_from[site] = moment
        else:
            sites.open_until[site] = moment
        customers = np.flatnonzero((people.pharmacy == site) | (people.clinic == site))
        kind = "pharmacy" if sites.kind[site] == PHARMACY else "institution"
        members = [Member(kind, site, "opened" if opens else "closed"), Member(kind, heir, "neighbour")]
        members += [Member("person", int(p), "customer") for p in customers]
        plan.benign.append(Group("clinic_opening" if opens else "clinic_closing", members))


def plan_suspensions(city: City, plan: Plan) -> None:
    """A few sites are suspended for some weeks; their custom goes to the nearest neighbour and comes back."""
    rng = city.streams.of("suspensions")
    people, sites = city.people, city.places.sites
    pool = sites.of_kind(PHARMACY)
    pool = pool[sites.always_open(city.seconds)[pool]]
    for site in rng.permutation(pool)[: max(1, city.size.pharmacies // 40)].tolist():
        open_ = pool[sites.always_open(city.seconds)[pool]]
        heir = sites.neighbour(site, open_)
        begin = int(rng.uniform(0.2, 0.7) * city.size.days) * DAY
        end = begin + int(rng.integers(20, 60)) * DAY
        sites.paused_from[site], sites.paused_until[site], sites.heir[site] = begin, end, heir
        plan.pauses.append((site, "1", begin, end))
        members = [Member("pharmacy", site, "suspended"), Member("pharmacy", heir, "neighbour")]
        members += [Member("person", int(p), "customer") for p in np.flatnonzero(people.pharmacy == site)]
        plan.benign.append(Group("site_suspended", members))
