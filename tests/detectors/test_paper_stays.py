"""Stays on paper: one doctor's patients without beds, charges and presence; busy wards, feeds and paths are not."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from detectors.groups import read_sql
from detectors.paper_stays import PaperStays
from tests.detectors.finding_reader import START, found, held_by, moment, numbered, others, persons, shuffled, signals

HOSPITALS = range(4)
DOCTORS = 3
RING = tuple(range(7))
#: The hospital and the doctor of the ring.
SITE, DOCTOR = 0, 0
ITEMS = tuple(f"I{n}" for n in range(12))


class Wards:
    """Stays and their bills, grown row by row; numbers of stays are their places in `stays`."""

    def __init__(self, seed=1):
        self.random = np.random.default_rng(seed)
        self.stays = []
        self.lines = []

    def stay(
        self, person, site, doctor, day, *, nights=6, bed=None, days=None, bill=None, bed_days=None, diagnosis=None
    ):
        """One stay: charges on every day (or the first `days`), a bill of its own unless `bill` seeds it.

        `bed_days` are charged for bed and for nursing, as many as nights unless said otherwise.
        """
        number = len(self.stays)
        random = self.random if bill is None else np.random.default_rng(bill)
        items = random.choice(len(ITEMS), 7, replace=False)
        quantities = random.integers(1, 30, 7)
        charged = nights if days is None else days
        self.lines += [
            {
                "line_id": f"L{number}-{n}", "settlement_no": number, "item_code": ITEMS[item], "is_drug": False,
                "quantity": float(quantity), "amount_fen": 1000, "occurred_at": moment(day + n % charged, 10),
            }
            for n, (item, quantity) in enumerate(zip(items, quantities, strict=True))
        ]  # fmt: skip
        nursed = nights if bed_days is None else bed_days
        self.lines += [
            {
                "line_id": f"L{number}-{charge}", "settlement_no": number, "item_code": f"day {charge}",
                "is_drug": False, "charge_type": charge, "quantity": float(nursed), "amount_fen": 3000 * nursed,
                "occurred_at": moment(day, 10),
            }
            for charge in ("01", "07") if nursed
        ]  # fmt: skip
        self.stays.append({
            "person_no": int(person), "site_no": int(site), "doctor_no": doctor, "kind": "inpatient",
            "diagnosis_code": diagnosis,
            "at": moment(day, 9), "until": moment(day + nights, 15),
            # a bed of one's own unless said otherwise
            "bed": f"own {number}" if bed is None else bed,
            "total_fen": int(400_000 * np.exp(self.random.normal(0, 0.4))),
        })  # fmt: skip

    def visit(self, person, site, day):
        self.stays.append({"person_no": int(person), "site_no": int(site), "kind": "pharmacy", "at": moment(day, 11)})

    def city(self, build, order=lambda rows: rows, **tables):
        return build(order(numbered(self.stays)), lines=order(self.lines), **tables)


def town(patients=24, seed=1):
    """Two honest stays each of every doctor's patients."""
    wards = Wards(seed)
    for site in HOSPITALS:
        for doctor in range(DOCTORS):
            for patient in range(patients):
                person = 1000 * (site + 1) + 100 * doctor + patient
                for half in range(2):
                    wards.stay(person, site, DOCTORS * site + doctor, wards.random.integers(80) + 90 * half)
    return wards


def on_paper(wards):
    """Two stays each of the ring: days without charges, one bill, shared beds, purchases elsewhere meanwhile."""
    for person in RING:
        for half in range(2):
            day = 10 + 7 * (person % 3) + 90 * half + int(wards.random.integers(4))
            wards.stay(person, SITE, DOCTOR, day, bed=f"B{person % 3}", days=1, bill=77 + half)
            if person % 2:
                wards.visit(person, 9, day + 3)
    return wards


def test_one_doctors_patients_who_left_no_trace_are_found(city):
    wards = on_paper(town())
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(RING)
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("sham_stay", "paper_stays")
    inside = [n for n in held_by(wards.stays, RING) if wards.stays[n]["kind"] == "inpatient"]
    assert finding.settlements == tuple(inside)
    assert finding.p_value < 1e-6
    assert signals(finding) >= {"paper_stays", *(f"paper_stays.{name}" for name in ("bed", "bare", "copied", "away"))}


