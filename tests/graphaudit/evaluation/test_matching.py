"""When a lead counts as one on a ring: at least 0.6 of its persons, at least 0.3 of the ring's."""

from __future__ import annotations

from typing import Any

import pytest

from graphaudit.evaluation import evaluate
from tests.graphaudit.evaluation.handmade import lead, members, ring


def _verdict(persons: list[str], ring_of: int) -> tuple[str, int]:
    """Verdict and strict hits of one lead on a ring of `ring_of` persons P0, P1, …"""
    truth = {"rings": [ring("R1", "insider", [f"P{n}" for n in range(ring_of)])], "benign": []}
    found = evaluate([lead(1, persons)], truth)
    return found["verdicts"][0]["verdict"], found["strict_hits"]


def _mixed(inside: int, outside: int) -> list[str]:
    return [f"P{n}" for n in range(inside)] + [f"Z{n}" for n in range(outside)]


@pytest.mark.parametrize(
    ("inside", "outside", "ring_of", "expected"),
    [
        (6, 4, 20, "hit"),  # exactly 0.6 and exactly 0.3
        (5, 4, 10, "false"),  # 0.56 of the lead
        (6, 0, 20, "hit"),
        (5, 0, 20, "false"),  # 0.25 of the ring
        (3, 2, 10, "hit"),
        (3, 3, 3, "false"),  # all of the ring, half of the lead
        (10, 0, 10, "hit"),
    ],
)
def test_a_hit_needs_precision_of_six_tenths_and_recall_of_three(
    inside: int, outside: int, ring_of: int, expected: str
) -> None:
    assert _verdict(_mixed(inside, outside), ring_of)[0] == expected


@pytest.mark.parametrize(
    ("inside", "outside", "ring_of", "strict"),
    [(5, 0, 10, 1), (4, 0, 10, 0), (5, 1, 10, 0), (6, 2, 10, 1), (3, 3, 3, 1)],
)
def test_a_strict_hit_needs_a_jaccard_of_one_half(inside: int, outside: int, ring_of: int, strict: int) -> None:
    assert _verdict(_mixed(inside, outside), ring_of)[1] == strict


def test_a_lead_counts_for_the_ring_it_fits_best() -> None:
    rings = [ring("R1", "insider", ["P0", "P1", "P2", "P3", "P4", "P5"]), ring("R2", "insider", ["P4", "P5", "P6"])]
    found = evaluate([lead(1, ["P4", "P5", "P6"])], {"rings": rings, "benign": []})
    assert found["verdicts"][0]["ring"] == "R2"


def test_of_equal_fits_the_first_ring_counts_whatever_the_order_of_members() -> None:
    rings = [ring("R1", "insider", ["P0", "P1"]), ring("R2", "insider", ["P2", "P3"])]
    for persons in (["P0", "P1", "P2", "P3"], ["P3", "P2", "P1", "P0"]):
        found = evaluate([lead(1, persons)], {"rings": rings, "benign": []})
        assert (found["false"], found["verdicts"][0]["ring"]) == (1, None)  # precision 0.5 on either
        assert found["false_by_class"] == {"chance": 1}
    both = [ring("R1", "insider", ["P0", "P1", "P2"]), ring("R2", "insider", ["P2", "P1", "P0"])]
    found = evaluate([lead(1, ["P0", "P1", "P2"])], {"rings": both, "benign": []})
    assert found["verdicts"][0]["ring"] == "R1"


def test_shared_sites_and_doctors_do_not_make_a_match_between_groups_of_persons() -> None:
    places = [("pharmacy", "X", "site"), ("doctor", "Y", "doctor"), ("handler", "Z", "handler")]
    truth = {"rings": [ring("R1", "insider", ["P0", "P1"], others=places)], "benign": []}
    assert evaluate([lead(1, ["Q0", "Q1"], others=places)], truth)["false"] == 1


def test_without_persons_on_one_side_all_members_count() -> None:
    places = [("institution", "X", "site"), ("doctor", "Y", "doctor")]
    truth = {"rings": [ring("R1", "sham_stay", [], others=places)], "benign": []}
    assert evaluate([lead(1, [], others=places)], truth)["hits"] == 1
    assert evaluate([lead(1, ["P0"], others=places)], truth)["hits"] == 1  # two of three named
    assert evaluate([lead(1, ["P0", "P1"], others=places)], truth)["hits"] == 0  # two of four
    of_persons = {"rings": [ring("R1", "insider", ["P0", "P1"], others=places)], "benign": []}
    assert evaluate([lead(1, [], others=places)], of_persons)["hits"] == 1  # two of four members of the ring


