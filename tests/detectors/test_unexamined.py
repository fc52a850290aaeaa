"""Benefits granted without a visit: one handler's are found; patients from elsewhere and lone windows are not."""

from __future__ import annotations

import pytest

from detectors.base import Skipped
from detectors.unexamined import UnexaminedApprovals
from tests.detectors.agency_town import shuffled
from tests.detectors.finding_reader import found, others, persons, signals
from tests.detectors.grants import granted
from tests.table_builder import as_given

DESKS = tuple(range(5))
RING = tuple(range(900, 910))
DISEASES = ("E11.9", "I10.x", "N18.5")


def grant(person, desk, *, seen, disease="I10.x", day=None, used=True):
    """A registration by `desk`; the person was at a doctor's before if `seen`, and uses the benefit later if `used`."""
    return {
        "person": person,
        "desk": desk,
        "seen": seen,
        "disease": disease,
        "day": day or 200 + person % 150,
        "used": used,
    }


def town(per_desk=30):
    """Every desk registers every disease; one patient in fifteen comes from elsewhere."""
    return [
        grant(100 * desk + n, desk, seen=n % 15 != 0, disease=DISEASES[n % 3])
        for desk in DESKS
        for n in range(per_desk)
    ]


def ring(**more):
    return [grant(person, 2, seen=False, **more) for person in RING]


def built(grants, shuffle=as_given, bought_before=False):
    return granted(grants, DESKS, shuffle, before=40, bought_before=bought_before)


@pytest.mark.parametrize("bought_before", [False, True], ids=["nothing before", "purchases only"])
def test_grants_without_a_visit_are_found_with_what_was_used(bought_before):
    tables = built(ring() + town(), bought_before=bought_before)
    (finding,) = found(UnexaminedApprovals(), tables)
    assert set(persons(finding)) >= set(RING)
    # the desk's own patients from elsewhere cannot be told apart from the file
    assert len(persons(finding)) <= len(RING) + 2
    assert others(finding) == {("handler", 2, "handler")}
    assert signals(finding) == {"granted_unseen"}
    assert finding.p_value < 1e-3
    used = tables.execute("SELECT count(*) FROM settlements WHERE kind = 'chronic' AND person_no >= 900").fetchone()
    assert len(finding.settlements) >= used[0] == 2 * len(RING)


def test_patients_from_elsewhere_at_every_desk_are_none():
    assert found(UnexaminedApprovals(), built(town())) == []


def test_people_who_moved_in_are_shared_by_the_desks():
    moved = [grant(700 + n, n % 5, seen=False) for n in range(60)]
    assert found(UnexaminedApprovals(), built(moved + town())) == []


def test_a_window_that_registers_one_disease_only_is_none():
    # its patients are followed by specialists of another city
    window = [grant(800 + n, 4, seen=False, disease="D66.x") for n in range(30)]
    assert found(UnexaminedApprovals(), built(window + town())) == []


def test_benefits_that_nobody_used_cost_nothing():
    assert found(UnexaminedApprovals(), built(ring(used=False) + town())) == []


def test_where_the_records_do_not_reach_back_nothing_is_said():
    with pytest.raises(Skipped):
        found(UnexaminedApprovals(), built(ring(day=150)))
    assert found(UnexaminedApprovals(), built(ring(day=150) + town())) == []


def test_the_row_order_leaves_no_trace():
    expected = found(UnexaminedApprovals(), built(ring() + town()))
    assert len(expected) == 1
    assert found(UnexaminedApprovals(), built(ring() + town(), shuffle=shuffled)) == expected
