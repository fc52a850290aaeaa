"""The insured persons of the city: households, illnesses, habits, credentials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphaudit.simulation.catalogue import Catalogue
from graphaudit.simulation.places import CLINIC, HOSPITAL, PHARMACY, VILLAGE, Places
from graphaudit.simulation.randomness import Column, Streams
from graphaudit.simulation.sizes import DAY, Size

MALE, FEMALE = 1, 2
EMPLOYEE, RESIDENT = 310, 390
E_CREDENTIAL, ID_CARD, SOCIAL_CARD = 1, 2, 3
ALIVE = np.iinfo(np.int32).max


@dataclass(slots=True)
class People:
    """One entry a person, numbered neighbourhood by neighbourhood and household by household."""

    neighbourhood: Column
    household: Column
    household_role: Column  # 0 head, 1 partner, 2 child, 3 second child or grandparent, 4 grandparent
    sex: Column
    age: Column
    born: Column  # day of birth, days before the city's first day
    insurance: Column
    employer: Column  # number of the employer, school or residents' body
    retired: Column
    chronic: Column  # [person, 2]: diagnosis numbers, -1 = none
    credential: Column
    clinic: Column
    pharmacy: Column
    second_pharmacy: Column
    hospital: Column
    hour: Column  # preferred hour of the day
    weekday: Column
    cycle: Column  # days between refills
    phase: Column
    frailty: Column  # multiplies the rate of illness
    together: Column  # chance that somebody of the household comes along
    died_at: Column  # seconds since the first day; ALIVE = lives
    # What groups and rings change before ordinary life is drawn:
    activity: Column  # multiplies ordinary visits
    refills: Column  # False = refills are planned elsewhere
    address_of: Column  # person or address group whose address is written
    phone_of: Column  # person whose phone is written
    card_of: Column  # person whose card is presented
    book_known: Column  # the household book is recorded

    def __len__(self) -> int:
        return len(self.sex)

    def of_neighbourhood(self, number: int) -> Column:
        """Persons who live there, in order."""
        first, last = np.searchsorted(self.neighbourhood, [number, number + 1])
        return np.arange(first, last)

    def of_household(self, person: int) -> Column:
        """Everybody of the person's household, in order, the person included."""
        first, last = np.searchsorted(self.household, [self.household[person], self.household[person] + 1])
        return np.arange(first, last)

    def pays_from_account(self) -> Column:
        result: Column = self.insurance == EMPLOYEE
        return result


def _families(size: Size, places: Places, rng: np.random.Generator) -> tuple[Column, Column, Column]:
    sizes = rng.choice([1, 2, 3, 4, 5], size.persons, p=[0.2, 0.3, 0.28, 0.14, 0.08])
    ends = np.cumsum(sizes)
    last = int(np.searchsorted(ends, size.persons))
    sizes = sizes[: last + 1]
    sizes[-1] -= ends[last] - size.persons
    homes = np.sort(rng.integers(0, len(places.neighbourhoods), len(sizes)))
    household = np.repeat(np.arange(len(sizes)), sizes)
    role = np.arange(size.persons) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return homes[household], household, role


def _ages(household: Column, role: Column, rng: np.random.Generator) -> tuple[Column, Column]:
    families = int(household[-1]) + 1
    young = rng.random(families) < 0.6
    head_age = np.where(young, rng.normal(42, 9, families), rng.normal(67, 9, families)).clip(20, 94)
    head_sex = rng.integers(1, 3, families)
    n = len(household)
    head = head_age[household]
    child = head - rng.normal(28, 4, n).clip(20, 40)
    elder = head + rng.normal(26, 4, n).clip(19, 35)
    age = np.select(
        [role == 0, role == 1, role == 2, role == 3],
        [head, head + rng.normal(-1, 4, n), child, np.where(rng.random(n) < 0.5, child - 3, elder)],
        elder,
    )
    age = np.where(age < 0, rng.uniform(0, 1, n), age)
    age = np.where(age > 99, head, age).clip(0, 99)
    sex = np.select([role == 0, role == 1], [head_sex[household], 3 - head_sex[household]], rng.integers(1, 3, n))
    return age, sex


