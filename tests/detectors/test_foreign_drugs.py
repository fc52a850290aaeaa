"""Buyers of lasting medicines for several foreign diseases are found, with outlets and doctor; patients are not."""

from __future__ import annotations

import numpy as np

from detectors.foreign_drugs import ForeignDrugs
from tests.detectors import medicine_town
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit
from tests.detectors.medicine_town import SPAN, customers, with_lines

#: Medicines that patients take month after month, each for one disease, 22 patients each.
DRUGS = tuple(f"D{n}" for n in range(16))
DISEASE = {drug: f"X{n:02}.900" for n, drug in enumerate(DRUGS)}
PATIENTS = 22
HOSPITALS = range(6)
#: Pharmacies across town, with customers of their own.
OUTLETS = (20, 21, 22)
RING = tuple(range(8))
#: When the ring goes round its outlets.
DAYS = (4, 11, 17, 24, 32, 39, 47, 53, 61, 68, 76, 85, 93, 101, 108, 116)


def buy(person, day, hour, site, drug, **more):
    return visit(person, day, hour, site, drug=drug, diagnosis_code=DISEASE[drug], **more)


def courses(drugs=DRUGS):
    """Every patient of every medicine, once a month at the hospital round the corner."""
    return [
        buy(1000 + PATIENTS * n + p, 2 + 36 * month + p % 25, 10, p % len(HOSPITALS), drug)
        for n, drug in enumerate(drugs)
        for p in range(PATIENTS)
        for month in range(5)
    ]


def own_life(people, times=6, seed=3):
    """Visits for a cold at the hospital round the corner."""
    return medicine_town.own_life(people, len(HOSPITALS), times=times, seed=seed, diagnosis_code="J06.900")


def samplers(people=range(5000, 5080), seed=4):
    """Persons who buy a medicine or two for somebody else, anywhere and any time."""
    random = np.random.default_rng(seed)
    places = (*HOSPITALS, *OUTLETS)
    return [
        buy(p, random.integers(120), 11, random.choice(places), drug)
        for p in people
        for drug in random.choice(DRUGS, 1 + p % 2, replace=False)
    ]


def town():
    return [*courses(), *samplers(), *own_life(range(5000, 5080)), *customers(OUTLETS)]


