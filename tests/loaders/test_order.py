"""The order of rows, files and columns of a source, and the site key, decide nothing but what they must."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import StageOptions, stage_source
from tests.loaders import test_identities, test_settlements
from tests.loaders.source_builder import Row, Staged, as_csv, line, settlement, stage_folder, write

SALES = [
    {"drug_trac_codg": f"8100000000000000000{number % 4}", "setl_id": f"S0{number}", "sel_retn_cnt": "1",
     "med_list_codg": "XA10BA02", "sel_retn_time": f"2026-01-0{number} 10:00:00"}
    for number in range(1, 7)
]  # fmt: skip
CITY: Mapping[str, Sequence[Row]] = {
    **test_identities.TABLES_WRITTEN,
    "setl_d": [
        *test_settlements.SETTLEMENTS,
        *test_identities.SETTLEMENTS,
        # ties: nothing but the ids can decide between these
        settlement("T1", psn_no="330100000009", psn_name="乙", emp_no="E9", emp_name="甲厂", chfpdr_code="D1"),
        settlement("T2", psn_no="330100000009", psn_name="甲", emp_no="E9", emp_name="乙厂", chfpdr_code="D2"),
        settlement("T3", psn_no="330100000009", tel="13957100007", fixmedins_name="一"),
        settlement("T4", psn_no="330100000009", tel="13957100008", fixmedins_name="二"),
        settlement("T4", psn_no="330100000009", tel="13957100008", fixmedins_name="二"),
        settlement("BAD", medfee_sumamt="x"),
        settlement("TWO"),
        settlement("TWO", medfee_sumamt="99", fund_pay_sumamt="69"),
    ],
    "mdtrt_d": test_settlements.VISITS,
    "fee_list_d": [
        *test_settlements.LINES, line("T1", "T3", bilg_dr_code="D1"), line("T2", "T3", bilg_dr_code="D2"),
        line("T3", "T4", hilist_name="甲"), line("T4", "T4", hilist_name="乙"),
    ],
    "selinfo_3505": SALES,
    "selinfo_3506": [{"drug_trac_codg": "81000000000000000001", "setl_id": "S01"}],
    "benign_register": [
        {"kind": "market_day", "institution": "H33010200001", "from": f"2026-01-0{n}"} for n in (3, 1, 2)
    ],
    "fixmedins_sign_b": [
        {"sign_sn": f"G{n}", "fixmedins_code": "H33010200001", "sign_in_mac": f"AA-BB-CC-00-00-0{n % 2}",
         "sign_in_time": "2026-01-05 08:00:00", "opter_id": "admin"} for n in range(4)
    ],
}  # fmt: skip


def write_shuffled(folder: Path, seed: int) -> Path:
    """The same rows in another order, over other files, with the columns in another order."""
    chance = random.Random(seed)
    folder.mkdir()
    for name, rows in CITY.items():
        left = [dict(sorted(row.items(), key=lambda _: chance.random())) for row in rows]
        chance.shuffle(left)
        parts = chance.randint(1, 3)
        for part in range(parts):
            if left[part::parts]:
                (folder / f"{name}_{part}.csv").write_text(as_csv(left[part::parts]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    folder = tmp_path_factory.mktemp("ordered")
    return stage_folder(write(folder / "source", CITY), folder / "out", max_rejected_share=0.5)


def without_files(rejects: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    return sorted((row["table"], row["column"], row["value"], row["reason"]) for row in rejects)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_files_and_columns_decides_nothing(ordered: Staged, tmp_path: Path, seed: int) -> None:
    shuffled = stage_folder(write_shuffled(tmp_path / "source", seed), tmp_path / "out", max_rejected_share=0.5)
    expected = ordered.content()
    for table, rows in shuffled.content().items():
        assert rows == expected[table], table
    assert without_files(shuffled.rejects) == without_files(ordered.rejects)
    assert shuffled.report.coverage == ordered.report.coverage
    for table in ordered.report.tables:
        other = shuffled.table(table.name)
        assert (other.read, other.aside, other.rejected, other.notes) == (
            table.read, table.aside, table.rejected, table.notes,
        ), table.name  # fmt: skip


def test_the_city_of_this_test_fills_every_table_that_order_could_disturb(ordered: Staged) -> None:
    sizes = {name: len(rows) for name, rows in ordered.content().items()}
    few = {name for name, size in sizes.items() if size < 2}
    assert few == {"manual_cases", "payouts", "registrations", "site_pauses"}


def test_loading_twice_gives_the_same_bytes(ordered: Staged, tmp_path: Path) -> None:
    again = stage_folder(write(tmp_path / "source", CITY), tmp_path / "out", max_rejected_share=0.5)
    for name in ordered.content():
        assert (again.folder / f"{name}.parquet").read_bytes() == (ordered.folder / f"{name}.parquet").read_bytes()


def test_another_site_key_changes_pseudonyms_and_nothing_else(ordered: Staged, tmp_path: Path) -> None:
    stage_source(
        write(tmp_path / "source", CITY), tmp_path / "tables", rejects=tmp_path / "rejects.csv",
        key=b"quite another site key of 33 byte", options=StageOptions(max_rejected_share=0.5),
    )  # fmt: skip
    from graphaudit.records import TABLES

    for declared in TABLES:
        secret = [column.name for column in declared.columns if column.pseudonym]
        if declared.restricted:
            secret.append("id")
        chosen = ", ".join(
            f'"{column.name}"' for column in declared.columns if column.name not in (*secret, "owner_id")
        )
        paths = [ordered.folder / f"{declared.name}.parquet", tmp_path / "tables" / f"{declared.name}.parquet"]
        first, second = (duckdb.sql(f"SELECT {chosen} FROM read_parquet('{path}')").fetchall() for path in paths)
        assert first == second, declared.name
    ids = [set(duckdb.sql(f"SELECT person_id FROM read_parquet('{folder}/persons.parquet')").fetchall())
           for folder in (ordered.folder, tmp_path / "tables")]  # fmt: skip
    assert not ids[0] & ids[1]


def test_numbers_of_threads_decide_nothing(ordered: Staged, tmp_path: Path) -> None:
    single: Any = stage_folder(write(tmp_path / "source", CITY), tmp_path / "out", max_rejected_share=0.5, threads=1)
    assert single.content() == ordered.content()
