"""Care spread over cards: one patient's rhythm on many cards is found; visitors and acute courses are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.care_streams import CareStreams
from tests.detectors.finding_reader import found, held_by, numbered, others, persons, shuffled, signals, visit

CENTRES = range(4)
RING = tuple(range(6))
SITE = 0
#: Three times a week.
WEEKDAYS = (0, 2, 4)
WEEKS = 20


def course(person, site, *, weeks=range(WEEKS), first=4, hour=9.0, **more):
    """Every session of one patient."""
    return [visit(person, first + 7 * week + day, hour, site, **more) for week in weeks for day in WEEKDAYS]


def town(patients=8, weeks=WEEKS):
    """Patients of four centres who come three times a week."""
    return [
        row
        for site in CENTRES
        for patient in range(patients)
        for row in course(100 * (site + 1) + patient, site, weeks=range(weeks), hour=8 + patient / 2)
    ]


def one_patient(sites=(SITE,), people=RING, first=5):
    """One more patient's course, every session on the card of another person."""
    rows = course(-1, sites[0], first=first, hour=13.5)
    return [
        {**row, "person_no": people[n % len(people)], "site_no": sites[n % len(sites)]} for n, row in enumerate(rows)
    ]


def with_lines(rows, items=("dialysis", "heparin")):
    """Fee lines of the service for every row that does not say otherwise."""
    return [
        {
            "line_id": f"L{number}-{item}", "settlement_no": number, "item_code": item, "is_drug": False,
            "quantity": 1.0, "amount_fen": 40_000,
        }
        for number, row in enumerate(rows)
        for item in row.get("items", items)
    ]  # fmt: skip


def built(city, rows, order=lambda rows: rows, **tables):
    lines = with_lines(rows)
    plain = [{name: value for name, value in row.items() if name != "items"} for row in rows]
    return city(order(numbered(plain)), lines=order(lines), **tables)


def test_one_patients_sessions_on_six_cards_are_found(city):
    rows = one_patient() + town()
    (finding,) = found(CareStreams(), built(city, rows))
    assert persons(finding) == list(RING)
    assert {member.role for member in finding.members if member.kind == "person"} == {"card_owner"}
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("impersonation", "care_stream")
    assert finding.settlements == held_by(rows, RING)
    assert finding.p_value < 1e-3
    assert signals(finding) >= {"sparse_users", "one_stream"}
    assert "regular_timetable" not in {cause.cause for cause in finding.benign}


def test_a_stream_over_two_centres_is_one_group(city):
    rows = one_patient(sites=(0, 3), people=tuple(range(10, 17))) + town()
    (finding,) = found(CareStreams(), built(city, rows))
    assert persons(finding) == list(range(10, 17))
    assert others(finding) == {("institution", 0, "site"), ("institution", 3, "site")}


