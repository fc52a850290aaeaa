"""Lasting care of the old on several young cards of one place is found; early cases, families and fillers are not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from detectors.care_beyond_age import CareBeyondAge
from tests.detectors.finding_reader import found, held_by, numbered, others, persons, shuffled, visit
from tests.detectors.medicine_town import with_lines

SITES = range(4)
#: Adults of less than forty, each of a household of their own.
RING = tuple(range(6))
BORN = 1990
SITE = 1
#: Diseases of people of fifty and more, each with its medicine.
DISEASES = ("heart", "lung")
#: The first of the fathers, and of the young customers.
OLD, YOUNG = 8000, 9000


@cache
def town(early=(), sites=SITES):
    """Patients of every site's doctor who come every month for a disease of the old, and young customers with a cold.

    The `early` ones of the patients, by number, were born in BORN.
    """
    random = np.random.default_rng(1)
    people, rows = [{"person_no": no, "birth_year": BORN + no} for no in RING], []
    for site in sites:
        for patient in range(24 * len(DISEASES)):
            person = 1000 * (site + 1) + patient
            people.append(
                {"person_no": person, "birth_year": BORN if person in early else 1941 + int(random.integers(35))}
            )
            rows += treated(person, site, DISEASES[patient % len(DISEASES)])
        for patient in range(20):
            people.append({"person_no": YOUNG + 100 * site + patient, "birth_year": 1980 + patient})
            rows.append(care(YOUNG + 100 * site + patient, site, 7 * patient, "cold", "syrup"))
    return people, rows


def care(person, site, day, disease, drug=None, **more):
    return visit(
        person, day, 9 + person % 7, site,
        **{"doctor_no": site, "diagnosis_code": f"D-{disease}", "drug": drug or disease, **more},
    )  # fmt: skip


def treated(person, site, disease, *, times=4, **more):
    """Every month for the disease."""
    return [care(person, site, 3 + person % 20 + 32 * n, disease, **more) for n in range(times)]


def lent(people=RING, site=SITE, diseases=DISEASES, **more):
    return [
        row for n, person in enumerate(people) for row in treated(person, site, diseases[n % len(diseases)], **more)
    ]


def built(city, rows, people):
    plain, lines = with_lines(rows)
    items = [{"item_code": code, "is_drug": True} for code in sorted({line["item_code"] for line in lines})]
    return city(plain, derived=False, persons=people, lines=lines, items=items)


def causes(finding):
    return {cause.cause: cause.weight for cause in finding.benign}


def test_young_adults_with_diseases_of_the_old_at_one_doctor_are_found(city):
    people, rows = town()
    rows = lent() + rows
    (finding,) = found(CareBeyondAge(), built(city, rows, people))
    assert persons(finding) == list(RING)
    assert {member.role for member in finding.members if member.kind == "person"} == {"card_owner"}
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("impersonation", "care_beyond_age")
    assert finding.settlements == held_by(rows, RING)
    assert finding.p_value < 1e-3
    assert max(causes(finding).values(), default=0.0) < 0.3


def test_two_places_in_turn_are_one_finding(city):
    # in a small town the ring's second place would be half of what others do
    people, rows = town(sites=range(8))
    rows = [{**row, "site_no": SITE + n % 2, "doctor_no": SITE + n % 2} for n, row in enumerate(lent(times=6))] + rows
    (finding,) = found(CareBeyondAge(), built(city, rows, people))
    assert persons(finding) == list(RING)
    assert {("institution", site, "site") for site in (SITE, SITE + 1)} == others(finding)


def test_early_cases_of_a_clinic_with_young_customers_are_no_finding(city):
    # one early case of either disease elsewhere; where young customers are many, so are those
    people, rows = town(early=(3000, 3001))
    assert len(found(CareBeyondAge(), built(city, lent() + rows, people), most_tail=0.05)) == 1
    workers = range(YOUNG + 1000, YOUNG + 1200)
    clinic = [care(worker, SITE, worker % 150, "cold", "syrup") for worker in workers]
    people = people + [{"person_no": worker, "birth_year": 1985 + worker % 15} for worker in workers]
    assert found(CareBeyondAge(), built(city, lent() + rows + clinic, people), most_tail=0.05) == []


def test_early_cases_with_the_specialist_of_their_disease_are_better_explained(city):
    people, rows = town()
    (finding,) = found(CareBeyondAge(), built(city, lent(diseases=DISEASES[:1]) + rows, people))
    assert causes(finding)["early_cases_of_one_disease"] > 0.5


@pytest.mark.parametrize("elsewhere", [{"kind": "pharmacy", "doctor_no": None}, {"kind": "outpatient"}])
def test_who_is_ill_elsewhere_too_is_no_finding(city, elsewhere):
    people, rows = town()
    known = [care(person, site, 40 + person, DISEASES[person % 2], **elsewhere) for person in RING for site in (10, 11)]
    assert found(CareBeyondAge(), built(city, lent() + known + rows, people)) == []


def test_children_whose_cards_serve_their_parents_are_no_finding(city):
    people, rows = town()
    people = [{**one, "birth_year": 2016} if one["person_no"] in RING else one for one in people]
    assert found(CareBeyondAge(), built(city, lent() + rows, people)) == []


def test_who_retired_early_has_what_that_age_has(city):
    people, rows = town()
    people = [{**one, "birth_year": 1971} if one["person_no"] in RING else one for one in people]
    assert found(CareBeyondAge(), built(city, lent() + rows, people)) == []


def test_wrong_years_of_birth_all_over_the_register_are_no_finding(city):
    people, rows = town()
    wrong = [{**one, "birth_year": 1995} if one["person_no"] % 8 == 3 else one for one in people]
    assert found(CareBeyondAge(), built(city, rows, wrong)) == []


def test_three_early_cases_are_not_enough(city):
    people, rows = town()
    assert found(CareBeyondAge(), built(city, lent(RING[:3]) + rows, people)) == []


def test_a_disease_that_runs_in_two_families_is_no_finding(city):
    people, rows = town()
    people = [{**one, "household_no": one["person_no"] % 2} if one["person_no"] in RING else one for one in people]
    assert found(CareBeyondAge(), built(city, lent() + rows, people)) == []


def test_an_illness_of_some_weeks_is_no_lasting_care(city):
    people, rows = town()
    weeks = [care(person, SITE, 20 + person + 7 * n, DISEASES[person % 2]) for person in RING for n in range(5)]
    assert found(CareBeyondAge(), built(city, weeks + rows, people)) == []


def test_a_doctor_who_writes_one_diagnosis_for_all_and_hands_out_anything_is_no_finding(city):
    people, rows = town()
    drugs = (*DISEASES, "syrup", "drops", "balm")
    filler = [{**row, "diagnosis_code": "D-heart", "drug": drugs[n % 5]} for n, row in enumerate(lent(times=5))]
    assert found(CareBeyondAge(), built(city, filler + rows, people)) == []


def test_what_a_site_hands_out_to_everybody_is_its_usual_care(city):
    people, rows = town()
    everybody = [care(YOUNG + 100 * SITE + p, SITE, 30 + p, DISEASES[p % 2]) for p in range(20)]
    (finding,) = found(CareBeyondAge(), built(city, lent() + everybody + rows, people))
    assert causes(finding)["usual_care_of_the_site"] > 0.5


def test_a_father_at_home_weighs_but_does_not_clear(city):
    people, rows = town()
    people = [{**one, "household_no": one["person_no"]} if one["person_no"] in RING else one for one in people]
    people += [{"person_no": OLD + no, "birth_year": 1960, "household_no": no} for no in RING]
    fathers = [care(OLD + no, 3, 70, "cold", "syrup") for no in RING]
    (finding,) = found(CareBeyondAge(), built(city, lent() + fathers + rows, people))
    assert causes(finding)["care_of_a_relative"] == pytest.approx(0.3)


def test_the_row_order_leaves_no_trace(city):
    people, rows = town()
    rows = numbered(lent() + rows)
    expected = found(CareBeyondAge(), built(city, rows, people))
    assert len(expected) == 1
    plain, lines = with_lines(rows)
    items = [
        {"item_code": code, "is_drug": True} for code in sorted({line["item_code"] for line in lines}, reverse=True)
    ]
    again = city(shuffled(plain), derived=False, persons=shuffled(people), lines=shuffled(lines), items=items)
    assert found(CareBeyondAge(), again) == expected


def test_without_years_of_birth_or_fee_lines_nothing_is_found_and_nothing_breaks(city):
    people, rows = town()
    assert found(CareBeyondAge(), built(city, lent() + rows, [{"person_no": one["person_no"]} for one in people])) == []
    plain, _ = with_lines(lent() + rows)
    assert found(CareBeyondAge(), city(plain, derived=False, persons=people)) == []
    assert found(CareBeyondAge(), built(city, [], [])) == []
