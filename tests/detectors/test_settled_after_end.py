"""Services after death or enrolment: several at one counter are found; last bills, errors and late renewals are not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from detectors.settled_after_end import SettledAfterEnd
from tests.detectors.finding_reader import (
    START,
    found,
    held_by,
    moment,
    numbered,
    others,
    persons,
    shuffled,
    signals,
    visit,
)

SITES = range(5)
RING = tuple(range(5))
SITE = 2
PATIENTS = 60


def town(seed=1):
    """Three visits each of everybody's own counter; nobody dies."""
    random = np.random.default_rng(seed)
    return [
        visit(1000 * (site + 1) + patient, random.integers(170), 9 + patient % 8, site)
        for site in SITES
        for patient in range(PATIENTS)
        for _ in range(3)
    ]


def on(day):
    return (START + timedelta(days=day)).date()


def after(people=RING, day=100, site=SITE):
    """Two purchases each, long after that day."""
    return [visit(p, day + 20 + 9 * n + p, 10.0 + p / 7, site, kind="pharmacy") for p in people for n in range(2)]


def ended(people=RING, day=100, what="died_on"):
    return [{"person_no": person, what: on(day)} for person in people]


def built(city, rows, people=()):
    return city(rows, derived=False, persons=list(people))


def test_the_dead_who_buy_at_one_counter_are_found(city):
    rows = after() + town()
    (finding,) = found(SettledAfterEnd(), built(city, rows, ended()))
    assert persons(finding) == list(RING)
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("impersonation", "settled_after_end")
    assert finding.settlements == held_by(rows, RING)
    assert finding.p_value < 1e-3
    assert "after_death" in signals(finding)


def test_an_ended_enrolment_counts_for_less_and_only_where_the_fund_paid(city):
    rows = after() + town()
    (finding,) = found(SettledAfterEnd(), built(city, rows, ended(what="enrolled_until", day=70)))
    assert {"after_enrolment"} == signals(finding) - {"settled_after_end"}
    unpaid = [{**row, "fund_fen": 0} for row in after()]
    assert found(SettledAfterEnd(), built(city, unpaid + town(), ended(what="enrolled_until", day=70))) == []


@pytest.mark.parametrize("days", [2, 20])
def test_a_last_stay_that_is_settled_after_the_death_is_no_finding(city, days):
    last = [
        {"person_no": p, "site_no": SITE, "kind": "inpatient", "at": moment(95 - p, 9), "until": moment(100 + days, 9)}
        for p in RING
    ]
    assert found(SettledAfterEnd(), built(city, last + town(), ended())) == []


def test_wrong_dates_of_death_all_over_the_register_are_no_finding(city):
    wrong = [{"person_no": 1000 * (site + 1) + p, "died_on": date(2026, 1, 5)} for site in SITES for p in range(6)]
    assert found(SettledAfterEnd(), built(city, town(), wrong)) == []


def test_renewals_that_are_entered_late_everywhere_are_no_finding(city):
    late = [
        {"person_no": 1000 * (site + 1) + p, "enrolled_until": date(2025, 12, 31)}
        for site in SITES
        for p in range(0, PATIENTS, 2)
    ]
    assert found(SettledAfterEnd(), built(city, town(), late)) == []


def test_a_family_is_not_enough(city):
    family = [{**one, "household_no": one["person_no"] % 2} for one in ended()]
    assert found(SettledAfterEnd(), built(city, after() + town(), family)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(after() + town())
    expected = found(SettledAfterEnd(), built(city, rows, ended()))
    assert len(expected) == 1
    assert found(SettledAfterEnd(), built(city, shuffled(rows), shuffled(ended()))) == expected


def test_where_nobody_ends_nothing_is_found_and_nothing_breaks(city):
    assert found(SettledAfterEnd(), built(city, after() + town())) == []
    assert found(SettledAfterEnd(), built(city, [])) == []
