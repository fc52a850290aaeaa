"""More heads than beds: a house that doubles its beds is found; winter, an old register and late changes are not."""

from __future__ import annotations

import pytest

from detectors.crowded_wards import CrowdedWards
from tests.detectors.finding_reader import found, moment, numbered, others, persons, shuffled, signals

HOSPITALS = range(5)
FULL = 2
BEDS = 10


def stays(site, *, heads, days=60, doubled=False, first=0):
    """A house with `heads` patients every night; each stays five nights, in a bed of its own unless doubled."""
    return [
        {
            "person_no": 10_000 * (site + 1) + heads * turn + head, "site_no": site, "kind": "inpatient",
            "at": moment(first + 5 * turn, 9), "until": moment(first + 5 * turn + 5, 8),
            "bed": f"B{head % BEDS if doubled else head}",
        }
        for turn in range(days // 5)
        for head in range(heads)
    ]  # fmt: skip


def town(full=()):
    return [row for site in HOSPITALS if site != FULL for row in stays(site, heads=8)] + list(full)


def built(city, rows, beds=BEDS):
    sites = [{"site_no": site, "beds": beds} for site in HOSPITALS]
    return city(rows, derived=False, sites=sites)


def test_a_house_with_twice_as_many_heads_as_beds_is_found(city):
    full = stays(FULL, heads=20, doubled=True)
    (finding,) = found(CrowdedWards(), built(city, town(full)))
    assert persons(finding) == sorted(row["person_no"] for row in full)
    assert others(finding) == {("institution", FULL, "site")}
    assert (finding.pattern, finding.kind) == ("sham_stay", "crowded_ward")
    assert len(finding.settlements) == len(full)
    assert signals(finding) >= {"crowded_wards", "crowded_nights"}
    # an irregularity of the house stays far below what says something of a ring
    assert sum(signal.value * signal.weight for signal in finding.signals) < 8


@pytest.mark.parametrize("kind", ["winter", "a wave", "old register", "late changes", "no beds"])
def test_honest_houses_are_no_finding(city, kind):
    if kind == "winter":
        rows = town(stays(FULL, heads=12, doubled=True))
    elif kind == "a wave":
        rows = town(stays(FULL, heads=20, doubled=True, days=15) + stays(FULL, heads=8, first=20))
    elif kind == "late changes":
        rows = town(stays(FULL, heads=9) + [{**row, "person_no": 5, "bed": "B1"} for row in stays(FULL, heads=1)])
    else:
        rows = town(stays(FULL, heads=20, doubled=True))
    beds = {"old register": 4, "no beds": None}.get(kind, BEDS)
    assert found(CrowdedWards(), built(city, rows, beds)) == []


def test_the_row_order_leaves_no_trace(city):
    rows = numbered(town(stays(FULL, heads=20, doubled=True)))
    expected = found(CrowdedWards(), built(city, rows))
    assert len(expected) == 1
    assert found(CrowdedWards(), built(city, shuffled(rows))) == expected