def test_patients_who_go_from_house_to_house_are_one_group(city):
    wards = town()
    for person in RING:
        for half, (site, doctor) in enumerate(((0, 0), (1, 3))):
            wards.stay(person, site, doctor, 20 + 90 * half + person, days=1, bill=70 + half)
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(RING)
    assert others(finding) == {("institution", 0, "site"), ("institution", 1, "site")}


def without_care(wards, *, bought=True, **more):
    """Two stays each of the ring, none of whose nights is charged for, with purchases elsewhere meanwhile."""
    for person in RING:
        for half in range(2):
            day = 10 + 7 * (person % 3) + 90 * half + int(wards.random.integers(4))
            wards.stay(person, SITE, DOCTOR, day, bed_days=0, **more)
            if bought:
                wards.visit(person, 9, day + 3)
    return wards


def test_stays_without_bed_and_care_of_persons_about_town_are_found(city):
    wards = without_care(town())
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(RING)
    assert {name for name in signals(finding) if name.startswith("paper_stays.")} == {
        "paper_stays.uncared",
        "paper_stays.away",
    }


def test_patients_of_a_second_group_of_the_same_doctor_are_left_out(city):
    wards = without_care(town())
    # another group of the doctor's, whose bills are copies of one another and nothing else
    for person in range(9100, 9108):
        for half in range(2):
            wards.stay(person, SITE, DOCTOR, 15 + 90 * half + person % 5, bill=500 + half)
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(RING)


#: Two doctors at two hospitals, and illnesses of different categories.
HOUSES = ((0, 0), (1, 3))
ILLNESSES = ("I10.x00", "J44.900", "I69.300")


def on_a_cycle(wards, people, houses=HOUSES, illnesses=ILLNESSES):
    """Three stays a person, two of them without bed and care: now here, now there, each time for another illness."""
    for person in people:
        for turn in range(3):
            site, doctor = houses[(person + turn) % len(houses)]
            day = 5 + 28 * turn + 3 * (person % 7)
            diagnosis = illnesses[turn % len(illnesses)]
            wards.stay(person, site, doctor, day, nights=5, bed_days=0 if turn != 1 else None, diagnosis=diagnosis)


def test_one_kind_of_mark_that_comes_back_at_another_house_is_told(city):
    wards = town()
    on_a_cycle(wards, range(9000, 9008), houses=((0, 0), (1, 3), (2, 6)))
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(range(9000, 9008))
    assert {name for name in signals(finding) if name.startswith("paper_stays.")} == {"paper_stays.uncared"}


def test_one_kind_of_mark_that_comes_back_for_another_illness_is_told(city):
    wards = town()
    on_a_cycle(wards, RING[:4], houses=((0, 0),))
    # a busy doctor, whose other patients are charged for their nights
    for person in range(9300, 9500):
        wards.stay(person, 0, 0, int(wards.random.integers(150)), diagnosis=ILLNESSES[person % 3])
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(RING[:4])


def test_one_kind_of_mark_that_comes_back_for_the_same_illness_with_the_same_doctor_is_none(city):
    wards = town()
    on_a_cycle(wards, RING, houses=((0, 0),), illnesses=("C34.900",))
    assert found(PaperStays(), wards.city(city)) == []


def test_a_day_ward_for_many_illnesses_is_no_sham(city):
    # the doctor's patients come back, for one complaint or another, and none of them is charged for a night
    wards = town()
    on_a_cycle(wards, range(9000, 9012), houses=((2, 100),))
    for person in range(9100, 9130):
        wards.stay(person, 2, 100, int(wards.random.integers(150)), nights=5, bed_days=0, diagnosis="M54.500")
    assert found(PaperStays(), wards.city(city)) == []


def test_a_doctor_who_practises_at_two_houses_brings_the_day_ward_along(city):
    wards = town()
    on_a_cycle(wards, range(9000, 9008), houses=((0, 100), (1, 100)), illnesses=("C34.900",))
    assert found(PaperStays(), wards.city(city)) == []


def test_charges_that_a_house_lost_for_some_weeks_are_no_sham(city):
    # who comes twice in these weeks, even for another illness, is no more than the others who came
    wards = town(patients=40)
    for number, row in enumerate(wards.stays):
        row["diagnosis_code"] = ILLNESSES[number % 3]
    for patient in range(10):
        for turn in range(2):
            wards.stay(9000 + patient, 2, 6, 30 + 12 * turn, nights=5, diagnosis=ILLNESSES[turn])
    lost = {
        number
        for number, row in enumerate(wards.stays)
        if row["site_no"] == 2 and 20 <= (datetime.fromisoformat(row["at"]) - START).days < 55
    }
    wards.lines = [row for row in wards.lines if row["settlement_no"] not in lost or "charge_type" not in row]
    assert found(PaperStays(), wards.city(city)) == []


