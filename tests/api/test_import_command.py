"""import-claims on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.api.command_runner import Ran


def test_claims_are_written_for_build_and_a_bad_folder_exits_with_1(run: Callable[..., Ran], tmp_path: Path) -> None:
    claims = tmp_path / "claims"
    ran = run("import-claims", str(claims), "--out", str(tmp_path / "source"))
    assert ran.code == 1
    assert "next step: give the folder that holds inpatient.parquet" in ran.err
    claims.mkdir()
    row = {"ClaimID": "C1", "BeneID": "B1", "Provider": "P1", "InscClaimAmtReimbursed": 10}
    row |= {"ClaimStartDt": datetime(2009, 1, 1), "ClaimEndDt": datetime(2009, 1, 3)}
    pq.write_table(pa.Table.from_pylist([row]), claims / "inpatient.parquet")
    ran = run("import-claims", str(claims), "--out", str(tmp_path / "source"), "--json")
    assert ran.code == 0
    assert ran.json["written"]["setl_d"] == 1
