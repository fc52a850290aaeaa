"""One list of medicines for unlike diseases is found; combinations that others have and own medicines are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.one_list import OneList
from tests.detectors import medicine_town
from tests.detectors.finding_reader import found, numbered, others, persons, shuffled, signals, visit
from tests.detectors.medicine_town import customers, with_lines

#: Medicines that patients take on and on, two for each disease, 30 patients each.
DRUGS = tuple(f"D{n}" for n in range(20))
DISEASE = {drug: f"X{n // 2:02}.900" for n, drug in enumerate(DRUGS)}
PATIENTS = 30
HOMES = range(6)
#: Hospitals across town, with customers of their own.
HOSPITALS = (20, 21, 22)
RING = tuple(range(8))
SAMPLERS = range(5000, 5100)
#: A list of medicines for three diseases, and one for a single disease.
LIST, ONE_DISEASE = ("D0", "D4", "D9"), ("D4", "D5")
DAYS = (4, 16, 28, 39, 52, 63, 76, 88, 101, 113)


def buy(person, day, hour, site, drug, **more):
    return visit(person, day, hour, site, drug=drug, diagnosis_code=DISEASE[drug], **more)


def courses():
    """Every patient of every medicine, every twelve days round the corner; the diagnosis may be another illness's."""
    return [
        {**buy(1000 + PATIENTS * n + p, 2 + 12 * turn + p % 12, 10, p % len(HOMES), drug),
         **({"diagnosis_code": "I10.x00"} if (p + turn) % 3 == 0 else {})}
        for n, drug in enumerate(DRUGS)
        for p in range(PATIENTS)
        for turn in range(4)
    ]  # fmt: skip


def own_life(people, times=6, seed=3):
    return medicine_town.own_life(people, len(HOMES), times=times, seed=seed, diagnosis_code="J06.900")


def samplers(people=SAMPLERS, seed=4, drugs=DRUGS, places=(*HOMES, *HOMES, *HOSPITALS)):
    """Persons who try two medicines once, at any time, round the corner or across town."""
    random = np.random.default_rng(seed)
    return [
        buy(p, random.integers(120), 11, random.choice(places), drug)
        for p in people
        for drug in random.choice(drugs, 2, replace=False)
    ]


def town():
    return [*courses(), *samplers(), *own_life(SAMPLERS, times=3), *customers(HOSPITALS)]


def rounds(people=RING, seed=5, sites=HOSPITALS, drugs=LIST, days=DAYS, own=()):
    """On each day half of the people get one medicine each, a part of them at each of two hospitals.

    With `own`, each gets the two that are his or her own of these.
    """
    random = np.random.default_rng(seed)

    def drug(person):
        return str(random.choice(drugs if not own else [own[(person + n) % len(own)] for n in (0, 7)]))

    return [
        buy(p, day + n % 2, 9 + n / 10, sites[(turn + n) % len(sites)], drug(int(p)))
        for turn, day in enumerate(days)
        for n, p in enumerate(random.choice(people, len(people) // 2, replace=False))
    ]


def built(city, rows, order=lambda rows: rows, **tables):
    plain, lines = with_lines(rows, days=28)
    return city(order(numbered(plain)), lines=order(lines), **tables)


def test_who_buys_one_list_at_several_hospitals_is_found(city):
    ring = rounds()
    (finding,) = found(OneList(), built(city, ring + own_life(RING) + town()))
    assert set(persons(finding)) <= set(RING)
    assert len(persons(finding)) >= 6
    assert {member.role for member in finding.members if member.kind == "person"} == {"buyer"}
    assert {(no, role) for _, no, role in others(finding)} <= {(site, "site") for site in HOSPITALS}
    assert (finding.pattern, finding.kind) == ("drug_resale", "one_list")
    assert set(finding.settlements) <= set(range(len(ring)))
    assert signals(finding) >= {"sampled_drugs", "list_of_their_own"}
    assert finding.p_value < 1e-6


def others_combine(people=range(5200, 5214)):
    """Many others have the same illnesses together: a combination that goes with them."""
    return [*samplers(people, seed=9, drugs=LIST, places=HOMES), *own_life(people)]


@pytest.mark.parametrize(
    "rows",
    [
        rounds(drugs=ONE_DISEASE),
        rounds(own=DRUGS),
        rounds() + others_combine(),
        rounds(days=(40, 41)),
    ],
    ids=["one disease", "each his own medicines", "illnesses that go together", "a campaign"],
)
def test_what_explains_common_medicines_leaves_no_finding(city, rows):
    assert found(OneList(), built(city, rows + own_life(RING) + town())) == []


def test_only_that_others_combine_them_too_makes_illnesses_of_it(city):
    rows = rounds() + others_combine() + own_life(RING) + town()
    assert len(found(OneList(), built(city, rows), least_closed=0.05)) == 1


def test_patients_of_both_illnesses_are_no_group(city):
    patients = [
        buy(p, 3 + 14 * turn + p % 2, 9, HOSPITALS[0], drug) for p in RING for drug in LIST for turn in range(12)
    ]
    assert found(OneList(), built(city, patients + own_life(RING) + town())) == []


def test_a_family_that_buys_for_one_another_is_no_group(city):
    homes = [{"person_no": p, "household_no": 70 + p % 3} for p in RING]
    assert found(OneList(), built(city, rounds() + own_life(RING) + town(), persons=homes)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = rounds() + own_life(RING) + town()
    expected = found(OneList(), built(city, rows))
    assert expected
    assert found(OneList(), built(city, rows, order=lambda rows: shuffled(rows, seed=2))) == expected


def test_without_diagnoses_or_rows_there_is_nothing_to_find(city):
    blank = [{name: value for name, value in row.items() if name != "diagnosis_code"} for row in rounds() + town()]
    assert found(OneList(), built(city, blank)) == []
    assert found(OneList(), city([])) == []