def test_two_patients_at_one_centre_are_two_groups(city):
    # on different weekdays, each on the cards of six persons, who come by turns without order
    random = np.random.default_rng(3)
    second = tuple(range(20, 26))

    def by_turns(people, first):
        turns = [person for _ in range(WEEKS * 3 // 6) for person in random.permutation(people)]
        return [{**row, "person_no": int(turns[n])} for n, row in enumerate(one_patient(people=people, first=first))]

    rows = by_turns(RING, 5) + by_turns(second, 6) + town()
    findings = found(CareStreams(), built(city, rows))
    assert [persons(finding) for finding in findings] == [list(RING), list(second)]
    assert findings[0].settlements == held_by(rows, RING)


def test_other_care_that_needs_one_of_the_items_is_no_sparse_use(city):
    # chemotherapy every three weeks, with the blood count that every dialysis session has as well
    items = ("dialysis", "heparin", "blood_count")
    cycles = [
        visit(60 + p, 10 + p + 21 * n, 10.0, SITE, items=("chemotherapy", "port", "blood_count"))
        for p in range(9)
        for n in range(7)
    ]
    dialysed = [{**row, "items": items} for row in town()]
    assert found(CareStreams(), built(city, cycles + dialysed)) == []
    ring = [{**row, "items": items} for row in one_patient()]
    (finding,) = found(CareStreams(), built(city, ring + cycles + dialysed))
    assert persons(finding) == list(RING)


@pytest.mark.parametrize("visitors", [1, 2])
def test_patients_who_visit_the_city_or_break_off_are_no_stream(city, visitors):
    # a stay of a month in the city with a session now and then, elsewhere the rest
    guests = [visit(p, 20 + p + 14 * n, 10.0, SITE) for p in range(visitors) for n in range(5)]
    stopped = [row for p in (50, 51) for row in course(p, 1, weeks=range(3))]
    assert found(CareStreams(), built(city, guests + stopped + town())) == []


def test_patients_who_change_hospital_are_no_stream(city):
    moved = [row for p in RING for row in course(p, p % 2, weeks=range(9)) + course(p, 2, weeks=range(9, WEEKS))]
    assert found(CareStreams(), built(city, moved + town())) == []


def test_sparse_users_everywhere_are_how_the_service_is_used(city):
    sparse = [
        visit(900 + 20 * site + p, 10 + 7 * p + 18 * n, 15.0, site)
        for site in CENTRES
        for p in range(4)
        for n in range(4)
    ]
    assert found(CareStreams(), built(city, sparse + town())) == []


def test_a_short_treatment_of_an_acute_condition_is_no_stream(city):
    # a drip on five days running, by persons who never have it again
    acute = [visit(p, 12 + 9 * p + n, 11.0, SITE) for p in range(12) for n in range(5)]
    assert found(CareStreams(), built(city, acute + town())) == []


def test_a_service_that_nobody_takes_regularly_cannot_be_spread(city):
    seldom = [{**row, "items": ("x_ray",)} for row in one_patient()]
    now_and_then = [
        visit(500 + p, 11 * n + p % 7, 10.0, site, items=("x_ray",))
        for site in CENTRES
        for p in range(8)
        for n in range(5)
    ]
    assert found(CareStreams(), built(city, seldom + now_and_then + town())) == []


def test_drugs_are_no_service(city):
    rows = one_patient() + town()
    lines = [{**line, "is_drug": True} for line in with_lines(rows)]
    assert found(CareStreams(), city(rows, lines=lines)) == []


def test_a_family_is_not_enough(city):
    home = [{"person_no": person, "household_no": person % 2} for person in RING]
    assert found(CareStreams(), built(city, one_patient() + town(), persons=home)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = one_patient() + town()
    expected = found(CareStreams(), built(city, rows))
    assert len(expected) == 1
    assert found(CareStreams(), built(city, rows, order=shuffled)) == expected


def test_without_lines_nothing_is_found_and_nothing_breaks(city):
    assert found(CareStreams(), city(one_patient() + town(patients=2))) == []
    assert found(CareStreams(), city([])) == []


def in_turn(people, courses, *, site=SITE, uses=5):
    """One patient's course on one card after another, `uses` sessions each."""
    rows = course(-1, site, first=5, hour=13.5)
    return [{**row, "person_no": people[courses[n // uses]]} for n, row in enumerate(rows) if n // uses < len(courses)]


def test_a_course_handed_from_card_to_card_is_found_when_the_cards_come_round_again(city):
    rows = in_turn(RING, (0, 1, 2, 3, 1, 4, 0, 5, 2, 3, 4, 5)) + town()
    (finding,) = found(CareStreams(), built(city, rows))
    assert persons(finding) == list(RING)
    assert finding.settlements == held_by(rows, RING)
    assert finding.p_value < 1e-3
    assert "one_stream" in signals(finding)


def test_a_course_handed_over_for_good_is_found_where_others_stay_for_months(city):
    # nine cards for two weeks each, registered for the service as its patients are
    plans = [{"kind": "chronic_disease", "person_no": p, "disease_code": "M1"} for p in range(9)]
    rows = in_turn(tuple(range(9)), tuple(range(9)), uses=6) + town()
    (finding,) = found(CareStreams(), built(city, rows, registrations=plans))
    assert persons(finding) == list(range(9))
    assert finding.settlements == held_by(rows, range(9))
    assert finding.p_value < 1e-3
    assert "registered_treatment_plan" not in {cause.cause for cause in finding.benign}


def test_a_freed_place_that_the_next_patient_takes_over_is_no_relay(city):
    # each stays for weeks, and the next begins when he leaves
    rows = in_turn(tuple(range(4)), tuple(range(4)), uses=15) + town()
    assert found(CareStreams(), built(city, rows)) == []


def test_a_waiting_list_for_a_service_of_short_courses_is_no_relay(city):
    rows = in_turn(tuple(range(10)), tuple(range(10)), uses=6) + town(weeks=4)
    assert found(CareStreams(), built(city, rows)) == []


def test_patients_with_two_courses_of_their_own_are_no_relay(city):
    # courses of part-time users here and there, none waiting for the other
    courses = [
        row
        for p in range(8)
        for first in (6 + 5 * p, 76 + 7 * ((3 * p) % 8))
        for row in course(40 + p, SITE, weeks=range(2), first=first)
    ]
    assert found(CareStreams(), built(city, courses + town())) == []
