"""Who turns up on which days: shared by the honest groups with a timetable."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Plan, strangers
from graphaudit.simulation.people import People
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.sizes import DAY, MINUTE
from graphaudit.simulation.visits import SHOP, visits_of


def turn_up(city: City, members: Column, days: Column, attendance: float, rng: np.random.Generator) -> Column:
    """One blank visit a member and day on which that member comes; `at` is the midnight of the day."""
    days = days[(days >= 0) & (days < city.size.days)]
    day, who = np.nonzero(rng.random((len(days), len(members))) < attendance)
    made = visits_of(len(day))
    made["person"] = members[who]
    made["at"] = days[day] * DAY
    made["basket"] = rng.integers(0, 1 << 60, len(day))
    return made


def set_times(made: Column, second: Column) -> None:
    """Add the second of the day, and let visits begin a little before they are settled, in place."""
    made["at"] += second.astype(np.int32)
    made["begin"] = np.where(made["kind"] == SHOP, made["at"], made["at"] - 15 * MINUTE)
    made["end"] = made["at"]


def nearest(
    city: City, plan: Plan, site: int, count: int, rng: np.random.Generator, least: float, most: float
) -> Column:
    """Unengaged persons of different households, those living near the site first; they become engaged."""
    drawn = strangers(city, plan, 10 * count, rng, least=least, most=most)
    home = city.people.neighbourhood[drawn]
    hoods, sites = city.places.neighbourhoods, city.places.sites
    distance = np.hypot(hoods.x[home] - sites.x[site], hoods.y[home] - sites.y[site])
    chosen = drawn[np.argsort(distance + rng.exponential(2.0, len(drawn)), kind="stable")][:count]
    plan.engaged[chosen] = True
    return chosen


def monthly_drug(city: City, person: Column) -> Column:
    """The person's own chronic diagnosis, hypertension for those without one."""
    people: People = city.people
    own = people.chronic[person, 0]
    return np.where(own >= 0, own, city.goods.diagnoses.number("hypertension"))
