"""Care that sex or age rules out: several strangers at one doctor are found; errors and relatives all over are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.care_unlike_holder import CareUnlikeHolder
from tests.detectors.finding_reader import found, held_by, numbered, others, persons, shuffled, visit

SITES = range(4)
DOCTORS = 2
#: Men of forty, each of a household of his own.
RING = tuple(range(6))
SITE, DOCTOR = 1, 2


def town(seed=1, patients=36):
    """Patients of every doctor by (person, sex, year of birth), and their visits: of women, of children, of anybody."""
    random = np.random.default_rng(seed)
    people, rows = [{"person_no": no, "sex": "male", "birth_year": 1986} for no in RING], []
    for site in SITES:
        for doctor in range(DOCTORS):
            for patient in range(patients):
                person = 1000 * (site + 1) + 100 * doctor + patient
                sex = "female" if patient % 2 else "male"
                is_child = patient % 3 == 0
                people.append({
                    "person_no": person, "sex": sex,
                    "birth_year": int(2017 if is_child else 1940 + random.integers(60)),
                })  # fmt: skip
                for _ in range(2):
                    what = "child" if is_child else "female" if sex == "female" and patient % 4 == 1 else "cold"
                    rows.append(care(person, site, doctor, int(random.integers(150)), what))
    return people, rows


def care(person, site, doctor, day, what):
    return visit(person, day, 9 + person % 7, site, doctor_no=DOCTORS * site + doctor, diagnosis_code=f"D-{what}")


def built(city, rows, **tables):
    return city(rows, derived=False, **tables)


def strangers(people=RING, what=("female", "child"), site=SITE, doctor=0):
    return [
        care(person, site, doctor, 20 + 30 * n + person, what[n % len(what)]) for person in people for n in range(2)
    ]


def test_men_treated_at_one_doctor_for_what_women_and_children_have_are_found(city):
    people, rows = town()
    rows = strangers() + rows
    (finding,) = found(CareUnlikeHolder(), built(city, rows, persons=people))
    assert persons(finding) == list(RING)
    assert {member.role for member in finding.members if member.kind == "person"} == {"card_owner"}
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("impersonation", "care_unlike_holder")
    assert finding.settlements == held_by(rows, RING)
    assert finding.p_value < 1e-3


def test_items_tell_it_where_diagnoses_are_blank(city):
    people, rows = town()
    rows = strangers() + rows
    lines = [
        {
            "line_id": f"L{number}", "settlement_no": number, "item_code": row["diagnosis_code"], "is_drug": True,
            "quantity": 1.0, "amount_fen": 1000,
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip
    rows = [{**row, "diagnosis_code": None} for row in rows]
    (finding,) = found(CareUnlikeHolder(), built(city, rows, persons=people, lines=lines))
    assert persons(finding) == list(RING)


def test_an_institution_whose_doctors_are_unnamed_is_found_as_a_whole(city):
    people, rows = town()
    rows = [
        {**row, "doctor_no": None if row["site_no"] == SITE else row["doctor_no"]}
        for row in strangers(RING[:3]) + strangers(RING[3:], doctor=1) + rows
    ]
    (finding,) = found(CareUnlikeHolder(), built(city, rows, persons=people))
    assert persons(finding) == list(RING)


def test_wrong_sexes_and_years_all_over_the_register_are_no_finding(city):
    people, rows = town()
    wrong = [
        {**one, "sex": "male" if one["sex"] == "female" else "female"} if one["person_no"] % 10 == 1 else one
        for one in people
    ]
    assert found(CareUnlikeHolder(), built(city, strangers(()) + rows, persons=wrong)) == []


def test_infants_on_their_parents_cards_at_every_doctor_are_no_finding(city):
    people, rows = town()
    parents = [
        care(1000 * (site + 1) + 100 * doctor + patient, site, doctor, 40 + patient, "child")
        for site in SITES
        for doctor in range(DOCTORS)
        for patient in (7, 8)
    ]
    assert found(CareUnlikeHolder(), built(city, parents + rows, persons=people)) == []


def test_purchases_for_relatives_at_a_pharmacy_are_no_finding(city):
    people, rows = town()
    bought = [{**row, "kind": "pharmacy", "site_no": 9, "doctor_no": None} for row in strangers()]
    assert found(CareUnlikeHolder(), built(city, bought + rows, persons=people)) == []


@pytest.mark.parametrize("households", [1, 2])
def test_members_of_one_or_two_families_are_not_enough(city, households):
    people, rows = town()
    people = [
        {**one, "household_no": one["person_no"] % households} if one["person_no"] in RING else one for one in people
    ]
    assert found(CareUnlikeHolder(), built(city, strangers() + rows, persons=people)) == []


def test_a_wife_at_home_weighs_but_does_not_clear(city):
    people, rows = town()
    people = [{**one, "household_no": one["person_no"]} if one["person_no"] in RING else one for one in people]
    people += [{"person_no": 90 + no, "sex": "female", "birth_year": 1988, "household_no": no} for no in RING]
    rows += [care(90 + no, 3, 0, 70, "cold") for no in RING]
    (finding,) = found(CareUnlikeHolder(), built(city, strangers() + rows, persons=people))
    causes = {cause.cause: cause.weight for cause in finding.benign}
    assert 0.2 < causes["care_of_a_relative"] <= 0.3


def test_the_row_order_leaves_no_trace(city):
    people, rows = town()
    rows = numbered(strangers() + rows)
    expected = found(CareUnlikeHolder(), built(city, rows, persons=people))
    assert len(expected) == 1
    assert found(CareUnlikeHolder(), built(city, shuffled(rows), persons=shuffled(people))) == expected


def test_without_sex_age_or_diagnosis_nothing_is_found_and_nothing_breaks(city):
    people, rows = town(patients=6)
    bare = [{"person_no": one["person_no"]} for one in people]
    assert found(CareUnlikeHolder(), built(city, strangers() + rows, persons=bare)) == []
    blank = [{**row, "diagnosis_code": None} for row in strangers() + rows]
    assert found(CareUnlikeHolder(), built(city, blank, persons=people)) == []
    assert found(CareUnlikeHolder(), built(city, [])) == []
