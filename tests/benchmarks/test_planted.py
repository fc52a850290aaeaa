"""Planted rings are what their cell says, and the grid is dealt out whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.planted import FAINT, GRID, RINGS_A_CITY, Cell, cells_of, write_planted_city


def test_the_grid_is_dealt_out_whole_before_it_is_dealt_again() -> None:
    cities = len(GRID) // RINGS_A_CITY
    first = [cell for number in range(cities) for cell in cells_of(number)]
    assert Counter(first) == Counter(GRID)
    again = [cell for number in range(cities, 2 * cities) for cell in cells_of(number)]
    assert Counter(again) == Counter(GRID)
    assert again != first
    assert cells_of(1) == cells_of(1)


def test_a_ring_has_the_persons_sessions_and_spread_of_its_cell(tmp_path: Path) -> None:
    cells = [Cell(12, 0.9, 8, "1 hour"), Cell(8, 0.6, 4, "2 days")]
    truth = write_planted_city(tmp_path / "city", cells, FAINT, size="tiny", seed=3)
    assert [ring["cell"]["size"] for ring in truth["rings"]] == [12, 8]
    for ring, cell in zip(truth["rings"], cells, strict=True):
        assert sum(m["type"] == "person" for m in ring["members"]) == cell.size
        rows = duckdb.execute(
            "SELECT setl_time::TIMESTAMP, psn_no FROM read_parquet($file) WHERE setl_id IN (SELECT unnest($ids))",
            {"file": str(tmp_path / "city" / "setl_d*.parquet"), "ids": ring["settlements"]},
        ).fetchall()
        days = sorted({time.date() for time, _ in rows})
        most = cell.sessions * (2 if cell.spread == "2 days" else 1)
        assert cell.sessions <= len(days) <= most
        assert len(rows) == pytest.approx(cell.size * cell.attendance * cell.sessions, rel=0.35)
