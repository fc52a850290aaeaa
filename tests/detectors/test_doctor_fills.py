"""Purchases after one doctor that are odd for the patients are found; a pharmacy next door and new drugs are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.doctor_fills import DoctorFills
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit

#: Doctors by number; each sees patients at a hospital of the same number.
DOCTORS = range(8)
PATIENTS = 12
PHARMACIES = range(20, 26)
#: Pharmacies across town, with customers of their own; the first is the one of the arrangement.
ACROSS = (40, 41, 42)
FAR = ACROSS[0]
DOCTOR = 2
RING = tuple(range(6))
SPAN = 180


def ordinary(random, person, doctor, times=6, home=None):
    """Visits to one doctor, each followed within hours by a purchase at the person's own pharmacy."""
    own = PHARMACIES[person % len(PHARMACIES)] if home is None else home
    days = random.choice(SPAN, times, replace=False)
    return [
        row
        for day in days
        for row in (
            visit(person, day, 9, doctor, doctor_no=doctor, total_fen=int(10_000 * np.exp(random.normal(0, 0.3)))),
            visit(person, day, 11, own, kind="pharmacy", total_fen=int(8_000 * np.exp(random.normal(0, 0.3)))),
        )
    ]


def town(seed=1):
    """Every doctor's patients, customers of the pharmacies across town, people who buy everywhere for varying money.

    The last are those whose visits are odd in an ordinary town; the ring's own life is spread over all doctors.
    """
    random = np.random.default_rng(seed)
    rows = [row for d in DOCTORS for p in range(PATIENTS) for row in ordinary(random, 100 * (d + 1) + p, d)]
    rows += [
        visit(1000 * site + p, random.integers(SPAN), random.uniform(8, 18), site, kind="pharmacy", total_fen=8_000)
        for site in ACROSS
        for p in range(15)
        for _ in range(8)
    ]
    rows += [
        visit(
            7000 + p, random.integers(SPAN), random.uniform(8, 18), random.choice((*PHARMACIES, *ACROSS)),
            kind="pharmacy", total_fen=int(8_000 * np.exp(random.normal(0, 0.8))),
        )
        for p in range(50)
        for _ in range(9)
    ]  # fmt: skip
    return rows + [row for person in RING for row in ordinary(random, person, (person + 3) % len(DOCTORS))]


def dear(people=RING, doctor=DOCTOR, times=3, sites=(FAR,), first=10, **more):
    """Each time after seeing the doctor, a dear purchase at a pharmacy that the person does not use otherwise."""
    return [
        row
        for person in people
        for n in range(times)
        for row in (
            visit(person, first + 50 * n + 3 * (person % 10), 14, doctor, doctor_no=doctor),
            visit(
                person, first + 50 * n + 3 * (person % 10), 16, sites[(person + n) % len(sites)],
                **{"kind": "pharmacy", "total_fen": 60_000, **more},
            ),
        )
    ]  # fmt: skip


def built(city, rows, order=lambda rows: rows, **tables):
    shops = sorted({row["site_no"] for row in rows if row.get("kind") == "pharmacy"})
    return city(order(numbered(rows)), sites=[{"site_no": site, "kind": "pharmacy"} for site in shops], **tables)