def _employers(
    size: Size, age: Column, insurance: Column, retired: Column, division: Column, rng: np.random.Generator
) -> Column:
    """Employer numbers: 0 … offices-1 residents' bodies, then flexible work, schools, and ordinary employers."""
    works = (insurance == EMPLOYEE) & ~retired
    ordinary = max(6, size.persons // 130)
    schools = max(2, size.persons // 2_500)
    weights = 1.0 / np.arange(3, ordinary + 3) ** 0.8
    employer = division.copy()
    offices = size.offices
    pupils = (age >= 6) & (age < 18)
    employer = np.where(pupils, 2 * offices + division % schools, employer)
    employer = np.where(
        pupils & (rng.random(len(age)) < 0.6), 2 * offices + rng.integers(0, schools, len(age)), employer
    )
    chosen = 2 * offices + schools + rng.choice(ordinary, len(age), p=weights / weights.sum())
    flexible = rng.random(len(age)) < 0.12
    return np.where(works, np.where(flexible, offices + division, chosen), employer)


def _chronic(age: Column, sex: Column, usage: float, goods: Catalogue, rng: np.random.Generator) -> Column:
    course = goods.diagnoses.of_course("chronic")
    n = len(age)
    weight = goods.diagnoses.weight[course] / goods.diagnoses.weight[course].sum()
    drawn = course[rng.choice(len(course), (n, 2), p=weight)]
    fits = (
        (age[:, None] >= goods.diagnoses.age_from[drawn])
        & (age[:, None] <= goods.diagnoses.age_to[drawn])
        & ((goods.diagnoses.sex[drawn] == 0) | (goods.diagnoses.sex[drawn] == sex[:, None]))
    )
    ill = np.clip((age - 25) / 62, 0.02, 0.9)[:, None] * np.array([1.0, 0.45])[None, :] * usage
    chronic = np.where(fits & (rng.random((n, 2)) < ill), drawn, -1)
    chronic[:, 1] = np.where(chronic[:, 1] == chronic[:, 0], -1, chronic[:, 1])
    return chronic


def populate(size: Size, places: Places, goods: Catalogue, streams: Streams, households_known: float) -> People:
    """The people of one city; `households_known` is the share of household books on record."""
    rng = streams.of("people")
    neighbourhood, household, role = _families(size, places, rng)
    age, sex = _ages(household, role, rng)
    n = size.persons
    hoods = places.neighbourhoods
    rural, division = hoods.is_village[neighbourhood], hoods.division[neighbourhood]
    retired = age >= np.where(sex == MALE, 60, 55)
    employed = (age >= 20) & (rng.random(n) < np.where(rural, 0.15, np.where(retired, 0.6, 0.78)))
    insurance = np.where(employed, EMPLOYEE, RESIDENT)
    usage = min(1.0, 0.35 + 0.26 * size.visits)
    draws = rng.random((5, n))
    urban_clinic = places.nearby(CLINIC, neighbourhood, draws[0])
    died = rng.random(n) < 0.0001 * np.exp(age / 17.5) * size.days / 365
    return People(
        neighbourhood=neighbourhood, household=household, household_role=role, sex=sex, age=age,
        born=-(age * 365.25).astype(np.int64) - 1, insurance=insurance,
        employer=_employers(size, age, insurance, retired, division, rng), retired=retired,
        chronic=_chronic(age, sex, usage, goods, rng),
        credential=rng.choice([E_CREDENTIAL, ID_CARD, SOCIAL_CARD], n, p=[0.52, 0.08, 0.40]),
        clinic=np.where(rural, places.nearby(VILLAGE, neighbourhood, draws[0]), urban_clinic),
        pharmacy=places.nearby(PHARMACY, neighbourhood, draws[1]),
        second_pharmacy=places.nearby(PHARMACY, neighbourhood, draws[2]),
        hospital=places.nearby(HOSPITAL, neighbourhood, draws[3]),
        hour=rng.normal(10.5, 2.6, n).clip(8, 19), weekday=rng.integers(0, 7, n),
        cycle=rng.choice([28, 30], n, p=[0.6, 0.4]), phase=rng.integers(0, 30, n),
        frailty=rng.gamma(2.2, 1 / 2.2, n)
        * np.interp(age, [0, 3, 12, 30, 55, 75, 95], [1.6, 1.5, 0.8, 0.6, 1.0, 1.7, 1.6]),
        together=np.where(rng.random(household[-1] + 1) < 0.3, 0.30, 0.06)[household],
        died_at=np.where(died, rng.integers(5 * DAY, size.days * DAY, n), ALIVE),
        activity=np.ones(n), refills=np.ones(n, dtype=bool), address_of=np.searchsorted(household, household),
        phone_of=np.where((age < 15) | (age > 82), np.searchsorted(household, household), np.arange(n)),
        card_of=np.arange(n),
        book_known=(rng.random(household[-1] + 1) < households_known)[household],
    )  # fmt: skip
