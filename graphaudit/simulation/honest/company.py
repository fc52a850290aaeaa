"""People who go together for good reasons: families, couples, neighbours."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan, people_of, working_hours
from graphaudit.simulation.honest.circles import plan_circle
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.places import PHARMACY
from graphaudit.simulation.randomness import key
from graphaudit.simulation.sizes import DAY, MINUTE
from graphaudit.simulation.visits import OUTPATIENT, SHOP, visits_of

GOES_TOGETHER = 0.2  # households whose chance of company is above this are known as going together
LOOSE = 0.85  # companions who go as loose circles of acquaintances


def note_families(city: City, plan: Plan) -> None:
    """Name the households that often go together; their visits are part of ordinary life."""
    people = city.people
    often = np.flatnonzero((people.household_role == 0) & (people.together > GOES_TOGETHER))
    sizes = np.bincount(people.household)
    for head in often[sizes[people.household[often]] > 1]:
        members = people.of_household(int(head))
        name = "couple" if len(members) == 2 and people.age[members].min() > 18 else "family"
        plan.benign.append(Group(name, [Member("person", int(p), "relative") for p in members]))


def plan_companions(city: City, plan: Plan) -> None:
    """People of different households who go together now and then: neighbours side by side, or a loose circle.

    Neighbours buy the same things, at normal amounts; a circle also stocks up on its members' own lasting drugs.
    """
    people, goods = city.people, city.goods
    rng = city.streams.of("companions")
    acute = goods.diagnoses.of_course("acute")
    common = acute[(goods.diagnoses.sex[acute] == 0) & (goods.diagnoses.age_to[acute] > 70)]
    for number in range(city.size.companion_groups):
        of_circle = city.streams.of("circles", number)
        if of_circle.random() < LOOSE:
            plan_circle(city, plan, of_circle)
            continue
        neighbourhood = int(rng.integers(0, len(city.places.neighbourhoods)))
        members = people_of(city, plan, neighbourhood, int(rng.integers(4, 9)), rng, least=45, most=84)
        if len(members) < 4:
            continue
        plan.engaged[members] = True
        sites = np.unique([people.pharmacy[members[0]], people.clinic[members[0]]])[: int(rng.integers(1, 3))]
        outings = int(rng.integers(8, 15) * max(1.0, city.size.days / 250))
        day = rng.choice(np.arange(2, city.size.days - 2), outings, replace=False)
        attendance = rng.uniform(0.55, 0.9)
        present = rng.random((outings, len(members))) < attendance
        outing, who = np.nonzero(present)
        made = visits_of(len(outing))
        made["person"] = members[who]
        made["site"] = sites[rng.integers(0, len(sites), outings)][outing]
        start = working_hours(city, made["site"], rng)
        starts = np.zeros(outings, dtype=np.int64)
        starts[outing] = start
        made["at"] = day[outing] * DAY + starts[outing] + rng.integers(0, 14 * MINUTE, len(outing))
        diagnosis = common[rng.integers(0, len(common), outings)][outing]
        shops = city.places.sites.kind[made["site"]] == PHARMACY
        made["diagnosis"], made["kind"] = diagnosis, np.where(shops, SHOP, OUTPATIENT)
        made["template"] = np.where(shops, goods.shop[diagnosis], goods.outpatient[diagnosis])
        shared = key(outing, day[outing], int(members[0]))
        made["basket"] = np.where(rng.random(len(outing)) < 0.8, shared, rng.integers(0, 1 << 60, len(outing)))
        made["credential"] = people.credential[made["person"]]
        made["begin"], made["end"] = np.where(shops, made["at"], made["at"] - 20 * MINUTE), made["at"]
        at_doctor(city, made)
        plan.add(made)
        plan.benign.append(Group("companions", [Member("person", int(p), "neighbour") for p in np.sort(members)]))
