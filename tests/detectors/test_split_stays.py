"""Stays cut into pieces: one doctor's are found; courses of treatment, relapses and plans are not."""

from __future__ import annotations

import numpy as np

from detectors.split_stays import SplitStays
from tests.detectors.finding_reader import found, held_by, moment, numbered, others, persons, shuffled, signals

HOSPITALS = range(4)
DOCTORS = 3
RING = tuple(range(8))
SITE, DOCTOR = 1, 4


def stay(person, site, doctor, day, diagnosis="J40.x00", nights=5):
    return {
        "person_no": int(person), "site_no": int(site), "doctor_no": doctor, "kind": "inpatient",
        "at": moment(day, 9), "until": moment(day + nights, 15), "diagnosis_code": diagnosis,
    }  # fmt: skip


def town(seed=1, patients=20):
    """One stay of everybody; every twentieth patient relapses once."""
    random = np.random.default_rng(seed)
    rows = []
    for site in HOSPITALS:
        for doctor in range(DOCTORS):
            for patient in range(patients):
                person, day = 1000 * (site + 1) + 100 * doctor + patient, int(random.integers(150))
                rows.append(stay(person, site, DOCTORS * site + doctor, day))
                if patient % 20 == 0:
                    rows.append(stay(person, site, DOCTORS * site + doctor, day + 9, "J40.x01"))
    return rows


def cut(people=RING, pieces=3, diagnosis="J40.x00"):
    return [stay(p, SITE, DOCTOR, 10 * p + 8 * n, f"{diagnosis[:-1]}{n}") for p in people for n in range(pieces)]


def built(city, rows, **tables):
    return city(rows, derived=False, **tables)


def test_one_doctors_patients_who_are_discharged_and_taken_in_again_are_found(city):
    rows = cut() + town()
    (finding,) = found(SplitStays(), built(city, rows))
    assert set(RING) <= set(persons(finding)) <= {*RING, 2100}
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("sham_stay", "split_stays")
    assert set(held_by(rows, RING)) <= set(finding.settlements)
    assert finding.p_value < 1e-2
    assert {"split_stays", "split_again"} <= signals(finding)


def test_longer_gaps_are_found_by_whoever_asks_for_them(city):
    rows = [stay(p, SITE, DOCTOR, 10 * p + 17 * n) for p in RING for n in range(3)] + town()
    assert found(SplitStays(), built(city, rows)) == []
    (finding,) = found(SplitStays(), built(city, rows), most_gap=14)
    assert set(RING) <= set(persons(finding))


def test_a_category_whose_patients_come_back_everywhere_is_no_finding(city):
    courses = [
        stay(9000 + 100 * site + p, site, DOCTORS * site, p + 8 * n, f"Z51.{n}0")
        for site in HOSPITALS
        for p in range(12)
        for n in range(5)
    ]
    assert found(SplitStays(), built(city, courses + town())) == []


def test_what_only_one_hospital_treats_is_not_judged(city):
    courses = [stay(9000 + p, 0, 0, p + 8 * n, "Z51.100") for p in range(40) for n in range(5)]
    assert found(SplitStays(), built(city, courses + town())) == []


def test_registered_plans_and_unrelated_illnesses_are_no_finding(city):
    plans = [{"person_no": p, "registration_id": f"R{p}", "kind": "chronic_disease"} for p in RING]
    assert found(SplitStays(), built(city, cut() + town(), registrations=plans)) == []
    unrelated = [{**row, "diagnosis_code": f"{'JKM'[n % 3]}40.x00"} for n, row in enumerate(cut())]
    assert found(SplitStays(), built(city, unrelated + town())) == []


def test_relapses_at_everybodys_rate_and_single_families_are_no_finding(city):
    assert found(SplitStays(), built(city, town())) == []
    home = [{"person_no": p, "household_no": p % 4} for p in RING]
    assert found(SplitStays(), built(city, cut() + town(), persons=home), least_units=6) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(cut() + town())
    expected = found(SplitStays(), built(city, rows))
    assert len(expected) == 1
    assert found(SplitStays(), built(city, shuffled(rows))) == expected


def test_without_diagnoses_nothing_is_found_and_nothing_breaks(city):
    blank = [{**row, "diagnosis_code": None} for row in cut() + town(patients=3)]
    assert found(SplitStays(), built(city, blank)) == []
    assert found(SplitStays(), built(city, [])) == []
