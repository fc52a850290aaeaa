"""Guest terminals: persons who come on a guest's days alone are found; new, evening and lent desks are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.guest_terminals import GuestTerminals
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals, visit

#: The outlet, the site at which the guest is at home, and a third one.
SITE, HOME, THIRD = range(3)
RING = tuple(range(6))
GUEST = 11
SPAN = 170
#: Irregular days on which the guest signs in at SITE, and those on which its home is suspended.
DAYS = (45, 49, 58, 64, 71, 83, 88, 97, 104, 112)
PAUSED = (40, 120)


def sign_in(site, day, terminal, hours=(7.5, 18.5)):
    return {
        "site_no": site, "terminal_no": terminal, "from_at": moment(day, hours[0]), "until_at": moment(day, hours[1]),
    }  # fmt: skip


def working_days(closed=PAUSED):
    """A terminal of its own at each site every day, at HOME not while it is suspended."""
    return [
        sign_in(site, day, 10 + site)
        for site in (SITE, HOME, THIRD)
        for day in range(SPAN)
        if site != HOME or not closed[0] <= day <= closed[1]
    ]


def customers(first, number, visits=12, days=(0, SPAN), hours=(8, 18), site=SITE, seed=1):
    """Customers of a site who come on any day."""
    random = np.random.default_rng(seed)
    return [
        visit(first + n, random.integers(*days), random.uniform(*hours), site, kind="pharmacy")
        for n in range(number)
        for _ in range(visits)
    ]


def town():
    return customers(100, 40) + customers(200, 30, site=THIRD, seed=2)


def sessions(days=DAYS, people=RING, attends=0.7, seed=3, first_hour=9.0):
    """The ring's settlements on the guest's days, and its ordinary life at another site."""
    random = np.random.default_rng(seed)
    met = [
        visit(person, day, first_hour + random.uniform(0, 8), SITE, kind="pharmacy", total_fen=20_000)
        for day in days
        for person in people
        if random.random() < attends
    ]
    elsewhere = [
        visit(person, random.integers(SPAN), random.uniform(8, 18), THIRD, kind="pharmacy")
        for person in people
        for _ in range(8)
    ]
    return met + elsewhere


def guest(days=DAYS, terminal=GUEST, site=SITE, hours=(7.5, 18.5)):
    return [sign_in(site, day, terminal, hours) for day in days]


def built(city, rows, sign_ins, order=lambda rows: rows, **tables):
    signed = [{"sign_in_id": f"G{number}", **row} for number, row in enumerate(sign_ins)]
    pause = {"site_no": HOME, "kind": "1", "from_at": moment(PAUSED[0]), "until_at": moment(PAUSED[1])}
    sites = [{"site_no": site, "kind": "pharmacy"} for site in (SITE, HOME, THIRD)]
    rows = [*rows, *customers(400, 20, days=(0, PAUSED[0]), site=HOME, seed=4)]
    return city(order(numbered(rows)), sign_ins=order(signed), sites=sites, site_pauses=[pause], **tables)


def test_persons_who_come_when_a_suspended_sites_terminal_signs_in_are_found(city):
    (finding,) = found(GuestTerminals(), built(city, sessions() + town(), working_days() + guest()))
    assert persons(finding) == list(RING)
    assert others(finding) >= {
        ("pharmacy", SITE, "site"), ("pharmacy", HOME, "hidden_site"), ("terminal", GUEST, "terminal")
    }  # fmt: skip
    assert (finding.pattern, finding.kind) == ("proxy_settlement", "guest_terminal")
    assert finding.p_value < 1e-6
    assert signals(finding) >= {"guest_terminal", "home_site_suspended"}
    assert "该机构" in finding.text.zh
    assert "a terminal was signed in" in finding.text.en


def test_a_terminal_known_nowhere_else_is_a_guest_as_well(city):
    (finding,) = found(GuestTerminals(), built(city, sessions() + town(), working_days() + guest(terminal=77)))
    assert persons(finding) == list(RING)
    assert not {role for _, _, role in others(finding)} & {"hidden_site"}
    assert "home_site_suspended" not in signals(finding)


def test_guests_that_serve_the_same_persons_are_told_together(city):
    both = guest(DAYS[::2], terminal=77) + guest(DAYS[1::2], terminal=78)
    (finding,) = found(GuestTerminals(), built(city, sessions() + town(), working_days() + both))
    assert persons(finding) == list(RING)
    assert {no for kind, no, _ in others(finding) if kind == "terminal"} == {77, 78}


def test_customers_who_were_there_meanwhile_are_left_out(city):
    served = [visit(100 + n, day, 10 + n % 7, SITE, kind="pharmacy") for day in DAYS[:2] for n in range(10)]
    (finding,) = found(GuestTerminals(), built(city, sessions() + served + town(), working_days() + guest()))
    assert persons(finding) == list(RING)


@pytest.mark.parametrize(
    "kind",
    ["second desk", "new desk", "replaced terminal", "evening desk", "bought computer", "lent round a chain"],
)
def test_terminals_that_customers_do_not_choose_are_none(city, kind):
    random = np.random.default_rng(5)
    rows, signed = town(), working_days()
    if kind == "second desk":
        # opened when there is much to do, whoever comes
        signed += guest(days=sorted(random.choice(SPAN, 50, replace=False)), terminal=77)
    elif kind == "new desk":
        # on two days of three, with customers who have come only since then
        signed += guest(days=[day for day in range(120, SPAN) if random.random() < 0.66], terminal=77)
        rows += customers(500, 20, visits=6, days=(120, SPAN))
    elif kind == "replaced terminal":
        signed = [
            {**row, "terminal_no": 77} if row["terminal_no"] == 10 and row["from_at"] > moment(130) else row
            for row in signed
        ]
        rows += customers(500, 20, visits=6, days=(131, SPAN))
    elif kind == "evening desk":
        # on half of the evenings; some customers come in the evening only
        signed += guest(days=sorted(random.choice(SPAN, 85, replace=False)), terminal=77, hours=(18, 21))
        rows += customers(500, 20, visits=10, hours=(18.1, 20.9))
    elif kind == "bought computer":
        # what the closed site had now stands here, on most days; its customers came along and choose no days
        signed += guest(days=[day for day in range(45, SPAN) if random.random() < 0.65])
        rows += customers(400, 20, visits=10, days=(45, SPAN))
    elif kind == "lent round a chain":
        signed += guest(days=range(9, SPAN, 16), terminal=12)
    assert found(GuestTerminals(), built(city, rows, signed)) == []


def test_visits_to_the_home_with_a_mobile_terminal_are_explained_by_their_timetable(city):
    days = range(1, SPAN, 7)
    rows = sessions(days=days, attends=0.5) + town()
    (finding,) = found(GuestTerminals(), built(city, rows, working_days() + guest(days=days, terminal=77)))
    assert {cause.cause: cause.weight for cause in finding.benign}["regular_timetable"] > 0.7


def test_a_family_is_not_enough(city):
    home = [{"person_no": person, "household_no": person % 3} for person in RING]
    connection = built(city, sessions() + town(), working_days() + guest(), persons=home)
    assert found(GuestTerminals(), connection) == []


def test_the_row_order_leaves_no_trace(city):
    rows, signed = sessions() + town(), working_days() + guest()
    expected = found(GuestTerminals(), built(city, rows, signed))
    assert len(expected) == 1
    assert found(GuestTerminals(), built(city, rows, signed, order=shuffled)) == expected


def test_without_sign_ins_nothing_is_found_and_nothing_breaks(city):
    assert found(GuestTerminals(), built(city, sessions() + town(), [])) == []
    assert found(GuestTerminals(), city([])) == []
