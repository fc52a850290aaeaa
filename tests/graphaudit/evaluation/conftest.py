"""One hand-made city and one ranked list, small enough to measure on paper."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graphaudit.evaluation.handmade import lead, members, ring


@pytest.fixture
def truth() -> dict[str, Any]:
    """Three rings (ten persons, four persons, nobody but sites) and two honest groups."""
    return {
        "seed": 1,
        "size": "tiny",
        "camouflage": 0,
        "rings": [
            ring("R1", "hoarded_cards", [f"A{n}" for n in range(10)], amount=1_000.0, settlements=["S1", "S2"]),
            ring("R2", "insider", [f"B{n}" for n in range(4)], amount=3_000.0, settlements=["S3"]),
            ring("R3", "sham_stay", [], others=[("institution", "X", "site"), ("doctor", "Y", "doctor")], amount=500.0),
        ],
        "benign": [
            {"id": "B00001", "class": "dialysis_shift", "members": members([f"D{n}" for n in range(6)])},
            {"id": "B00002", "class": "family", "members": members(["D0", "D1", "D2", "D3"])},
        ],
    }


@pytest.fixture
def ranked() -> list[dict[str, Any]]:
    """Hit, false (dialysis), duplicate, hit, false (nobody's), false (too little of a ring)."""
    return [
        lead(1, ["A0", "A1", "A2", "A3", "A4"], pattern="hoarded_cards", q_value=0.01, settlements=["S1", "S9"]),
        lead(2, ["D0", "D1", "D2", "D4", "D5", "A9"], q_value=0.02),
        lead(3, ["A0", "A1", "A2", "A3", "A4", "A5"], q_value=0.04),
        lead(4, ["B0", "B1", "B2", "Z1", "Z2"], pattern="hoarded_cards", q_value=None, settlements=["S3"]),
        lead(5, ["Q0", "Q1", "Q2"], q_value=0.5),
        lead(6, ["A6", "A7"], q_value=0.05),
    ]
