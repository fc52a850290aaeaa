"""Organisations and villages at one place: outings are found; check-ups, works clinics, doses and markets are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.organisation_outings import OrganisationOutings
from tests.detectors.finding_reader import found, held_by, numbered, others, persons, shuffled, visit

EMPLOYERS = range(6)
STAFF = 20
FAR = 40
#: Members of employer 2 whose cards travel.
RING = tuple(range(201, 209))
OCCASIONS = (15, 45, 80, 115)


def staff():
    return [{"person_no": 100 * e + p, "employer_no": e} for e in EMPLOYERS for p in range(1, STAFF + 1)]


def town(seed=1):
    """Everybody's own visits at two of six sites, and strangers at the far one."""
    random = np.random.default_rng(seed)
    rows = [
        visit(person["person_no"], random.integers(170), 9 + random.random() * 8, 10 + (person["person_no"] + n) % 6)
        for person in staff()
        for n in range(5)
    ]
    return rows + [visit(5000 + n, n % 170, 10, FAR) for n in range(340)]


def outings(people=RING, days=OCCASIONS, site=FAR, **more):
    return [
        visit(p, day + p % 2, 9 + p % 7, site, total_fen=4000 + 900 * (p % 8) + 50 * day, **more)
        for day in days
        for p in people
    ]


def built(city, rows, **tables):
    employers = [{"employer_no": e, "employer_id": f"E{e}", "is_virtual": False} for e in EMPLOYERS]
    return city(rows, derived=False, employers=employers, **{"persons": staff() if rows else [], **tables})


def test_members_whose_cards_come_to_a_far_site_again_and_again_are_found(city):
    rows = outings() + town()
    (finding,) = found(OrganisationOutings(), built(city, rows))
    assert persons(finding) == list(RING)
    assert others(finding) >= {("employer", 2, "organisation"), ("institution", FAR, "site")}
    assert (finding.pattern, finding.kind) == ("unexplained", "organisation_outing")
    inside = set(held_by(rows, RING))
    assert set(range(len(OCCASIONS) * len(RING))) <= set(finding.settlements) <= inside
    assert finding.p_value < 1e-6
    assert "employer_or_school" not in {cause.cause for cause in finding.benign}


def test_stays_count_from_their_beginning(city):
    stays = [{**row, "kind": "inpatient", "until": row["at"][:8] + "28T15:00:00"} for row in outings()]
    (finding,) = found(OrganisationOutings(), built(city, stays + town()))
    assert persons(finding) == list(RING)


@pytest.mark.parametrize("kind", ["check-up", "two doses", "works clinic", "few", "nobody's employer"])
def test_honest_organisations_are_no_finding(city, kind):
    people = staff()
    if kind == "check-up":
        # all of them, over two weeks
        rows = [visit(201 + n, 40 + n // 2, 8, FAR) for n in range(STAFF)]
    elif kind == "two doses":
        rows = outings(days=OCCASIONS[:2])
    elif kind == "works clinic":
        rows = [visit(201 + n % STAFF, n // 6, 8 + n % 6, FAR) for n in range(6 * 165)]
    elif kind == "few":
        rows = outings(people=RING[:3])
    else:
        rows, people = outings(), [{"person_no": one["person_no"]} for one in people]
    assert found(OrganisationOutings(), built(city, rows + town(), persons=people)) == []


def village():
    """Everybody of two villages lives in one of them; all of a village share an address only up to the house."""
    return [{"person_no": one["person_no"], "locality_no": one["employer_no"] % 2} for one in staff()]


def test_villagers_whose_cards_travel_are_found_by_their_address(city):
    ring = tuple(range(201, 217))
    (finding,) = found(OrganisationOutings(), built(city, outings(ring) + town(), persons=village()))
    assert persons(finding) == list(ring)
    assert not any(kind == "employer" for kind, _, _ in others(finding))
    assert "村" in finding.text.zh
    assert "village" in finding.text.en
    assert finding.p_value < 1e-6


@pytest.mark.parametrize("every", [5, 7, 10])
def test_a_market_is_a_habit_of_the_village(city, every):
    """Ten to twenty of a village come to the market's clinic on each market day, and few between."""
    random = np.random.default_rng(every)
    people = [one["person_no"] for one in village() if one["locality_no"] == 0]
    rows = [
        visit(int(person), day, 8 + random.random() * 4, FAR)
        for day in range(every, 170, every)
        for person in random.choice(people, size=random.integers(10, 20), replace=False)
    ]
    assert found(OrganisationOutings(), built(city, rows + town(), persons=village())) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(outings() + town())
    expected = found(OrganisationOutings(), built(city, rows))
    assert len(expected) == 1
    assert found(OrganisationOutings(), built(city, shuffled(rows))) == expected
    assert found(OrganisationOutings(), built(city, [])) == []
