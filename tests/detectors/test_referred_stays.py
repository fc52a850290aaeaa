"""Patients whom one doctor sends to a hospital that others do not choose are found; honest referral is not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.referred_stays import ReferredStays
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals, visit

VILLAGES, VILLAGERS = range(12), 10
#: The county's hospital, where most people lie; a township's; a private one far off.
COUNTY, TOWNSHIP, PRIVATE = 20, 21, 22
SPAN, VILLAGE = 300, 5
RING = tuple(100 * VILLAGE + n for n in range(8))


def places(**more):
    """Village clinics three kilometres apart in a row, each with a doctor of its number, and three hospitals."""
    row = [(site, 0.027 * site) for site in VILLAGES]
    hospitals = [(COUNTY, 0.4), (TOWNSHIP, 0.15), (PRIVATE, 0.9)]
    return [
        {
            "site_no": site,
            "kind": "institution",
            "longitude": 112.0,
            "latitude": 29.0 + north,
            **more.get(str(site), {}),
        }
        for site, north in [*row, *hospitals]
    ]


def stay(person, hospital, day, nights=6):
    return {
        "person_no": int(person), "site_no": hospital, "kind": "inpatient", "doctor_no": 50 + hospital,
        "at": moment(day, 9), "until": moment(day + nights, 15), "diagnosis_code": "J44.900",
    }  # fmt: skip


def sees(person, day, village=VILLAGE):
    return visit(person, day, 10, village, doctor_no=village)


def town(seed=1, hospital=lambda village, n: COUNTY if n % 4 else TOWNSHIP):
    """Everybody sees the village's doctor, and lies in hospital once, now and then soon after."""
    random = np.random.default_rng(seed)
    rows = []
    for village in VILLAGES:
        for n in range(VILLAGERS):
            person, day = 100 * village + n, int(random.integers(20, SPAN - 20))
            rows += [sees(person, d, village) for d in random.choice(SPAN, 5, replace=False)]
            rows += [stay(person, hospital(village, n), day)]
            rows += [sees(person, day - 2, village)] if n < 5 else []
    return rows


def sent(people=RING, to=PRIVATE, stays=3, lag=lambda n: n % 5, seed=2):
    """Admitted a few at a time, each after a visit `lag` days before; never all together."""
    random = np.random.default_rng(seed)
    rows = []
    for p, person in enumerate(people):
        for n in range(stays):
            day = 30 + 80 * n + int(random.integers(60))
            rows.append(stay(person, to, day))
            if lag(p + n) is not None:
                rows.append(sees(person, day - lag(p + n), person // 100))
    return rows


def built(city, rows, order=lambda rows: rows, sites=None, **tables):
    return city(order(numbered(rows)), derived=False, sites=sites or places(), **tables)


def nothing(city, rows, **tables):
    assert found(ReferredStays(), built(city, rows, **tables)) == []


def test_patients_who_are_sent_few_at_a_time_are_found_with_the_doctor_and_his_place(city):
    rows = sent() + town()
    (finding,) = found(ReferredStays(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {
        ("doctor", VILLAGE, "recruiter"),
        ("institution", VILLAGE, "referrer"),
        ("institution", PRIVATE, "site"),
    }
    assert (finding.pattern, finding.kind) == ("inducement", "referred_stays")
    assert finding.settlements == tuple(n for n, row in enumerate(rows) if row["site_no"] == PRIVATE)
    assert finding.p_value < 0.01
    assert signals(finding) >= {"referred_stays", "unlike_others_from_there", "seen_before_each_stay"}
    assert all(cause.weight < 0.3 for cause in finding.benign)
    (before,) = [signal for signal in finding.signals if signal.name == "seen_before_each_stay"]
    assert before.detail.en.startswith("16 of their 16 further stays followed")


def test_the_head_of_a_consortium_is_where_all_go(city):
    everybody = [100 * village + n for village in VILLAGES for n in range(8)]
    nothing(city, sent(everybody, to=PRIVATE) + town())
    nothing(city, sent(to=COUNTY) + town())


def test_the_referral_hospital_of_a_township_is_where_the_next_villages_go(city):
    near = range(VILLAGE - 3, VILLAGE + 4)
    nothing(city, sent() + town(hospital=lambda village, n: PRIVATE if village in near and n % 2 else COUNTY))


def test_a_hospital_that_the_village_goes_to_anyway_is_not_the_doctors_choice(city):
    more = [100 * VILLAGE + n for n in range(20, 40)]
    anyway = [row for p in more for row in (stay(p, PRIVATE, 10 * (p % 20) + 40), sees(p, 5), sees(p, 15))]
    nothing(city, sent() + anyway + town())


def test_where_every_doctor_has_a_hospital_of_his_own_one_more_tells_nothing(city):
    favourites = [row for v in VILLAGES for row in sent([100 * v + n for n in range(8)], to=30 + v % 6)]
    sites = [*places(), *({**places()[-1], "site_no": 30 + n} for n in range(6))]
    nothing(city, favourites + town(), sites=sites)
    (finding,) = found(ReferredStays(), built(city, sent(to=30) + town(), sites=sites))
    assert persons(finding) == list(RING)


@pytest.mark.parametrize(
    ("lag", "stays"),
    [(lambda n: (3, 20, 30, 25)[n % 4], 4), (lambda _: 2, 1), (lambda _: None, 3)],
    ids=["patients of a dialysis ward who see their doctor at times", "once each", "without a visit"],
)
def test_who_does_not_see_the_doctor_before_each_further_stay_was_not_sent(city, lag, stays):
    nothing(city, sent(lag=lag, stays=stays) + town())


def test_a_doctor_who_practises_at_the_hospital_takes_his_patients_there(city):
    both = [{"doctor_no": VILLAGE, "site_no": site, "registered": True} for site in (VILLAGE, PRIVATE)]
    nothing(city, sent() + town(), practices=both)


@pytest.mark.parametrize("whose", ["chain_id", "owner_id"])
def test_a_branch_of_the_hospital_sends_to_its_own_beds(city, whose):
    branch = {str(site): {whose: "K1"} for site in (VILLAGE, PRIVATE)}
    nothing(city, sent() + town(), sites=places(**branch))
    other = {str(site): {whose: f"K{site}"} for site in (VILLAGE, PRIVATE)}
    assert len(found(ReferredStays(), built(city, sent() + town(), sites=places(**other)))) == 1


def test_the_residents_of_a_nursing_home_are_explained(city):
    home = [{"person_no": p, "address_no": 7} for p in RING]
    (finding,) = found(ReferredStays(), built(city, sent() + town(), persons=home))
    assert finding.benign[0].cause == "nursing_home_or_shared_address"
    assert finding.benign[0].weight >= 0.5


def test_a_family_is_not_enough(city):
    home = [{"person_no": p, "household_no": p % 3} for p in RING]
    nothing(city, sent() + town(), persons=home)


def test_without_coordinates_nobody_can_say_who_lives_around(city):
    unplaced = {str(VILLAGE): {"longitude": None, "latitude": None}}
    nothing(city, sent() + town(), sites=places(**unplaced))


def test_the_row_order_leaves_no_trace(city):
    rows = sent() + town()
    expected = found(ReferredStays(), built(city, rows))
    assert len(expected) == 1
    assert found(ReferredStays(), built(city, rows, order=shuffled)) == expected
    assert found(ReferredStays(), city([], derived=False)) == []