def test_full_wards_of_two_houses_are_no_sham(city):
    wards = town()
    for row in wards.stays:
        if row["site_no"] in (1, 2) and wards.random.random() < 0.4:
            row["bed"] = f"extra {int(wards.random.integers(4))} {row['site_no']}"
    for patient in range(12):
        for turn, (site, doctor) in enumerate(((1, 3), (2, 6))):
            wards.stay(9000 + patient, site, doctor, 20 + 60 * turn + 2 * patient, bed=f"extra {patient % 4} {site}")
    assert found(PaperStays(), wards.city(city)) == []


def test_the_dying_without_daily_charges_are_left_out_of_the_group_of_their_doctor(city):
    wards = town()
    on_a_cycle(wards, range(9000, 9008), houses=((0, 0), (1, 3), (2, 6)))
    for person in range(9100, 9108):
        wards.stay(person, 0, 0, 10 + 9 * (person % 8), nights=20, days=1, bed_days=0, diagnosis="Z51.501")
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(range(9000, 9008))


def test_two_groups_that_share_one_doctor_are_told_apart(city):
    wards = town()
    # each has a doctor of its own besides, and one person of the other's lies there as well
    for group, (site, doctor) in enumerate(((1, 3), (2, 6))):
        for person in range(9000 + 100 * group, 9008 + 100 * group):
            shared = person % 100 < 4
            for turn, place in enumerate(((site, doctor), (0, 0) if shared else (site, doctor), (site, doctor))):
                day = 8 + 50 * turn + 4 * (person % 8)
                wards.stay(person, *place, day, bed_days=0)
                wards.visit(person, 9, day + 3)
    wards.stay(9100, 1, 3, 160, bed_days=0)
    findings = found(PaperStays(), wards.city(city))
    assert [persons(finding) for finding in findings] == [list(range(9000, 9008)), list(range(9100, 9108))]


def test_groups_of_one_doctor_with_marks_of_another_kind_are_told_apart(city):
    wards = without_care(town())
    # copies of one another, and a shared bed now and then, with nothing left out of the bills
    for person in range(9100, 9108):
        for half in range(3):
            day = 12 + 50 * half + 2 * (person % 4)
            wards.stay(person, SITE, DOCTOR, day, bill=500 + half, bed=f"C{person // 2}" if half else None)
    findings = found(PaperStays(), wards.city(city))
    assert sorted(persons(finding) for finding in findings) == [list(RING), list(range(9100, 9108))]


def test_a_patient_who_only_buys_elsewhere_does_not_belong(city):
    wards = on_paper(town())
    for half in range(2):
        wards.stay(9100, SITE, DOCTOR, 15 + 90 * half)
        wards.visit(9100, 9, 18 + 90 * half)
    (finding,) = found(PaperStays(), wards.city(city))
    assert persons(finding) == list(RING)


def test_a_day_ward_that_charges_no_nights_is_no_sham(city):
    # nights are not charged for, and what is done falls on few days: one and the same emptiness
    wards = without_care(town(), bought=False, days=1)
    assert found(PaperStays(), wards.city(city)) == []


def test_a_price_for_the_whole_stay_is_no_sham(city):
    wards = without_care(town())
    for number, row in enumerate(wards.stays):
        if row["person_no"] in RING and row["kind"] == "inpatient":
            wards.lines.append(
                {
                    "line_id": f"package {number}", "settlement_no": number, "item_code": "package", "is_drug": False,
                    "charge_type": "14", "quantity": 1.0, "amount_fen": 500_000, "occurred_at": row["at"],
                }
            )  # fmt: skip
    assert found(PaperStays(), wards.city(city)) == []


def test_a_hospital_that_charges_no_nights_at_all_is_no_sham(city):
    wards = town()
    ours = {number for number, row in enumerate(wards.stays) if row["site_no"] == 2}
    wards.lines = [row for row in wards.lines if row["settlement_no"] not in ours or "charge_type" not in row]
    for number in sorted(ours)[::3]:
        wards.visit(
            wards.stays[number]["person_no"], 9, (datetime.fromisoformat(wards.stays[number]["at"]) - START).days + 3
        )
    assert found(PaperStays(), wards.city(city)) == []


