"""Co-presence groups: gathered cards are found, every innocent look-alike ranks below them or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from detectors.admissions import AdmissionGroups
from detectors.base import effective
from detectors.covisit import CoPresenceGroups
from detectors.innocence import regularity
from graphaudit.builds.view import BuildView
from graphaudit.leads.score import score

START = datetime(2026, 1, 1)
RING = range(8)
IRREGULAR = (3, 17, 29, 58, 71, 94, 113, 131)


def visit(person, day, hour=9.0, site=0, **more):
    at = START + timedelta(days=int(day), hours=hour)
    return {"person_no": person, "site_no": site, "at": at.replace(microsecond=0).isoformat(), **more}


def town(seed=1, persons=120, first=100, sites=5, visits=8):
    """Strangers, and eight own visits of each of the first fifty persons."""
    generator = np.random.default_rng(seed)
    people = [*range(50), *range(first, first + persons)]
    return [
        visit(p, generator.integers(180), float(generator.uniform(8, 17)), int(generator.integers(1, sites)))
        for p in people
        for _ in range(visits)
    ] + [
        visit(p, generator.integers(180), float(generator.uniform(8, 17)), 0)
        for p in range(first, first + persons)
        for _ in range(2)
    ]


def found(connection, detector=CoPresenceGroups, **params):
    view = BuildView("B", connection, None, frozenset(), seed=7)
    spec = detector.spec
    # what chance makes of a town is tested in test_shuffles.py
    return list(detector().find(view, {**effective(spec.params, {"shuffles": 0, **params}), **params}))


def persons(finding):
    return [member.no for member in finding.members if member.kind == "person"]


def gathered(days=IRREGULAR, **more):
    return [visit(p, day, 10 + p / 60, **more) for day in days for p in RING]


def test_cards_gathered_on_irregular_days_are_found_with_members_sites_and_settlements(city):
    (finding,) = found(city(gathered() + town()))
    assert persons(finding) == list(RING)
    assert {(m.kind, m.no, m.role) for m in finding.members if m.kind != "person"} == {("institution", 0, "site")}
    assert finding.settlements == tuple(range(64))
    assert finding.values["days"] == 8
    assert finding.p_value < 1e-10


def test_louvain_finds_them_too(city):
    findings = found(city(gathered() + town()), method="louvain")
    assert any(persons(f) == list(RING) for f in findings)


@pytest.mark.parametrize(
    ("name", "days"),
    [("weekly shift", range(2, 170, 7)), ("28-day refill", range(2, 170, 28)), ("30-day refill", range(2, 170, 30))],
)
def test_a_timetable_is_not_a_ring(city, name, days):
    assert found(city(gathered(days) + town())) == [], name


def test_a_family_is_not_a_ring(city):
    home = [{"person_no": p, "household_no": 1} for p in RING]
    assert found(city(gathered() + town(), persons=home)) == []


def test_three_households_are_not_enough(city):
    home = [{"person_no": p, "household_no": p % 3} for p in RING]
    assert found(city(gathered() + town(), persons=home)) == []


def test_a_check_up_day_is_not_a_ring(city):
    assert found(city(gathered((40, 41)) + town())) == []


def test_strangers_are_not_a_ring(city):
    assert found(city(town(seed=9, persons=200))) == []


def test_one_address_of_a_nursing_home_explains_the_group(city):
    plain = found(city(gathered() + town()))
    shared = [{"person_no": p, "address_no": 3} for p in RING]
    (explained,) = found(city(gathered() + town(), persons=shared))
    assert explained.benign[0].cause == "nursing_home_or_shared_address"
    assert score([explained]).score < 0.2 * score(plain).score


def register(days):
    return [
        {
            "entry_no": n, "kind": "member_day", "site_no": 0,
            "from_on": (START + timedelta(days=day)).date(), "until_on": (START + timedelta(days=day)).date(),
        }
        for n, day in enumerate(days)
    ]  # fmt: skip


def test_days_that_the_register_singles_out_explain_the_group(city):
    (explained,) = found(city(gathered() + town(), benign_register=register(IRREGULAR)))
    assert explained.benign[0].cause == "registered_event"
    assert explained.benign[0].weight > 0.6


def test_a_register_entry_without_an_end_explains_nothing(city):
    always = [{"entry_no": 0, "kind": "market_day", "site_no": 0}]
    (finding,) = found(city(gathered() + town(), benign_register=always))
    assert "registered_event" not in {cause.cause for cause in finding.benign}


def lines(connection_rows, item_of):
    return [
        {
            "line_id": f"L{n}", "settlement_no": n, "item_code": item_of(n, row), "is_drug": True, "quantity": 1.0,
            "amount_fen": 100, "source_file": "f", "source_line": n,
        }
        for n, row in enumerate(connection_rows)
    ]  # fmt: skip


def test_companions_who_buy_the_same_thing_rank_far_below_cards_that_buy_dear_foreign_drugs(city):
    own = town()
    usual = lambda n, row: f"own{row['person_no']}-{n % 3}"  # noqa: E731
    ring = gathered(total_fen=40000)
    ring_rows = ring + own
    (dear,) = found(city(ring_rows, lines=lines(ring_rows, lambda n, r: f"dear{n}" if n < len(ring) else usual(n, r))))
    friends_rows = gathered() + own
    (friends,) = found(
        city(
            friends_rows,
            lines=lines(friends_rows, lambda n, r: f"same{r['at'][:10]}" if n < len(ring) else usual(n, r)),
        )
    )
    assert {s.name for s in dear.signals} >= {"fee_above_own", "drugs_foreign_to_own"}
    assert friends.benign[0].cause == "companions"
    assert score([dear]).score > score([friends]).score + 0.2


def test_the_row_order_leaves_no_trace(city):
    rows = gathered() + town()
    expected = [(persons(f), f.signals) for f in found(city(rows))]
    order = np.random.default_rng(0).permutation(len(rows))
    assert [(persons(f), f.signals) for f in found(city([rows[i] for i in order]))] == expected


def stays(days, length=6, **more):
    return [
        {
            "person_no": p, "kind": "inpatient", "at": (START + timedelta(days=day + p % 2, hours=9)).isoformat(),
            "until": (START + timedelta(days=day + length + p % 2, hours=9)).isoformat(), **more,
        }
        for day in days
        for p in RING
    ]  # fmt: skip


def other_stays(seed=3, persons=150):
    generator = np.random.default_rng(seed)
    rows = []
    for p in range(100, 100 + persons):
        for _ in range(2):
            day, length = int(generator.integers(160)), int(generator.integers(3, 12))
            rows.append(
                {
                    "person_no": p, "kind": "inpatient", "at": (START + timedelta(days=day, hours=9)).isoformat(),
                    "until": (START + timedelta(days=day + length, hours=9)).isoformat(), "total_fen": 300000,
                }
            )  # fmt: skip
    return rows


def test_a_group_admitted_and_discharged_together_three_times_is_found(city):
    (finding,) = found(city(stays((10, 57, 121), total_fen=90000) + other_stays()), AdmissionGroups)
    assert persons(finding) == list(RING)
    assert finding.pattern == "inducement"
    assert "low_severity" in {s.name for s in finding.signals}


def test_one_common_admission_is_a_screening_not_a_ring(city):
    assert found(city(stays((10,)) + other_stays()), AdmissionGroups) == []


def test_a_ward_settled_on_one_day_a_month_while_its_patients_stay_is_not_a_ring(city):
    # discharged on paper and admitted again the same day or the next, five months long
    monthly = stays((5, 35, 66), length=30) + stays((97,), length=30)
    assert found(city(monthly + other_stays()), AdmissionGroups) == []


def test_ordinary_admissions_are_not_a_ring(city):
    assert found(city(other_stays(seed=5, persons=250)), AdmissionGroups) == []


@pytest.mark.parametrize("period", [7, 28, 30])
def test_regularity_is_high_on_a_calendar_and_low_off_it(period):
    assert regularity([3 + period * n for n in range(6)])[0] > 0.9
    assert regularity(IRREGULAR)[0] < 0.3
