"""People who are looked after by others: nursing homes, agents, shared phones, infants, the bedridden."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan, RegisterEntry, Representation, people_of
from graphaudit.simulation.honest.turnout import monthly_drug, nearest, set_times, turn_up
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.people import ALIVE
from graphaudit.simulation.places import CLINIC, VILLAGE
from graphaudit.simulation.randomness import Column, key
from graphaudit.simulation.register_tables import staff_persons
from graphaudit.simulation.sizes import HOUR, MINUTE
from graphaudit.simulation.visits import CHRONIC, SHOP

PROXIES = 0.0012  # persons whose drugs are fetched by somebody of the household
AGENT_OTHER = "99"


def _people(members: Column, role: str) -> list[Member]:
    return [Member("person", int(p), role) for p in np.sort(members)]


def _monthly(city: City, members: Column, site: int, days: Column, kind: int, rng: np.random.Generator) -> Column:
    """Own monthly drugs of the members on the days given."""
    made = turn_up(city, members, days, 0.92, rng)
    diagnosis = monthly_drug(city, made["person"].astype(np.int64))
    made["site"], made["kind"], made["diagnosis"] = site, kind, diagnosis
    made["template"] = city.goods.shop[diagnosis] if kind == SHOP else city.goods.refill[diagnosis]
    made["basket"] = key(made["person"], diagnosis, 43)
    return made


def plan_nursing_homes(city: City, plan: Plan) -> None:
    """Elders at one address; the contracted clinic comes every other week and settles for all within hours."""
    rng = city.streams.of("nursing homes")
    people = city.people
    clinics = city.places.sites.of_kind(CLINIC)
    for _ in range(city.size.nursing_homes):
        site = int(clinics[int(rng.integers(0, len(clinics)))])
        members = nearest(city, plan, site, int(rng.integers(16, 55)), rng, 72, 99)
        people.address_of[members] = members[0]
        shared = members[rng.random(len(members)) < 0.6]
        people.phone_of[shared] = members[0]
        people.activity[members] = 0.4
        people.refills[members] = False
        made = _monthly(city, members, site, np.arange(int(rng.integers(0, 14)), city.size.days, 14), CHRONIC, rng)
        set_times(made, 9.0 * HOUR + rng.uniform(0, 2.2, len(made)) * HOUR)
        at_doctor(city, made)
        plan.add(made)
        plan.benign.append(
            Group("nursing_home", [*_people(members, "resident"), Member("institution", site, "clinic")])
        )
        plan.register.append(
            RegisterEntry(
                "nursing_home", site=site, address_of=int(members[0]), until_day=city.size.days, note="养老院签约服务"
            )
        )


def plan_agents(city: City, plan: Plan) -> None:
    """Village doctors who are registered as agents of elders and fetch their monthly drugs, or lend them a phone."""
    rng = city.streams.of("agents")
    people, doctors = city.people, city.places.doctors
    as_persons = staff_persons(city, len(doctors), 1)
    villages = city.places.sites.of_kind(VILLAGE)
    for turn, site in enumerate(villages.tolist()):
        doctor = int(as_persons[int(np.flatnonzero(doctors.site == site)[0])])
        elders = nearest(city, plan, site, int(rng.integers(6, 20)), rng, 66, 95)
        elders = elders[elders != doctor]
        if turn % 2 == 0:
            plan.agents += [Representation(int(p), doctor, AGENT_OTHER) for p in elders]
            people.refills[elders] = False
            made = _monthly(city, elders, site, np.arange(int(rng.integers(0, 28)), city.size.days, 28), CHRONIC, rng)
            start = (9.5 + rng.random(60) * 5)[made["at"] // (28 * 86_400) % 60]
            set_times(made, start * HOUR + rng.integers(0, 25 * MINUTE, len(made)))
            at_doctor(city, made)
            plan.add(made)
            plan.benign.append(
                Group("registered_agent", [*_people(elders, "represented"), Member("person", doctor, "agent")])
            )
        else:
            people.phone_of[elders] = doctor
            plan.benign.append(
                Group("shared_phone", [*_people(elders, "elder"), Member("person", doctor, "phone_owner")])
            )
    relatives = strangers_with_family(city, plan, max(4, len(villages) // 2), rng)
    for elder, relative in relatives:
        plan.agents.append(Representation(elder, relative, "01"))


def strangers_with_family(city: City, plan: Plan, count: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Pairs of an elder and an adult of the same household."""
    people = city.people
    found = []
    for _ in range(6 * count):
        elder = people_of(city, plan, int(rng.integers(0, len(city.places.neighbourhoods))), 1, rng, least=70, most=98)
        if not len(elder):
            continue
        home = people.of_household(int(elder[0]))
        adults = home[(home != elder[0]) & (people.age[home] > 20) & (people.died_at[home] == ALIVE)]
        if len(adults):
            plan.engaged[elder] = True
            found.append((int(elder[0]), int(adults[0])))
        if len(found) == count:
            break
    return found


def plan_pickups(city: City, plan: Plan) -> None:
    """Somebody fetches the drugs of a bedridden relative with both cards, minutes apart."""
    rng = city.streams.of("pickups")
    people = city.people
    for patient, helper in strangers_with_family(city, plan, max(3, round(PROXIES * len(people))), rng):
        people.activity[patient] *= 0.15
        people.refills[patient] = False
        site = int(people.pharmacy[helper])
        days = np.arange(int(rng.integers(0, 30)), city.size.days, 30) + rng.integers(-3, 4, 1)
        made = _monthly(city, np.array([patient, helper]), site, days, SHOP, rng)
        hour = people.hour[helper]
        set_times(made, np.where(made["person"] == patient, 90, 0) + hour * HOUR + rng.integers(0, MINUTE, len(made)))
        plan.add(made)
        plan.benign.append(
            Group("proxy_pickup", [Member("person", patient, "bedridden"), Member("person", helper, "helper")])
        )


def note_infants(city: City, plan: Plan) -> None:
    """Infants are settled with a parent's card; their visits are part of ordinary life."""
    people = city.people
    for infant in np.flatnonzero((people.age < 1.2) & (people.household_role > 1)).tolist():
        home = people.of_household(infant)
        parents = home[(people.household_role[home] < 2) & (people.age[home] > 16)]
        if len(parents):
            parent = int(parents[-1])
            people.card_of[infant] = parent
            plan.benign.append(
                Group("infant_on_parent", [Member("person", infant, "infant"), Member("person", parent, "parent")])
            )