@pytest.mark.parametrize("has_doctors", [True, False])
def test_extra_beds_at_one_busy_hospital_are_no_sham(city, has_doctors):
    wards = town()
    for number, row in enumerate(wards.stays):
        if row["site_no"] == 2 and wards.random.random() < 0.4:
            row["bed"] = f"extra {number % 4}"
        if row["site_no"] == 2 and not has_doctors:
            row["doctor_no"] = None
    assert found(PaperStays(), wards.city(city)) == []


def test_a_feed_that_loses_the_charges_of_a_whole_hospital_is_no_sham(city):
    wards = town()
    for row in wards.lines:
        stay = wards.stays[row["settlement_no"]]
        if stay["site_no"] == 2:
            row["occurred_at"] = stay["at"]
    assert found(PaperStays(), wards.city(city)) == []


def test_relatives_who_fetch_drugs_during_one_stay_are_no_sham(city):
    wards = town()
    # every patient of one doctor has somebody who buys what the ward does not keep, once
    first_stays = [row for row in wards.stays if row["doctor_no"] == 4][::2]
    for row in first_stays:
        wards.visit(row["person_no"], 9, (datetime.fromisoformat(row["at"]) - START).days + 3)
    connection = wards.city(city)
    assert connection.execute("SELECT count(*) FROM \"overlaps\" WHERE kind = 'stay_and_visit'").fetchone() == (24,)
    assert found(PaperStays(), connection) == []


def test_long_stays_have_more_occasions_and_a_trace_outside_tells_less_of_them(city):
    wards = town()
    for person, nights in ((9100, 3), (9101, 24)):
        wards.stay(person, SITE, DOCTOR, 20, nights=nights)
        wards.visit(person, 9, 21)
    for person in range(9200, 9220):
        wards.stay(person, 2, 6, 20, nights=5)
        wards.visit(person, 9, 22)
    params = {param.name: param.default for param in PaperStays().spec.params}
    sql = read_sql("paper_stays")
    asked = {name: value for name, value in params.items() if f"${name}" in sql}
    rows = wards.city(city).execute(sql, asked).df().set_index("person_no")["away"]
    assert 0 < rows[9101] < rows[9100] - 1


def months_of_rest(wards, site, doctor, first):
    """Ten patients of a house of long stays, three turns each, two to a bed, with a purchase outside now and then."""
    for person in range(first, first + 10):
        for turn in range(3):
            day = 5 + 45 * turn + person % 9
            wards.stay(person, site, doctor, day, nights=30, bed=f"R{person // 2}" if turn else None)
            if (person + turn) % 3:
                wards.visit(person, 9, day + 11)


def test_patients_who_lie_for_months_are_held_against_one_another(city):
    wards = town()
    months_of_rest(wards, 1, 3, 9100)
    # where nobody else lies as long, nothing can be said but that
    assert {no for finding in found(PaperStays(), wards.city(city)) for no in persons(finding)} >= set(
        range(9100, 9110)
    )
    for site, doctor in ((0, 1), (2, 7), (3, 10)):
        months_of_rest(wards, site, doctor, 9200 + 100 * site)
    assert found(PaperStays(), wards.city(city)) == []


def test_equal_bills_of_one_clinical_path_are_no_sham(city):
    wards = town()
    # two eyes, two stays, one price: the patients of one surgeon
    for patient in range(12):
        for half in range(2):
            wards.stay(8000 + patient, 2, 6, 12 + 2 * patient + 80 * half, bill=5)
    assert found(PaperStays(), wards.city(city)) == []


def test_two_households_are_not_enough(city):
    wards = on_paper(town())
    home = [{"person_no": person, "household_no": person % 2} for person in RING]
    assert found(PaperStays(), wards.city(city, persons=home)) == []


def test_honest_wards_have_no_finding(city):
    assert found(PaperStays(), town(seed=5).city(city)) == []


def test_the_row_order_leaves_no_trace(city):
    wards = on_paper(town())
    expected = found(PaperStays(), wards.city(city))
    assert len(expected) == 1
    assert found(PaperStays(), wards.city(city, order=shuffled)) == expected


def test_without_lines_and_beds_nothing_is_found_and_nothing_breaks(city):
    wards = on_paper(town(patients=4))
    wards.lines = []
    for row in wards.stays:
        row["bed"] = None
    assert found(PaperStays(), wards.city(city)) == []
    assert found(PaperStays(), city([])) == []