def rounds(people=RING, seed=5, sites=OUTLETS, drugs=DRUGS[:7], days=DAYS, **more):
    """Half of the people get one of seven medicines each at an outlet, every other time at their hospital too."""
    random = np.random.default_rng(seed)
    return [
        buy(p, day + n % 2, 9 + n / 10 + step, place, drug, kind=kind, doctor_no=1 + int(p) if step else None, **more)
        for turn, day in enumerate(days)
        for n, p in enumerate(random.choice(people, len(people) // 2, replace=False))
        for step, (place, kind) in enumerate(
            ((sites[turn % len(sites)], "pharmacy"), (int(p) % len(HOSPITALS), "outpatient"))[: 1 + turn % 2]
        )
        for drug in (str(random.choice(drugs)),)
    ]  # fmt: skip


def built(city, rows, order=lambda rows: rows, prone=(), **tables):
    plain, lines = with_lines(rows, days=28)
    items = [{"item_code": drug, "name": drug, "is_drug": True, "resale_prone": True} for drug in prone]
    sites = [{"site_no": site, "kind": "pharmacy"} for site in OUTLETS]
    return city(order(numbered(plain)), lines=order(lines), items=items, sites=sites, **tables)


def test_buyers_of_one_list_at_common_outlets_are_found_with_everything_foreign_that_they_bought(city):
    ring = rounds()
    (finding,) = found(ForeignDrugs(), built(city, ring + own_life(RING) + town(), prone=DRUGS[:2]))
    assert set(persons(finding)) <= set(RING)
    assert len(persons(finding)) >= 5
    assert {member.role for member in finding.members if member.kind == "person"} == {"buyer"}
    assert (finding.pattern, finding.kind) == ("drug_resale", "foreign_drugs")
    assert set(finding.settlements) <= set(range(len(ring)))
    assert signals(finding) >= {"sampled_drugs", "foreign_diseases", "resale_prone"}
    assert finding.p_value < 1e-6


def test_foreign_medicines_on_cards_that_others_hold_are_gathered_cards(city):
    cards = [{"card_no": n, "card_id": f"C{n}", "kind": kind} for n, kind in enumerate(("id_card", "e_credential"))]
    ring = [{**row, "card_no": 1} for row in rounds()]
    rest = [{**row, "card_no": 0} for row in own_life(RING, times=30) + town()]
    (finding,) = found(ForeignDrugs(), built(city, ring + rest, cards=cards))
    assert finding.pattern == "hoarded_cards"
    assert {member.role for member in finding.members if member.kind == "person"} == {"card_holder"}


def test_foreign_medicines_of_one_doctor_are_that_doctors_arrangement(city):
    ring = [{**row, "doctor_no": 7 if row["doctor_no"] is not None else None} for row in rounds()]
    (finding,) = found(ForeignDrugs(), built(city, ring + own_life(RING) + town()))
    assert finding.pattern == "doctor_pharmacy"
    assert ("doctor", 7, "doctor") in others(finding)


def test_rare_medicines_without_patients_in_town_count_too(city):
    rare = {"D14", "D15"}
    crowd = [visit(20_000 + p, p % SPAN, 9, p % 6) for p in range(4_500)]
    ring = rounds(drugs=DRUGS[9:])
    rows = ring + own_life(RING) + town()
    known = [row for row in rows if row["person_no"] in RING or row.get("drug") not in rare]
    (finding,) = found(ForeignDrugs(), built(city, known + crowd))
    bought = {ring[number]["drug"] for number in finding.settlements}
    assert bought & rare


def test_an_illness_that_everybody_has_explains_no_other_medicine(city):
    """A visit's one diagnosis stands over all that is prescribed there: it is no reason for the rest."""
    common = "I10.x00"
    rows = [{**row, "diagnosis_code": common} if row.get("drug") and n % 2 else row for n, row in enumerate(courses())]
    pressure = [visit(p, 3 + 40 * n + p % 9, 8, p % 6, diagnosis_code=common) for p in RING for n in range(5)]
    rest = [*rows, *samplers(), *own_life(range(5000, 5080)), *customers(OUTLETS)]
    (finding,) = found(ForeignDrugs(), built(city, rounds() + own_life(RING) + pressure + rest))
    assert len(set(persons(finding)) & set(RING)) >= 5


def test_codes_of_a_register_tell_what_a_medicine_is_for(city):
    """Registers name diseases by codes of their own: who is registered as a medicine's patients are needs it."""
    people = range(100, 108)
    registrations = [
        {
            "registration_id": f"{p}{drug}", "kind": "chronic_disease", "person_no": p,
            "disease_code": f"M{DRUGS.index(drug):02}00", "from_on": "2025-01-01",
        }
        for n, drug in enumerate(DRUGS[:7])
        for p in (*range(1000 + PATIENTS * n, 1000 + PATIENTS * n + PATIENTS), *people)
    ]  # fmt: skip
    rows = rounds(people) + own_life(people) + town()
    assert len(found(ForeignDrugs(), built(city, rows))) == 1
    assert found(ForeignDrugs(), built(city, rows, registrations=registrations)) == []


def look_alikes():
    """People by the reason for which they are no group, the rows of their purchases, and what registers know."""
    who = {name: range(100 * n, 100 * n + 8) for n, name in enumerate(("registered", "stayed", "lately", "family"), 1)}
    outlets = {name: tuple(range(30 + 3 * n, 33 + 3 * n)) for n, name in enumerate(who)}
    rows = {name: rounds(people, seed=n, sites=outlets[name]) for n, (name, people) in enumerate(who.items())}
    rows["lately"] = rounds(who["lately"], sites=outlets["lately"], days=tuple(range(150, 170)))
    rows["stayed"] += [
        visit(p, 1 + n, 8, p % 6, kind="inpatient", diagnosis_code=DISEASE[drug])
        for p in who["stayed"]
        for n, drug in enumerate(DRUGS[:7])
    ]
    who |= {"loyal": range(500, 508), "campaign": range(600, 620), "alone": range(700, 708)}
    rows["loyal"] = [
        buy(p, 3 + 30 * month + p % 2, 9, 50, drug) for p in who["loyal"] for drug in DRUGS[:4] for month in range(6)
    ]
    rows["campaign"] = [buy(p, 40, 9 + n / 10, 51, drug) for p in who["campaign"] for n, drug in enumerate(DRUGS[:3])]
    random = np.random.default_rng(8)
    rows["alone"] = [
        buy(p, random.integers(120), 9, int(random.choice((*HOSPITALS, *OUTLETS))), str(random.choice(DRUGS)))
        for p in who["alone"]
        for _ in range(6)
    ]
    registers = {
        "registrations": [
            {
                "registration_id": f"{p}{drug}", "kind": "chronic_disease", "person_no": p,
                "disease_code": DISEASE[drug], "from_on": "2025-01-01",
            }
            for p in who["registered"]
            for drug in DRUGS[:7]
        ],
        "persons": [{"person_no": p, "household_no": 70 + p % 3} for p in who["family"]],
    }  # fmt: skip
    return who, rows, registers


#: Why each of the look-alikes is no group: the words of the specification.
REASONS = ("registered", "stayed", "lately", "family", "loyal", "campaign", "alone")


def test_none_of_the_look_alikes_is_a_group(city):
    who, rows, registers = look_alikes()
    assert tuple(who) == REASONS
    everybody = [p for people in who.values() for p in people]
    bought = [row for name in REASONS for row in rows[name]]
    findings = found(ForeignDrugs(), built(city, bought + own_life(everybody) + town(), **registers))
    named = {p for finding in findings for p in persons(finding)}
    assert {name for name, people in who.items() if named & set(people)} == set()


def test_the_same_purchases_without_the_reason_are_a_group(city):
    who, rows, _ = look_alikes()
    people = who["registered"]
    (finding,) = found(ForeignDrugs(), built(city, rows["registered"] + own_life(people) + town()))
    assert set(persons(finding)) <= set(people)


def test_the_row_order_leaves_no_trace(city):
    rows = rounds() + own_life(RING) + town()
    expected = found(ForeignDrugs(), built(city, rows))
    assert expected
    assert found(ForeignDrugs(), built(city, rows, order=lambda rows: shuffled(rows, seed=2))) == expected


def test_without_diagnoses_or_rows_there_is_nothing_to_find(city):
    blank = [{name: value for name, value in row.items() if name != "diagnosis_code"} for row in rounds() + town()]
    assert found(ForeignDrugs(), built(city, blank)) == []
    assert found(ForeignDrugs(), city([])) == []
