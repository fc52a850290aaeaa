"""Disturbed folders: what is lost is lost whole, what is moved is moved together, and the same chance falls twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.benchmarks import perturbed
from tests.benchmarks.handmade_source import BEGIN, at, settlement, write_folder

COUNT = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two settlements a person, each with a line and a paper case; one in ten is a refund of the one before."""
    rows, visits, lines, cases, steps, reviews, payments = [], [], [], [], [], [], []
    for n in range(COUNT):
        refunds = f"S{n - 1}" if n % 10 == 1 else ""
        rows.append(settlement(n, f"P{n // 2}", "X", at(n // 8), init_setl_id=refunds))
        visits.append({"mdtrt_id": f"V{n}", "begntime": at(n // 8, -20), "endtime": at(n // 8)})
        lines.append({"setl_id": f"S{n}", "mdtrt_id": f"V{n}", "fee_ocur_time": at(n // 8, -5)})
        cases.append(
            {"med_fee_reg_id": f"B{n}", "mdtrt_id": f"V{n}", "begntime": "2026-01-05", "crte_time": at(n // 8, 30)}
        )
        steps.append({"evtsn": f"E{n}", "mdtrt_id": f"V{n}", "crte_time": at(n // 8, 30)})
        reviews.append({"evt_inst_id": f"E{n}", "opt_time": at(n // 8, 60)})
        payments.append({"souc_sn": f"B{n}", "fin_acen_time": at(n // 8, 90)})
    people = [{"psn_no": f"P{n}", "resdbook_no": f"H{n // 3}"} for n in range(COUNT // 2)]
    return write_folder(
        tmp_path_factory.mktemp("whole") / "city",
        setl_d=rows,
        mdtrt_d=visits,
        fee_list_d=lines,
        cent_manl_reim_reg_d=cases,
        cent_manl_reim_reg_evt_c=steps,
        biz_gen_chk_d=reviews,
        med_dfr_d=payments,
        psn_info_b=people,
    )


def _rows(folder: Path, table: str, columns: str) -> list[Any]:
    parquet = folder / f"{table}.parquet"
    source = f"read_parquet('{parquet}')" if parquet.exists() else f"read_csv('{folder / table}.csv', all_varchar=true)"
    return duckdb.execute(f"SELECT {columns} FROM {source}").fetchall()


def _numbers(folder: Path, table: str, column: str) -> set[int]:
    return {int(value[0][1:]) for value in _rows(folder, table, column)}


def test_a_fifth_is_lost_with_everything_that_belongs_to_it(folder: Path, tmp_path: Path) -> None:
    perturbed.lost_records(folder, tmp_path / "out")
    left = _numbers(tmp_path / "out", "setl_d", "setl_id")
    assert COUNT * 0.74 < len(left) < COUNT * 0.86
    assert all((n in left) == (n - 1 in left) for n in range(1, COUNT, 10))  # a refund goes with its original
    for table, column in (
        ("mdtrt_d", "mdtrt_id"), ("fee_list_d", "setl_id"), ("cent_manl_reim_reg_d", "mdtrt_id"),
        ("cent_manl_reim_reg_evt_c", "evtsn"), ("biz_gen_chk_d", "evt_inst_id"), ("med_dfr_d", "souc_sn"),
    ):  # fmt: skip
        assert _numbers(tmp_path / "out", table, column) == left, table
    assert (tmp_path / "out" / "psn_info_b.csv").read_bytes() == (folder / "psn_info_b.csv").read_bytes()


def test_clocks_move_together_within_a_quarter_of_an_hour(folder: Path, tmp_path: Path) -> None:
    perturbed.disturbed_clocks(folder, tmp_path / "out")

    def moved(table: str, column: str) -> dict[str, timedelta]:
        before, after = (
            dict(_rows(folder, table, f"mdtrt_id, {column}")),
            _rows(tmp_path / "out", table, f"mdtrt_id, {column}"),
        )
        return {visit: datetime.fromisoformat(new) - datetime.fromisoformat(before[visit]) for visit, new in after}

    shift = moved("setl_d", "setl_time")
    assert max(shift.values()) <= timedelta(minutes=15)
    assert min(shift.values()) >= -timedelta(minutes=15)
    assert len(set(shift.values())) > COUNT / 2
    for table, column in (("mdtrt_d", "begntime"), ("mdtrt_d", "endtime"), ("fee_list_d", "fee_ocur_time")):
        assert moved(table, column) == shift
    assert {row[0] for row in _rows(tmp_path / "out", "cent_manl_reim_reg_d", "begntime")} == {"2026-01-05"}


def test_books_are_blanked_for_all_their_persons(folder: Path, tmp_path: Path) -> None:
    perturbed.unknown_households(folder, tmp_path / "out")
    books = dict(_rows(tmp_path / "out", "psn_info_b", "psn_no, resdbook_no"))
    unknown = {n // 3 for n in range(COUNT // 2) if books[f"P{n}"] is None}
    assert 0.2 < len(unknown) / (COUNT / 6) < 0.4
    assert all((books[f"P{n}"] is None) == (n // 3 in unknown) for n in range(COUNT // 2))


def test_a_cut_city_knows_nothing_of_later_days(folder: Path, tmp_path: Path) -> None:
    assert perturbed.last_day(folder) == (BEGIN + timedelta(days=(COUNT - 1) // 8)).date()
    until = date(2026, 1, 25)
    perturbed.cut(folder, tmp_path / "out", until)
    kept = set(range(20 * 8))
    for table, column in (
        ("setl_d", "setl_id"), ("mdtrt_d", "mdtrt_id"), ("fee_list_d", "setl_id"), ("biz_gen_chk_d", "evt_inst_id"),
        ("med_dfr_d", "souc_sn"), ("cent_manl_reim_reg_d", "mdtrt_id"), ("cent_manl_reim_reg_evt_c", "evtsn"),
    ):  # fmt: skip
        assert _numbers(tmp_path / "out", table, column) == kept, table


def test_the_same_chance_falls_twice(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        perturbed.lost_records(folder, tmp_path / name)
    one, two = (sorted(_rows(tmp_path / name, "setl_d", "*"), key=str) for name in ("one", "two"))
    assert one == two
