"""Patients on one timetable: dialysis shifts, chemotherapy days, rehabilitation, monthly refills, market days."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan
from graphaudit.simulation.honest.turnout import monthly_drug, nearest, set_times, turn_up
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.places import CLINIC, HOSPITAL, VILLAGE
from graphaudit.simulation.randomness import Column, key
from graphaudit.simulation.sizes import HOUR, MINUTE
from graphaudit.simulation.visits import CHRONIC, OUTPATIENT


def _group(name: str, members: Column, role: str = "patient") -> Group:
    return Group(name, [Member("person", int(p), role) for p in np.sort(members)])


def plan_dialysis(city: City, plan: Plan) -> None:
    """Shifts of registered patients, three times a week in one slot."""
    rng = city.streams.of("dialysis")
    hospitals = city.places.sites.of_kind(HOSPITAL)
    days = np.arange(city.size.days)
    for shift in range(city.size.dialysis_shifts):
        site = int(hospitals[shift % len(hospitals)])
        members = nearest(city, plan, site, int(rng.integers(9, 22)), rng, 35, 84)
        weekdays = ((0, 2, 4), (1, 3, 5))[shift % 2]
        made = turn_up(city, members, days[np.isin((city.begins.weekday() + days) % 7, weekdays)], 0.96, rng)
        slot = (11.4, 16.6, 20.8)[int(rng.integers(0, 3))]
        made["site"], made["kind"] = site, CHRONIC
        made["diagnosis"] = city.goods.diagnoses.number("renal_failure")
        made["template"] = city.goods.template("dialysis")
        set_times(made, slot * HOUR + rng.normal(0, 17 * MINUTE, len(made)))
        made["begin"] = made["at"] - 4 * HOUR - 20 * MINUTE
        at_doctor(city, made)
        plan.add(made)
        plan.registered.update({int(p): ("renal_failure", site) for p in members})
        plan.benign.append(_group("dialysis_shift", members))


def plan_chemotherapy(city: City, plan: Plan) -> None:
    """Patients whose cycles of 21 days fall on one weekday of a hospital's day ward."""
    rng = city.streams.of("chemotherapy")
    hospitals = city.places.sites.of_kind(HOSPITAL)
    for cohort in range(city.size.chemo_cohorts):
        site = int(hospitals[cohort % len(hospitals)])
        members = nearest(city, plan, site, int(rng.integers(6, 13)), rng, 40, 80)
        weekday = int(rng.integers(0, 5))
        women = city.people.sex[members] == 2
        for third in range(3):
            mine = members[third::3]
            days = np.arange(weekday + 7 * third, city.size.days, 21)
            last = int(rng.integers(max(4, len(days) // 2), len(days) + 1))
            made = turn_up(city, mine, days[:last], 0.94, rng)
            women = (city.people.sex[made["person"]] == 2) & (made["person"] % 2 == 0)
            made["site"], made["kind"] = site, CHRONIC
            table, goods = city.goods.diagnoses, city.goods
            made["diagnosis"] = np.where(women, table.number("breast_tumour"), table.number("lung_tumour"))
            made["template"] = np.where(
                women, goods.template("chemo:breast_tumour"), goods.template("chemo:lung_tumour")
            )
            set_times(made, 14.0 * HOUR + rng.normal(0, 50 * MINUTE, len(made)))
            made["begin"] = made["at"] - 5 * HOUR
            at_doctor(city, made)
            plan.add(made)
        plan.registered.update(
            {
                int(p): ("breast_tumour" if city.people.sex[p] == 2 and p % 2 == 0 else "lung_tumour", site)
                for p in members
            }
        )
        plan.benign.append(_group("chemo_cycle", members))


def plan_rehabilitation(city: City, plan: Plan) -> None:
    """Courses of six to ten weeks, every working day in the same afternoon hour."""
    rng = city.streams.of("rehabilitation")
    hospitals = city.places.sites.of_kind(HOSPITAL)
    for _ in range(max(1, city.size.dialysis_shifts // 3)):
        site = int(hospitals[int(rng.integers(0, len(hospitals)))])
        members = nearest(city, plan, site, int(rng.integers(5, 12)), rng, 55, 84)
        first = int(rng.integers(0, city.size.days - 75))
        days = np.arange(first, first + int(rng.integers(42, 71)))
        made = turn_up(city, members, days[(city.begins.weekday() + days) % 7 < 5], 0.85, rng)
        made["site"], made["kind"] = site, OUTPATIENT
        made["diagnosis"] = city.goods.diagnoses.number("rehabilitation")
        made["template"] = city.goods.template("rehabilitation")
        set_times(made, 15.3 * HOUR + rng.normal(0, 20 * MINUTE, len(made)))
        at_doctor(city, made)
        plan.add(made)
        plan.benign.append(_group("rehabilitation", members))


def plan_refill_days(city: City, plan: Plan) -> None:
    """A clinic's day for chronic patients: everybody's drugs every four weeks, on one weekday morning."""
    rng = city.streams.of("refill days")
    people, sites = city.people, city.places.sites
    clinics = np.concatenate([sites.of_kind(VILLAGE), sites.of_kind(CLINIC)])
    for cohort in range(city.size.refill_cohorts):
        site = int(clinics[cohort % len(clinics)])
        members = nearest(city, plan, site, int(rng.integers(8, 36)), rng, 50, 88)
        people.refills[members] = False
        days = np.arange(int(rng.integers(0, 28)), city.size.days, 28 if rng.random() < 0.7 else 30)
        made = turn_up(city, members, days, 0.9, rng)
        diagnosis = monthly_drug(city, made["person"].astype(np.int64))
        made["site"], made["kind"], made["diagnosis"] = site, CHRONIC, diagnosis
        made["template"] = city.goods.refill[diagnosis]
        made["basket"] = key(made["person"], diagnosis, 43)
        set_times(made, 9.2 * HOUR + rng.normal(0, 35 * MINUTE, len(made)).clip(-HOUR, 2 * HOUR))
        at_doctor(city, made)
        plan.add(made)
        plan.benign.append(_group("monthly_refill", members))


def note_market_days(city: City, plan: Plan) -> None:
    """Villagers whose clinic is busy on market days; their visits are part of ordinary life."""
    for site in city.places.sites.of_kind(VILLAGE).tolist():
        members = np.flatnonzero(city.people.clinic == site)
        if len(members):
            group = _group("market_day", members, "villager")
            plan.benign.append(Group(group.pattern, [*group.members, Member("institution", site, "site")]))