def test_odd_purchases_after_one_doctor_are_found_with_doctor_visits_and_purchases(city):
    rows = dear() + town()
    (finding,) = found(DoctorFills(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) >= {("doctor", DOCTOR, "doctor"), ("pharmacy", FAR, "site")}
    assert (finding.pattern, finding.kind) == ("doctor_pharmacy", "doctor_fills")
    assert finding.settlements == tuple(range(len(dear())))
    assert finding.p_value < 0.05
    assert signals(finding) >= {"doctor_fills", "few_pharmacies"}


def test_single_purchases_at_the_pharmacies_of_the_arrangement_count_too(city):
    once = tuple(range(10, 14))
    random = np.random.default_rng(3)
    life = [row for person in once for row in ordinary(random, person, (person + 3) % len(DOCTORS))]
    rows = dear() + dear(once, times=1) + dear((14,), times=1, sites=ACROSS[1:]) + life + town()
    (finding,) = found(DoctorFills(), built(city, rows))
    # who bought once elsewhere had a reason of the own
    assert persons(finding) == [*RING, *once]


def priced(rows):
    """The same drug in every purchase, dear in those of the arrangement, which come first."""
    ring = set(range(len(dear())))
    return [
        {
            "line_id": f"L{no}", "settlement_no": no, "item_code": "D", "is_drug": True, "quantity": 1.0,
            "amount_fen": 1_700 if no in ring else 1_000, "source_file": "f", "source_line": no,
        }
        for no, row in enumerate(rows)
        if row.get("kind") == "pharmacy"
    ]  # fmt: skip


def test_prices_above_the_peers_stand_with_the_finding(city):
    rows = dear() + town()
    (finding,) = found(DoctorFills(), built(city, rows, lines=priced(rows)))
    told = [signal for signal in finding.signals if signal.name == "price_above_peers"]
    assert len(told) == 1
    assert "18 of 18" in told[0].detail.en


def test_each_doctor_stands_alone(city):
    second = tuple(range(10, 17))
    random = np.random.default_rng(3)
    life = [row for person in second for row in ordinary(random, person, person % len(DOCTORS))]
    rows = dear() + dear(second, doctor=5, sites=ACROSS[1:]) + life + town()
    findings = found(DoctorFills(), built(city, rows))
    told = {
        (no, tuple(persons(finding))) for finding in findings for kind, no, _ in others(finding) if kind == "doctor"
    }
    assert told == {(DOCTOR, RING), (5, second)}


def test_a_pharmacy_next_door_that_serves_all_doctors_alike_is_no_arrangement(city):
    # now and then every doctor's patients buy something dear at the place opposite
    patients = [(100 * (d + 1) + p, d) for d in DOCTORS for p in range(6)]
    rows = [row for person, doctor in patients for row in dear((person,), doctor=doctor, times=2)] + town()
    connection = built(city, rows)
    odd = connection.execute(
        "SELECT count(*) FROM odd_visits WHERE odd_p <= 0.15 AND site_no = $site", {"site": FAR}
    ).fetchone()
    assert odd[0] > 30
    assert found(DoctorFills(), connection) == []


def near(shop):
    """Coordinates: the doctor's hospital beside `shop`, and every other place kilometres away."""
    return {DOCTOR: (0.0, 0.0), shop: (0.002, 0.0)} | {
        site: (0.1 + 0.01 * n, 0.1) for n, site in enumerate((*PHARMACIES, *ACROSS)) if site != shop
    }


def placed(city, rows, places, **tables):
    sites = [
        {
            "site_no": site, "kind": "institution" if site in DOCTORS else "pharmacy",
            "latitude": places[site][0], "longitude": places[site][1],
        }
        for site in sorted(places)
    ]  # fmt: skip
    return city(numbered(rows), sites=sites, **tables)


@pytest.mark.parametrize(("shop", "weight"), [(FAR, 0.9), (ACROSS[1], 0.0)], ids=["next door", "across town"])
def test_the_pharmacy_nearest_to_the_doctor_is_the_nearest_cause(city, shop, weight):
    (finding,) = found(DoctorFills(), placed(city, dear() + town(), near(shop)))
    assert {cause.cause: cause.weight for cause in finding.benign}.get("next_door", 0.0) == weight


def test_nearness_sets_no_price(city):
    rows = dear() + town()
    lines = priced(rows)
    (finding,) = found(DoctorFills(), placed(city, rows, near(FAR), lines=lines))
    assert {cause.cause: cause.weight for cause in finding.benign}["next_door"] == pytest.approx(0.27)


@pytest.mark.parametrize("people", [1, 3])
def test_new_drugs_of_a_specialist_for_few_patients_are_no_arrangement(city, people):
    assert found(DoctorFills(), built(city, dear(RING[:people]) + town())) == []


def test_patients_who_had_to_go_elsewhere_once_are_no_arrangement(city):
    assert found(DoctorFills(), built(city, dear(times=1) + town())) == []


def test_purchases_that_are_usual_for_the_patients_are_no_arrangement(city):
    own = [
        {**row, "site_no": PHARMACIES[row["person_no"] % len(PHARMACIES)], "total_fen": 8_000}
        if row.get("kind") == "pharmacy"
        else row
        for row in dear()
    ]
    assert found(DoctorFills(), built(city, own + town())) == []


def test_purchases_days_after_the_visit_are_not_the_doctors(city):
    later = [
        visit(row["person_no"], 2 + n // 2, 16, row["site_no"], kind="pharmacy", total_fen=60_000)
        if row.get("kind") == "pharmacy"
        else row
        for n, row in enumerate(dear())
    ]
    assert found(DoctorFills(), built(city, later + town())) == []


def test_a_family_is_not_enough(city):
    home = [{"person_no": person, "household_no": person % 3} for person in RING]
    assert found(DoctorFills(), built(city, dear() + town(), persons=home)) == []


def test_honest_doctors_have_no_finding(city):
    assert found(DoctorFills(), built(city, town(seed=4))) == []


def test_the_row_order_leaves_no_trace(city):
    rows = dear() + town()
    expected = found(DoctorFills(), built(city, rows))
    assert len(expected) == 1
    assert found(DoctorFills(), built(city, rows, order=shuffled)) == expected


def test_without_doctors_or_rows_nothing_is_found_and_nothing_breaks(city):
    unknown = [{**row, "doctor_no": None} for row in dear() + town()]
    assert found(DoctorFills(), built(city, unknown)) == []
    assert found(DoctorFills(), city([])) == []
