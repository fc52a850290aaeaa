"""Ever other illnesses with one doctor: a group is found; courses, frail patients everywhere and families are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.frequent_stays import FrequentStays
from tests.detectors.finding_reader import found, held_by, moment, numbered, others, persons, shuffled, signals

HOSPITALS = range(5)
DOCTORS = 4
RING = tuple(range(6))
SITE, DOCTOR = 1, 4
ILLNESSES = ("J42.x00", "M51.200", "H81.100", "K29.500")


def stay(person, site, doctor, day, diagnosis, nights=5):
    return {
        "person_no": int(person), "site_no": int(site), "doctor_no": doctor, "kind": "inpatient",
        "at": moment(day, 9), "until": moment(day + nights, 15), "diagnosis_code": diagnosis,
    }  # fmt: skip


def town(seed=1, patients=15, frail=lambda doctor: 0):
    """One stay of every doctor's patients; `frail` of them come back with another illness."""
    random = np.random.default_rng(seed)
    rows = []
    for doctor in range(DOCTORS * len(HOSPITALS)):
        for patient in range(patients):
            person, day = 100 * (doctor + 1) + patient, int(random.integers(80))
            stays = 2 if patient < frail(doctor) else 1
            rows += [
                stay(person, doctor // DOCTORS, doctor, day + 60 * n, ILLNESSES[(patient + n) % 4])
                for n in range(stays)
            ]
    return rows


def often(people=RING, places=((SITE, DOCTOR),), stays=3, illnesses=ILLNESSES):
    return [
        stay(p, *places[n % len(places)], 11 * p + 40 * n, illnesses[(p + n) % len(illnesses)])
        for p in people
        for n in range(stays)
    ]


def built(city, rows, **tables):
    return city(rows, derived=False, **tables)


def test_patients_who_come_back_to_one_doctor_with_ever_other_illnesses_are_found(city):
    rows = often() + town(frail=lambda doctor: doctor % 3 == 0)
    (finding,) = found(FrequentStays(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("sham_stay", "frequent_stays")
    assert finding.settlements == held_by(rows, RING)
    assert finding.p_value < 1e-2
    assert signals(finding) >= {"frequent_stays", "changing_illness", "three_stays"}


def test_doctors_of_two_hospitals_with_the_same_patients_are_one_group(city):
    rows = often(places=((SITE, DOCTOR), (3, 13)), stays=6) + town()
    (finding,) = found(FrequentStays(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {("institution", SITE, "site"), ("institution", 3, "site")}


@pytest.mark.parametrize("kind", ["course", "frail everywhere", "doctors differ", "family", "nothing unusual"])
def test_honest_returns_are_no_finding(city, kind):
    home, rows = [], []
    if kind == "course":
        # chemotherapy: one category, other digits
        rows = often(illnesses=("Z51.100", "Z51.103")) + town()
    elif kind == "frail everywhere":
        rows = often() + town(frail=lambda doctor: 5)
    elif kind == "doctors differ":
        # wards for the old have many such patients, wards for the young none
        rows = often(RING[:5], stays=2) + town(frail=lambda doctor: (0, 1, 5)[doctor % 3])
    elif kind == "family":
        rows, home = often() + town(), [{"person_no": p, "household_no": p % 2} for p in RING]
    else:
        rows = town(frail=lambda doctor: doctor % 2)
    assert found(FrequentStays(), built(city, rows, persons=home)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(often() + town(patients=8))
    expected = found(FrequentStays(), built(city, rows))
    assert len(expected) == 1
    assert found(FrequentStays(), built(city, shuffled(rows))) == expected
    assert found(FrequentStays(), built(city, [])) == []
