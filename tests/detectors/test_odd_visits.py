"""Odd visits: cards handed over are found though their use is spread; honest exceptions are not."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from detectors.base import effective
from detectors.odd_visits import OddVisitGroups
from graphaudit.builds.view import BuildView

START = datetime(2026, 1, 1)
RING = range(8)
#: Irregular days of the ring's sessions; each session is at another site.
DAYS = (5, 23, 41, 66, 97, 120, 139, 161)
#: Half a day apart and spread from morning to evening: no two settle within one window.
HOURS = (8.0, 16.5, 9.7, 14.2, 11.1, 12.9, 17.8, 10.4)


def visit(person, day, hour, site, **more):
    at = START + timedelta(days=int(day), hours=float(hour))
    return {"person_no": person, "site_no": int(site), "at": at.replace(microsecond=0).isoformat(), **more}


def town(seed=1, persons=150, sites=20):
    """Strangers who visit sites all over town for varying money, now and then with their other credential."""
    generator = np.random.default_rng(seed)

    def ordinary(person, site):
        fee = int(10_000 * np.exp(generator.normal(0, 0.3)))
        card = person if generator.random() < 0.92 else 1000 + person
        return visit(person, generator.integers(180), generator.uniform(8, 17), site, total_fen=fee, card_no=card)

    own = [ordinary(p, 30 + 2 * p + generator.integers(2)) for p in RING for _ in range(14)]
    return own + [ordinary(p, generator.integers(sites)) for p in range(100, 100 + persons) for _ in range(14)]


def spread(days=DAYS, seed=2, attends=0.7, **more):
    """Each member comes to most sessions, at some hour of that day or the next."""
    generator = np.random.default_rng(seed)
    return [
        visit(p, day + generator.integers(2), HOURS[p], place, **{"card_no": p, **more})
        for place, day in enumerate(days)
        for p in RING
        if generator.random() < attends
    ]


def found(connection):
    view = BuildView("B", connection, None, frozenset(), seed=7)
    return list(OddVisitGroups().find(view, effective(OddVisitGroups.spec.params, {"shuffles": 0})))


def persons(finding):
    return [member.no for member in finding.members if member.kind == "person"]


def cards():
    """Everybody holds an electronic credential (number = person) and a social-security card (1000 + person)."""
    everybody = [*RING, *range(100, 250)]
    kinds = ((0, "e_credential"), (1000, "social_security_card"))
    return [{"card_no": n + p, "card_id": f"C{n + p}", "kind": kind} for n, kind in kinds for p in everybody]


def test_dear_visits_to_strange_sites_that_keep_coinciding_are_found_though_no_two_share_a_window(city):
    (finding,) = found(city(spread(total_fen=30000) + town()))
    assert persons(finding) == list(RING)
    assert finding.kind == "odd_visit_session"
    assert finding.values["days"] >= 6
    assert "fee_above_own" in {signal.name for signal in finding.signals}


def test_cards_shown_in_place_of_the_usual_credential_are_found(city):
    ring = [{**row, "card_no": 1000 + row["person_no"]} for row in spread()]
    (finding,) = found(city(ring + town(), cards=cards()))
    assert set(persons(finding)) <= set(RING)
    assert len(persons(finding)) >= 6
    assert "credential_unlike_own" in {signal.name for signal in finding.signals}


def test_people_who_keep_meeting_for_ordinary_money_with_their_own_cards_are_no_odd_group(city):
    assert found(city(spread() + town())) == []


@pytest.mark.parametrize("days", [(40,), (40, 41)])
def test_an_event_on_one_or_two_dates_is_no_odd_group(city, days):
    assert found(city(spread(days, attends=1.0, total_fen=30000) + town())) == []


def test_dear_visits_of_strangers_that_coincide_by_chance_are_no_odd_group(city):
    generator = np.random.default_rng(5)
    dear = [
        visit(p, generator.integers(180), generator.uniform(8, 17), 200 + int(generator.integers(8)), total_fen=30000)
        for p in range(100, 250)
        for _ in range(2)
    ]
    assert found(city(dear + town())) == []


def test_a_family_that_travels_to_specialists_is_no_odd_group(city):
    home = [{"person_no": p, "household_no": p % 3} for p in RING]
    assert found(city(spread(total_fen=30000) + town(), persons=home)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = spread(total_fen=30000) + town()
    expected = [(persons(f), f.signals) for f in found(city(rows))]
    order = np.random.default_rng(0).permutation(len(rows))
    assert [(persons(f), f.signals) for f in found(city([rows[i] for i in order]))] == expected
