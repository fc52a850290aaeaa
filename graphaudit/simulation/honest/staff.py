"""Doctors and handlers whose work looks concentrated for good reasons, and accounts that a household shares."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.cases import cases_for, visits_for
from graphaudit.simulation.city import City, Group, Member, Plan
from graphaudit.simulation.identity import handler_code


def note_staff(city: City, plan: Plan) -> None:
    """Doctors with a second registered site, handlers who do all of one kind, offices of two."""
    doctors, agency = city.places.doctors, city.agency
    for doctor in np.flatnonzero(doctors.second_site >= 0).tolist():
        sites = (int(doctors.site[doctor]), int(doctors.second_site[doctor]))
        members = [Member("doctor", doctor, "doctor"), *(Member("institution", site, "site") for site in sites)]
        plan.benign.append(Group("multi_site_doctor", members))
    for handler in agency.specialist[agency.specialist >= 0].tolist():
        plan.benign.append(Group("specialist_handler", [Member("handler", handler_code(handler), "specialist")]))
    for office in np.flatnonzero(agency.count == 2).tolist():
        pair = [int(agency.first[office]), int(agency.first[office]) + 1]
        plan.benign.append(Group("two_handler_office", [Member("handler", handler_code(h), "handler") for h in pair]))


def plan_household_payees(city: City, plan: Plan) -> None:
    """A parent's account receives the reimbursements of the children and of an elder at home."""
    rng = city.streams.of("payees")
    people = city.people
    families = np.flatnonzero((people.household_role == 0) & (np.bincount(people.household)[people.household] > 2))
    for head in rng.permutation(families)[: max(3, len(people) // 1_200)].tolist():
        home = people.of_household(head)
        claimants = home[(home != head) & (people.died_at[home] > city.seconds)]
        person = np.repeat(claimants, rng.integers(1, 4, len(claimants)))
        day = np.sort(rng.integers(0, city.size.days - 20, len(person)))
        cases = cases_for(city, person, day, rng)
        cases["account_of"] = head
        visits = visits_for(city, cases, rng, stays=0.3)
        fit = visits["at"] < city.seconds
        plan.add_cases(cases[fit], visits[fit])
        plan.benign.append(Group("household_payee", [Member("person", int(p), "relative") for p in home]))
