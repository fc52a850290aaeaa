"""What `simulate` promises its caller: repeatable, of the size asked for, whole or not there at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import graphaudit.simulation as simulation
from graphaudit.errors import ConfigurationError, SourceError
from graphaudit.progress import SilentProgress
from graphaudit.simulation import simulate, truth_path
from graphaudit.simulation.sizes import SIZES
from graphaudit.simulation.writing import blocks_of
from tests.graphaudit.simulation.conftest import IN_PARTS, SEED
from tests.graphaudit.simulation.delivered import Delivered

DECLARED = {
    "setl_d", "mdtrt_d", "fee_list_d", "psn_info_b", "psn_insu_d", "insu_emp_info_b", "psn_fix_reg_d", "opsp_reg_d",
    "fixmedins_b", "medins_info_b", "rtal_phac_b", "fixmedins_paus_d", "fixmedins_sign_b", "dr_info_b",
    "fixmedins_dept_dr_rlts_info_c", "opt_psn_b", "cent_manl_reim_reg_d", "cent_manl_reim_reg_evt_c", "biz_gen_chk_d",
    "med_dfr_d", "selinfo_3505", "selinfo_3506", "benign_register",
}  # fmt: skip


class Counted(SilentProgress):
    """Remembers how far it was told to go and how far it went."""

    def __init__(self) -> None:
        self.total, self.steps = 0, 0

    def stage(self, name: str, total: int | None = None) -> None:
        self.total = total or 0

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.steps += steps


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_same_dials_give_the_same_bytes(tmp_path: Path, world, file_format: str) -> None:
    first = world("tiny", level=1, file_format=file_format)
    simulate(tmp_path / "again", size="tiny", seed=SEED, camouflage=1, file_format=file_format)
    assert _bytes(tmp_path / "again") == _bytes(first.folder)
    assert truth_path(tmp_path / "again").read_bytes() == truth_path(first.folder).read_bytes()


def test_another_seed_is_another_city(world) -> None:
    one, other = world("tiny", level=1), world("tiny", level=1, seed=SEED + 1)
    left, right = _bytes(one.folder), _bytes(other.folder)
    assert left.keys() == right.keys()
    assert not [name for name in ("setl_d.csv", "fee_list_d.csv", "psn_info_b.csv") if left[name] == right[name]]
    assert one.truth["rings"] != other.truth["rings"]
    assert other.truth["seed"] == SEED + 1


def test_csv_and_parquet_hold_the_same(world) -> None:
    text, columnar = world("tiny", level=1), world("tiny", level=1, file_format="parquet")
    assert text.truth == columnar.truth
    assert text.tables() == columnar.tables()
    assert {file.suffix for file in columnar.folder.iterdir()} == {".parquet", ".csv"}  # the register is always CSV
    for table in text.tables():
        names = [
            row[0]
            for row in text.rows(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position",
                table,
            )
        ]
        columns = ", ".join(f"coalesce(\"{name}\", '')" for name in names)
        summed = f"SELECT count(*), sum(hash({columns}))::VARCHAR FROM {table}"
        assert text.rows(summed) == columnar.rows(summed), table


def test_every_declared_table_is_delivered(city: Delivered) -> None:
    assert set(city.tables()) == DECLARED
    assert not [table for table in DECLARED if city.one(f"SELECT count(*) FROM {table}") == 0]


@pytest.mark.parametrize(
    ("size", "persons", "settlements"),
    [
        ("tiny", 2_000, 20_000),
        ("small", 20_000, 300_000),
        ("main", 200_000, 3_000_000),
        ("large", 1_000_000, 15_000_000),
    ],
)
def test_sizes_are_declared_as_documented(size: str, persons: int, settlements: int) -> None:
    declared = SIZES[size]
    assert declared.persons == persons
    assert declared.persons * declared.visits * declared.months == pytest.approx(settlements, rel=0.02)


def test_a_tiny_city_has_its_size(city: Delivered) -> None:
    _has_the_size_of(city, "tiny")


@pytest.mark.slow
def test_a_small_city_has_its_size(world) -> None:
    small = world("small", level=1, file_format="parquet")
    _has_the_size_of(small, "small")
    assert small.one("SELECT count(*) FROM fee_list_d") == pytest.approx(1_000_000, rel=0.15)
    assert len(small.truth["rings"]) == 20


def _has_the_size_of(city: Delivered, name: str) -> None:
    size = SIZES[name]
    assert city.one("SELECT count(*) FROM psn_info_b") == size.persons
    assert city.one("SELECT count(*) FROM setl_d") == pytest.approx(size.persons * size.visits * size.months, rel=0.15)
    ring_share = city.one("SELECT count(*) FROM ring_settlements") / city.one("SELECT count(*) FROM setl_d")
    assert ring_share < 0.05


def test_a_city_in_parts_is_one_city(world) -> None:
    whole, parts = world("tiny", level=1), world(IN_PARTS, level=1)
    files = sorted(file.name for file in parts.folder.glob("setl_d*"))
    assert files == ["setl_d_001.csv", "setl_d_002.csv", "setl_d_003.csv"]
    assert len(blocks_of(SIZES[IN_PARTS])) == 3
    assert parts.tables() == whole.tables()
    for key, table in (("setl_id", "setl_d"), ("mdtrt_id", "mdtrt_d"), ("bkkp_sn", "fee_list_d")):
        assert parts.one(f"SELECT count(*) - count(DISTINCT {key}) FROM {table}") == 0
    assert parts.one("SELECT count(*) FROM setl_d") == pytest.approx(whole.one("SELECT count(*) FROM setl_d"), rel=0.05)
    assert [r["settlements"] for r in parts.truth["rings"]] == [r["settlements"] for r in whole.truth["rings"]]
    lost = "SELECT count(*) FROM ring_settlements WHERE setl_id NOT IN (SELECT setl_id FROM visits)"
    assert parts.one(lost) == 0


def test_progress_arrives_where_it_said_it_would(tmp_path: Path) -> None:
    counted = Counted()
    simulate(tmp_path / "city", size="tiny", progress=counted)
    assert counted.steps == counted.total == 3


def test_an_empty_folder_may_be_there_already(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    truth = simulate(tmp_path / "city", size="tiny")
    assert (tmp_path / "city" / "setl_d.csv").is_file()
    assert truth["size"] == "tiny"


def test_the_present_folder_may_be_named_by_a_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    simulate(Path(), size="tiny")
    assert json.loads((tmp_path / "here.truth.json").read_text(encoding="utf-8"))["rings"]


@pytest.mark.parametrize(
    ("dials", "error", "message"),
    [
        ({"size": "enormous"}, ConfigurationError, "choose one of tiny, small, main, large"),
        ({"camouflage": 3}, ConfigurationError, "choose 0, 1 or 2"),
        ({"file_format": "xlsx"}, ConfigurationError, "choose one of csv, parquet"),
        ({"seed": -1}, SourceError, "the seed -1 is negative"),
    ],
)
def test_impossible_dials_are_refused_before_anything_is_written(
    tmp_path: Path, dials: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        simulate(tmp_path / "city", **dials)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SourceError, match="is not empty"):
        simulate(tmp_path / "city", size="tiny")
    with pytest.raises(SourceError, match="is a file"):
        simulate(tmp_path / "city" / "note.txt", size="tiny")
    assert [file.name for file in tmp_path.rglob("*")] == ["city", "note.txt"]


def test_a_failure_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(simulation, "write_truth", full)
    with pytest.raises(OSError, match="no space left"):
        simulate(tmp_path / "city", size="tiny")
    assert list(tmp_path.iterdir()) == []