def test_an_id_means_nothing_without_its_type() -> None:
    truth = {"rings": [ring("R1", "insider", [], others=[("doctor", "7", "doctor")])], "benign": []}
    assert evaluate([lead(1, [], others=[("institution", "7", "site")])], truth)["hits"] == 0


@pytest.mark.parametrize(
    ("persons", "sites", "expected"),
    [
        (["Q0", "Q1"], ["A"], "fault:daily_upload"),
        (["Q0", "Q1"], ["A", "X"], "fault:daily_upload"),
        (["Q0", "Q1"], ["A", "X", "Y"], "chance"),  # one of three sites
        (["Q0", "Q1"], ["A", "B"], "fault:daily_upload"),  # one of each: by name
        (["D0", "D1"], ["X"], "fault:second_number"),
        (["D0", "Q0", "Q1"], [], "chance"),
        (["N0", "N1"], ["A"], "nursing_home"),  # the people explain more than the place
        (["P0", "P1"], ["A"], "ring_fragment"),
    ],
)
def test_a_false_lead_over_faults_is_counted_by_the_fault(persons: list[str], sites: list[str], expected: str) -> None:
    def fault(name: str, kind: str, *ids: str) -> dict[str, Any]:
        return {"id": name, "class": name, "members": [{"type": kind, "id": one, "role": "site"} for one in ids]}

    truth = {
        "rings": [ring("R1", "insider", [f"P{n}" for n in range(9)])],
        "benign": [{"id": "B1", "class": "nursing_home", "members": members(["N0", "N1"])}],
        "faults": [
            fault("daily_upload", "pharmacy", "A"),
            fault("lost_hours", "pharmacy", "B"),
            fault("second_number", "person", "D0", "D1"),
        ],
    }
    found = evaluate([lead(1, persons, others=[("pharmacy", site, "site") for site in sites])], truth)
    assert found["false_by_class"] == {expected: 1}


def test_a_second_lead_on_a_found_ring_is_a_duplicate_and_the_first_miss_is_not() -> None:
    truth = {"rings": [ring("R1", "insider", [f"P{n}" for n in range(10)])], "benign": []}
    leads = [
        lead(1, ["P0", "P1"]),  # too little: false, and the ring stays open
        lead(2, _mixed(5, 0)),
        lead(3, _mixed(10, 0)),
        lead(4, ["P7", "P8", "P9"]),
    ]
    found = evaluate(leads, truth)
    assert [v["verdict"] for v in found["verdicts"]] == ["false", "hit", "duplicate", "duplicate"]
    assert found["duplicate_share"] == 2 / 4


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        (["D4", "D5", "Z0", "Z1"], "dialysis_shift"),  # exactly half
        (["D0", "Z0", "Z1"], "chance"),
        (["D0", "D1", "D2"], "family"),  # in both groups wholly: the one that it fits closer
        (["D0", "D4", "D5", "Z0"], "dialysis_shift"),
        (["P0", "Z0", "D0", "D4", "D5"], "dialysis_shift"),
        (["P0", "P1", "D0"], "ring_fragment"),  # mostly of the ring, too little of it
    ],
)
def test_a_false_lead_is_attributed_to_whoever_holds_half_of_it(persons: list[str], expected: str) -> None:
    truth = {
        "rings": [ring("R1", "insider", [f"P{n}" for n in range(20)])],
        "benign": [
            {"id": "B1", "class": "dialysis_shift", "members": members([f"D{n}" for n in range(6)])},
            {"id": "B2", "class": "family", "members": members(["D0", "D1", "D2"])},
        ],
    }
    assert evaluate([lead(1, persons)], truth)["false_by_class"] == {expected: 1}


def test_a_false_lead_without_persons_is_attributed_by_its_other_members() -> None:
    doctor = [("doctor", "Y", "doctor"), ("institution", "X", "site")]
    group = {"id": "B1", "class": "multi_site_doctor", "members": members([], others=doctor)}
    found = evaluate([lead(1, [], others=doctor[:1])], {"rings": [], "benign": [group]})
    assert found["false_by_class"] == {"multi_site_doctor": 1}
