"""A place whose customers leave and whose billing goes on with others from afar is found; honest changes are not."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from detectors.replaced_custom import ReplacedCustom, breaks
from tests.detectors.finding_reader import START, found, others, persons, shuffled, signals, visit
from tests.detectors.pharmacy_row import CLINICS, LEFT, MOVE, OUTLET, SPAN, built, buys, places, sent_to, town

RING = tuple(range(8))
#: The next shop on either side of the outlet, two kilometres off.
NEIGHBOUR = OUTLET - 1
OLD = range(20_000, 20_020)


def left_behind(staying=0, until=MOVE):
    """The town, with twenty more customers of the outlet who also buy next door; all but so many leave it."""
    random = np.random.default_rng(4)
    rows = []
    for n, person in enumerate(OLD):
        last = SPAN if n < staying else until
        rows += buys(person, OUTLET, 0, last, 14 if n < staying else 10, random)
        rows += buys(person, NEIGHBOUR, 0, SPAN, 4, random)
    end = (START + timedelta(days=until)).isoformat()
    return rows + [row for row in town() if row["site_no"] != OUTLET or row["at"] < end]


def newcomers(people=RING, *, live_at=LEFT, times=8, first=MOVE + 3, **more):
    """Persons of another place who begin to be settled at the outlet, each on days of his own."""
    random = np.random.default_rng(5)
    rows = []
    for n, person in enumerate(people):
        rows += buys(person, live_at, 0, SPAN, 8, random)
        rows += buys(person, OUTLET, first + n, SPAN, times, random, **more)
    return rows


def nothing(city, rows, **tables):
    assert found(ReplacedCustom(), built(city, rows, **tables)) == []


def test_others_from_afar_who_are_settled_where_everybody_has_left_are_found(city):
    rows = newcomers() + left_behind()
    (finding,) = found(ReplacedCustom(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) == {("pharmacy", OUTLET, "site")}
    assert (finding.pattern, finding.kind) == ("proxy_settlement", "replaced_custom")
    there = [n for n, row in enumerate(rows) if row["person_no"] in RING and row["site_no"] == OUTLET]
    assert finding.settlements == tuple(there)
    assert finding.p_value < 0.05
    assert signals(finding) >= {"replaced_custom", "customers_replaced", "from_farther_away"}
    (taken,) = [signal for signal in finding.signals if signal.name == "customers_replaced"]
    assert taken.detail.en.startswith("8 of the 8 customers after the break are new")


def unknown(people):
    """Persons who are settled at the outlet and were known nowhere before."""
    random = np.random.default_rng(6)
    return [row for n, person in enumerate(people) for row in buys(person, OUTLET, MOVE + 4 + n, SPAN, 6, random)]


def test_who_was_known_nowhere_before_is_new_like_the_others(city):
    more = range(60, 63)
    rows = newcomers() + unknown(more) + left_behind()
    (finding,) = found(ReplacedCustom(), built(city, rows))
    assert persons(finding) == [*RING, *more]
    (taken,) = [signal for signal in finding.signals if signal.name == "customers_replaced"]
    assert taken.detail.en.startswith("11 of the 11 customers after the break are new")
    (sent,) = found(ReplacedCustom(), built(city, rows, registrations=sent_to(OUTLET, more)))
    assert persons(sent) == list(RING)


def test_of_whom_no_other_place_is_known_nobody_can_say_that_they_come_from_afar(city):
    nothing(city, unknown(range(60, 72)) + left_behind())


def test_a_place_that_closes_with_some_old_customers_left_is_none(city):
    nothing(city, left_behind(staying=4))


def test_a_new_owner_who_serves_the_neighbourhood_is_none(city):
    nothing(city, newcomers(live_at=NEIGHBOUR) + left_behind())


def test_where_the_old_customers_stay_nothing_was_replaced(city):
    nothing(city, newcomers() + left_behind(staying=20) + town())


def test_as_many_old_customers_as_new_ones_are_no_replacement(city):
    nothing(city, newcomers(RING[:5]) + left_behind(staying=5))


def test_whose_registration_names_the_place_was_sent_there(city):
    sent = sent_to(OUTLET, RING)
    nothing(city, newcomers() + left_behind(), registrations=sent)


def test_a_family_is_not_enough(city):
    home = [{"person_no": p, "household_no": p % 3} for p in RING]
    nothing(city, newcomers() + left_behind(), persons=home)


def test_patients_who_follow_their_doctor_are_explained(city):
    known = [visit(p, 40 + p, 10, CLINICS[0], doctor_no=3) for p in RING]
    rows = newcomers(doctor_no=3) + known + left_behind()
    (finding,) = found(ReplacedCustom(), built(city, rows, doctors=[{"doctor_no": 3}]))
    assert {cause.cause: cause.weight for cause in finding.benign}["followed_their_doctor"] >= 0.5


def test_without_coordinates_nobody_can_say_what_is_far(city):
    unplaced = {"longitude": None, "latitude": None}
    nothing(city, newcomers() + left_behind(), sites=places(**{str(OUTLET): unplaced}))


def test_a_change_in_the_last_weeks_is_not_told_yet(city):
    late = SPAN - 28
    nothing(city, newcomers(first=late + 1, times=5) + left_behind(until=late))


def test_the_row_order_leaves_no_trace(city):
    rows = newcomers() + left_behind()
    expected = found(ReplacedCustom(), built(city, rows))
    assert len(expected) == 1
    assert found(ReplacedCustom(), built(city, rows, order=shuffled)) == expected


def test_empty_tables_break_nothing(city):
    assert found(ReplacedCustom(), city([])) == []


@pytest.mark.parametrize(
    ("after", "told"),
    [(2, [(0, 20)]), (9, [(0, 20)]), (11, []), (40, [])],
    ids=["nearly all leave", "more than half", "less than half", "more come"],
)
def test_a_break_is_where_two_levels_fit_best(after, told):
    persons = np.array([[20.0] * 20 + [float(after)] * 20])
    assert list(breaks(persons, np.full((1, 40), 300.0), 8)) == told


def test_what_all_peers_lose_is_no_break():
    persons, base = np.array([[20.0] * 20 + [5.0] * 20]), np.array([[400.0] * 20 + [100.0] * 20])
    assert list(breaks(persons, base, 8)) == []
