"""Other people treated on borrowed cards: a stream on many, care that cannot be the owner's, one for several."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.people import MALE, SOCIAL_CARD
from graphaudit.simulation.places import CLINIC, HOSPITAL
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.rings.conduct import (
    attendance,
    betrays,
    complicit_sites,
    enter,
    named_members,
    recruit,
    ring_size,
    session_days,
    session_times,
    thin_own_life,
    within_hours,
)
from graphaudit.simulation.rings.hoarded_cards import foreign_goods
from graphaudit.simulation.rings.reaction import react
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.stays import stay_times
from graphaudit.simulation.visits import OUTPATIENT, SHOP, STAY, visits_of

MOST = 24


def _doctors_of(city: City, places: Column, rng: np.random.Generator) -> dict[int, int]:
    zero = np.zeros(1, dtype=np.int64)
    return {
        int(s): int(
            city.places.doctors.choose(np.array([s]), zero, rng.integers(0, 1 << 30, 1), rng.integers(0, 1 << 30, 1))[0]
        )
        for s in places
    }


def _seen_by(made: Column, doctors: dict[int, int], knows: Column) -> None:
    """The complicit doctor of the site sees those visits for which `knows` holds, in place."""
    own = np.array([doctors[int(s)] for s in made["site"]], dtype=np.int64)
    made["doctor"] = np.where(knows, own, made["doctor"])


def _stream(city: City, members: Column, places: Column, rng: np.random.Generator) -> Column:
    """One uninsured patient's dialysis, three times a week, each time on another card."""
    weeks = int(rng.integers(12, 20))
    first = int(rng.integers(0, max(1, city.size.days - 7 * weeks)))
    days = first + np.arange(weeks * 7)
    days = days[np.isin(days % 7, (0, 2, 4)) & (days < city.size.days)]
    days = np.repeat(days, 1 + (len(members) > 12))
    made = visits_of(len(days))
    turn = np.arange(len(days)) + np.where(
        rng.random(len(days)) < 0.2 * city.camouflage.level, rng.integers(0, 9, len(days)), 0
    )
    made["person"] = members[turn % len(members)]
    made["site"] = places[rng.integers(0, len(places), len(days))]
    made["at"] = days * DAY + np.rint(rng.normal(11.4 * HOUR, (10 + 35 * city.camouflage.level) * MINUTE, len(days)))
    made["diagnosis"] = city.goods.diagnoses.number("renal_failure")
    made["template"] = city.goods.template("dialysis")
    made["begin"] = made["at"] - 4 * HOUR
    return made


def _misfit(city: City, members: Column, places: Column, rng: np.random.Generator) -> Column:
    """Strangers treated on the members' cards, often for what the owner of that sex and age cannot have."""
    table, people = city.goods.diagnoses, city.people
    came = attendance(city, len(members), session_days(city, rng), rng)
    made = visits_of(len(came.session))
    made["person"] = members[came.member]
    made["site"] = places[came.session % len(places)]
    made["at"] = session_times(city, came, made["site"], rng)
    within_hours(city, made)
    person = made["person"].astype(np.int64)
    other_sex = np.where(people.sex[person] == MALE, table.number("vaginitis"), table.number("prostate"))
    impossible = np.where(rng.random(len(person)) < 0.6, other_sex, table.number("child_pneumonia"))
    odd = rng.random(len(person)) < (0.5, 0.3, 0.15)[city.camouflage.level]
    made["diagnosis"] = np.where(odd, impossible, foreign_goods(city, person, 5, rng))
    made["template"] = city.goods.outpatient[made["diagnosis"]]
    made["begin"] = made["at"] - 20 * MINUTE
    return made


def _elsewhere(city: City, made: Column, rng: np.random.Generator) -> Column:
    """What the owners really did at that time: lie in another hospital, or buy something across town."""
    people, dial = city.people, city.camouflage
    shops = made[rng.random(len(made)) < 0.3 * dial.betrayal]
    real = visits_of(len(shops))
    real["person"], real["site"] = shops["person"], people.pharmacy[shops["person"]]
    real["at"] = shops["at"] + rng.integers(3 * MINUTE, 18 * MINUTE, len(shops)) * rng.choice([-1, 1], len(shops))
    diagnosis = city.goods.diagnoses.number("gastritis")
    real["kind"], real["diagnosis"], real["template"] = SHOP, diagnosis, city.goods.shop[diagnosis]
    real["basket"] = rng.integers(0, 1 << 60, len(shops))
    real["begin"], real["end"] = real["at"], real["at"]
    _, first = np.unique(made["person"], return_index=True)
    lain = made[first][rng.random(len(first)) < 0.7 * dial.betrayal]
    stays = visits_of(len(lain))
    course = city.goods.diagnoses.of_course("stay")
    stays["person"], stays["kind"], stays["site"] = lain["person"], STAY, people.hospital[lain["person"]]
    stays["diagnosis"] = course[rng.integers(0, len(course), len(lain))]
    stays["template"] = city.goods.stay[stays["diagnosis"]]
    stays["basket"] = rng.integers(0, 1 << 60, len(lain))
    days = rng.integers(5, 14, len(lain))
    stay_times(stays, (lain["at"] // DAY - days // 2) * DAY + 10 * HOUR, days, rng)
    at_doctor(city, stays)
    both = np.concatenate([real, stays])
    return both[(both["begin"] >= 0) & (both["at"] < city.seconds) & (both["at"] >= 0)]


def plant(city: City, plan: Plan, rng: np.random.Generator) -> None:
    """Plant one impersonation ring, of one of three kinds."""
    members = recruit(city, plan, ring_size(city, rng, MOST), rng, local=0.3, least=25, most=78)
    thin_own_life(city, members, rng)
    stream = rng.random() < 0.34
    shared = not stream and rng.random() < 0.4
    places = complicit_sites(city, rng, HOSPITAL if stream else CLINIC)
    doctors = _doctors_of(city, places, rng)
    made = _stream(city, members, places, rng) if stream else _misfit(city, members, places, rng)
    made["kind"] = OUTPATIENT
    react(city, plan, made, goods=False, hours=not stream)
    doctors |= _doctors_of(city, np.setdiff1d(made["site"], places), city.streams.of("new doctors", len(plan.rings)))
    made["basket"] = rng.integers(0, 1 << 60, len(made))
    made["end"] = made["at"]
    at_doctor(city, made)
    _seen_by(made, doctors, betrays(city, len(made), rng))
    made["credential"] = SOCIAL_CARD
    group = Group("impersonation", named_members("person", "card_user" if shared else "card_owner", members))
    if shared:
        owner = int(members[0])
        made["card_of"] = np.where(betrays(city, len(made), rng), owner, made["person"])
        group.members.append(Member("card", owner, "shared_card"))
    group.members += named_members("doctor", "doctor", np.unique(list(doctors.values())))
    group.members += named_members("institution", "site", np.unique(made["site"]))
    made = enter(city, plan, group, made, rng)
    if not shared:
        plan.add(_elsewhere(city, made, rng))
