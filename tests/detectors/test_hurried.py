"""Late and hasty work that always serves the same claimants is found; overtime, outages and batches are not."""

from __future__ import annotations

import numpy as np

from detectors.hurried import HurriedCases
from tests.detectors.agency_town import DESKS, RING, SPAN, TIMES, built, case, ring, shuffled, town
from tests.detectors.finding_reader import found, others, persons, signals


def hands(n, random):
    """Whoever is there: what the cases have in common is the hour, not the desks; the first desk sees them all."""
    return (0, *(int(desk) for desk in random.permutation(DESKS[1:])[:2]))


def reviewed_at_once(tables):
    """Half of the ring's cases are reviewed twenty seconds after they were entered, at the same desk."""
    tables.execute(
        'UPDATE reviews SET handler_no = 0, "at" = c.accepted_at + INTERVAL 20 SECOND FROM manual_cases AS c '
        "WHERE c.case_no = reviews.case_no AND c.case_no < $n AND reviews.step = 1",
        {"n": len(RING) * TIMES},
    )
    return tables


def late(seed=2):
    """The ring's cases are entered at eight in the evening and reviewed like all others."""
    return ring(hands, hour=20.0, review_hour=10.0, seed=seed)


def test_claimants_served_in_the_evening_are_found():
    (finding,) = found(HurriedCases(), built(late() + town()))
    assert set(persons(finding)) == set(RING)
    assert others(finding) == {("handler", 0, "handler")}
    assert (finding.pattern, finding.kind) == ("insider", "hurried_cases")
    assert signals(finding) == {"hurried_for_the_same"}
    assert finding.settlements == tuple(range(len(RING) * TIMES))


def test_claimants_whose_papers_are_reviewed_within_a_minute_are_found():
    (finding,) = found(HurriedCases(), reviewed_at_once(built(ring(hands) + town())))
    assert set(persons(finding)) == set(RING)
    assert ("handler", 0, "handler") in others(finding)


def test_a_handler_who_works_late_for_everybody_is_none():
    random = np.random.default_rng(5)
    overtime = [
        {**row, "hour": 20.0} if row["entered"] == 0 and random.random() < 0.5 else row for row in town(claimants=120)
    ]
    assert found(HurriedCases(), built(overtime)) == []


def test_several_who_stay_on_after_an_outage_are_none():
    # on a few evenings everybody enters what was left lying, several times for the same people
    evenings = [
        case(2000 + n % 20, day, n % 6, (n + 1) % 6, (n + 2) % 6, hour=20.0, wait=0)
        for day in (50, 51, 90, 91)
        for n in range(40)
    ]
    assert found(HurriedCases(), built(evenings + town())) == []


def test_a_backlog_reviewed_in_one_go_is_none():
    tables = built(town(cases=900, claimants=150))
    # one day all waiting papers are signed, ten seconds each
    tables.execute(
        "UPDATE reviews SET handler_no = 3, \"at\" = TIMESTAMP '2026-03-02 10:00:00' + case_no * INTERVAL 10 SECOND "
        "WHERE step = 2 AND case_no < 300"
    )
    assert found(HurriedCases(), tables) == []


def test_records_without_a_clock_say_nothing():
    tables = built(late() + town())
    tables.execute("UPDATE manual_cases SET accepted_at = CAST(accepted_at AS DATE)")
    tables.execute('UPDATE reviews SET "at" = CAST("at" AS DATE)')
    assert found(HurriedCases(), tables) == []
    assert found(HurriedCases(), built([row for row in town() if row["day"] < SPAN // 40])) == []


def test_the_row_order_leaves_no_trace():
    expected = found(HurriedCases(), built(late() + town()))
    assert len(expected) == 1
    assert found(HurriedCases(), built(late() + town(), shuffle=shuffled)) == expected
