"""Paper reimbursements: bills from elsewhere handed in at the agency, entered, reviewed twice and paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphaudit.simulation.agency import SPECIAL_REASON, office_time
from graphaudit.simulation.people import ID_CARD
from graphaudit.simulation.places import REMOTE
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import OUTPATIENT, STAY, visits_of

if TYPE_CHECKING:
    from graphaudit.simulation.city import City, Plan

REASONS = ("01", "02", "03", "04")  # general, no card at hand, treatment elsewhere, emergency
CASES_A_YEAR = 0.08

#: Seconds are counted from midnight of the city's first day; accounts are those of persons.
CASE = np.dtype(
    [
        ("person", "i4"),
        ("accepted_by", "i4"),
        ("first_review_by", "i4"),
        ("second_review_by", "i4"),
        ("accepted_at", "i4"),
        ("first_review_at", "i4"),
        ("second_review_at", "i4"),
        ("account_of", "i4"),
        ("further_account", "i1"),
        ("phone_of", "i4"),
        ("invoice", "i8"),
        ("reason", "i1"),
    ]
)


def office_of(city: City, person: Column) -> Column:
    """Number of the office that is in charge of a person."""
    return city.places.neighbourhoods.division[city.people.neighbourhood[person]]


def cases_for(city: City, person: Column, day: Column, rng: np.random.Generator) -> Column:
    """Honest handling of one case a person, accepted on that day: right desks, office hours, own account."""
    n = len(person)
    agency, weekday = city.agency, city.begins.weekday()
    made = np.zeros(n, dtype=CASE)
    made["person"] = person
    made["reason"] = rng.choice(len(REASONS), n, p=[0.3, 0.15, 0.4, 0.15])
    office = office_of(city, person)
    draw = rng.integers(0, 1 << 40, n)
    accepted_by = agency.window(office, draw)
    special = (made["reason"] == SPECIAL_REASON) & (agency.specialist[office] >= 0)
    made["accepted_by"] = np.where(special, agency.specialist[office], accepted_by)
    one, two = agency.reviewers(office, made["accepted_by"].astype(np.int64), draw)
    made["first_review_by"], made["second_review_by"] = one, two
    made["accepted_at"] = office_time(weekday, day, draw)
    made["first_review_at"] = office_time(weekday, made["accepted_at"] // DAY + rng.integers(1, 5, n), draw + 1)
    made["second_review_at"] = office_time(weekday, made["first_review_at"] // DAY + rng.integers(1, 4, n), draw + 2)
    made["account_of"] = person
    made["phone_of"] = city.people.phone_of[person]
    made["invoice"] = city.next_invoices(n)
    return made


def visits_for(city: City, cases: Column, rng: np.random.Generator, *, stays: float = 0.45) -> Column:
    """The treatment behind each case, some weeks before it was handed in, settled after the second review."""
    n = len(cases)
    table, goods = city.goods.diagnoses, city.goods
    lying = rng.random(n) < stays
    course, acute = table.of_course("stay"), table.of_course("acute")
    common = acute[(table.sex[acute] == 0) & (table.age_from[acute] < 20) & (table.age_to[acute] > 85)]
    diagnosis = np.where(lying, course[rng.integers(0, len(course), n)], common[rng.integers(0, len(common), n)])
    made = visits_of(n)
    made["person"], made["diagnosis"] = cases["person"], diagnosis
    made["kind"] = np.where(lying, STAY, OUTPATIENT)
    made["template"] = np.where(lying, goods.stay[diagnosis], goods.outpatient[diagnosis])
    remote = city.places.sites.of_kind(REMOTE)
    made["site"] = remote[rng.integers(0, len(remote), n)]
    made["basket"] = rng.integers(0, 1 << 60, n)
    days = np.where(lying, np.clip(np.round(rng.lognormal(1.9, 0.4, n)), 2, 30), 0).astype(np.int64)
    made["end"] = (cases["accepted_at"] // DAY - rng.integers(3, 40, n)) * DAY + rng.integers(9 * HOUR, 16 * HOUR, n)
    made["begin"] = made["end"] - days * DAY - 50 * MINUTE
    made["at"] = cases["second_review_at"] + rng.integers(5 * MINUTE, 40 * MINUTE, n)
    zero = np.zeros(n, dtype=np.int64)
    made["doctor"] = city.places.doctors.choose(made["site"], zero, made["person"], made["basket"])
    made["credential"] = ID_CARD
    return made


def plan_ordinary_cases(city: City, plan: Plan) -> None:
    """Honest paper cases of the whole city."""
    rng = city.streams.of("cases")
    people = city.people
    count = rng.poisson(CASES_A_YEAR * city.size.days / 365 * people.frailty)
    person = np.repeat(np.arange(len(people)), count)
    child = people.age[person] < 18
    head = np.searchsorted(people.household, people.household[person])
    cases = cases_for(city, person, rng.integers(0, city.size.days - 16, len(person)), rng)
    cases["account_of"] = np.where(child | (rng.random(len(person)) < 0.12), head, person)
    visits = visits_for(city, cases, rng)
    fit = visits["at"] < np.minimum(city.seconds, people.died_at[person])
    plan.add_cases(cases[fit], visits[fit])
