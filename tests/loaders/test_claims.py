"""Provider claims become a source folder, the source folder canonical tables; bad files are refused with the place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphaudit.errors import SourceError
from loaders.claims import import_claims
from tests.loaders.source_builder import Row, Staged, stage_folder

Claims = Callable[..., Path]


def claim(number: int, **given: Any) -> dict[str, Any]:
    """A stay of three nights for 5,000 dollars and the deductible, with what a test cares about replaced."""
    return {
        "BeneID": "BENE1", "ClaimID": f"CLM{number}", "Provider": "PRV1", "ClaimStartDt": datetime(2009, 4, 12),
        "ClaimEndDt": datetime(2009, 4, 15), "AdmissionDt": datetime(2009, 4, 12), "DischargeDt": datetime(2009, 4, 15),
        "InscClaimAmtReimbursed": 5000, "DeductibleAmtPaid": 1068.0, "AttendingPhysician": "PHY1",
        "OperatingPhysician": None, "OtherPhysician": None, "DiagnosisGroupCode": "201", "ClmDiagnosisCode_1": "1970",
        "ClmAdmitDiagnosisCode": "7866", "ClmProcedureCode_1": None, "ClmProcedureCode_2": None, **given,
    }  # fmt: skip


BENEFICIARIES = (
    {"BeneID": "BENE1", "DOB": datetime(1943, 1, 1), "DOD": None, "Gender": 1, "State": 39, "County": 230,
     "ChronicCond_Diabetes": 1, "ChronicCond_Cancer": 2},
    {"BeneID": "BENE2", "DOB": datetime(1936, 9, 1), "DOD": datetime(2009, 11, 1), "Gender": 2, "State": 39,
     "County": 280, "ChronicCond_Diabetes": 2, "ChronicCond_Cancer": 2},
)  # fmt: skip


OPERATED = claim(
    2, BeneID="BENE2", Provider="PRV2", OperatingPhysician="PHY2", OtherPhysician="PHY3", ClmProcedureCode_1=7092.0
)
UNCODED = claim(3, Provider="PRV2", OperatingPhysician="PHY4", AttendingPhysician=None)
VISIT = {
    name: value for name, value in claim(9).items() if name not in ("AdmissionDt", "DischargeDt", "DiagnosisGroupCode")
}


def write_claims(folder: Path, inpatient: Sequence[Row], **others: Sequence[Row]) -> Path:
    """Write the given claims (and beneficiaries, and outpatient claims) as Parquet."""
    folder.mkdir(exist_ok=True)
    for name, rows in {"inpatient": inpatient, **others}.items():
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), folder / f"{name}.parquet")
    return folder


@pytest.fixture
def claims(tmp_path: Path) -> Claims:
    """Write claims to a folder and return it."""
    return partial(write_claims, tmp_path / "claims")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """A few claims of every sort, imported and staged once."""
    folder = tmp_path_factory.mktemp("claims")
    given = {"beneficiary": BENEFICIARIES, "outpatient": [VISIT]}
    import_claims(write_claims(folder / "claims", [claim(1), OPERATED, UNCODED], **given), folder / "source")
    return stage_folder(folder / "source", folder / "out")


def test_a_claim_becomes_a_stay_with_its_money_and_days(found: Staged) -> None:
    columns = ("settlement_id", "kind", "begin_at", "end_at", "has_clock", "total_fen", "fund_fen", "cash_fen")
    stay = ("inpatient", datetime(2009, 4, 12), datetime(2009, 4, 15), False, 606800, 500000, 106800)
    rows = found.rows("settlements", *columns)
    assert rows[:3] == [(name, *stay) for name in ("CLM1", "CLM2", "CLM3")]
    assert set(found.column("settlements", "diagnosis_code")) == {"1970"}


def test_outpatient_claims_become_visits(found: Staged) -> None:
    assert found.rows("settlements", "settlement_id", "kind")[3] == ("CLM9", "outpatient")


def test_every_physician_of_a_claim_is_a_doctor_who_practises_there(found: Staged) -> None:
    assert found.column("sites", "site_id") == ["PRV1", "PRV2"]
    assert found.column("doctors", "doctor_id") == ["PHY1", "PHY2", "PHY3", "PHY4"]
    assert found.rows("practices", "doctor_no", "site_no", "registered") == [
        (0, 0, False), (0, 1, False), (1, 1, False), (2, 1, False), (3, 1, False),
    ]  # fmt: skip


def test_lines_say_who_did_what(found: Staged) -> None:
    lines = found.rows("lines", "settlement_no", "item_code", "doctor_no", "amount_fen")
    assert sorted(line for line in lines if line[0] == 1) == [
        (1, "GROUP-201", 0, 606800), (1, "OTHER", 2, 0), (1, "PROCEDURE-7092", 1, 0),
    ]  # fmt: skip
    assert (2, "OPERATING", 3, 0) in lines


def test_beneficiaries_become_persons_under_pseudonyms_with_deaths_and_conditions(found: Staged) -> None:
    assert found.rows("persons", "sex", "birth_year", "died_on", "division") == [
        ("male", 1943, None, "39-230"), ("female", 1936, date(2009, 11, 1), "39-280"),
    ]  # fmt: skip
    assert not [person for person in found.column("persons", "person_id") if "BENE" in person]
    assert found.rows("registrations", "kind", "person_no", "disease_name") == [("chronic_disease", 0, "Diabetes")]


def test_the_written_tables_are_read_without_a_rejected_row(found: Staged) -> None:
    assert found.report.rows_rejected == 0
    assert not [table.name for table in found.report.tables if table.ignored_columns or table.unknown_codes]


def test_only_the_required_columns_are_needed(claims: Claims, tmp_path: Path) -> None:
    kept = ("BeneID", "ClaimID", "Provider", "ClaimStartDt", "ClaimEndDt", "InscClaimAmtReimbursed")
    imported = import_claims(claims([{name: claim(1)[name] for name in kept}]), tmp_path / "source")
    assert imported.read == {"inpatient": 1}
    (row,) = pq.read_table(tmp_path / "source" / "setl_d.parquet").to_pylist()
    assert row["medfee_sumamt"] == 5000
    assert row["enddate"] == date(2009, 4, 15)
    assert row["chfpdr_code"] is None


def test_the_order_of_claims_does_not_show(claims: Claims, tmp_path: Path) -> None:
    rows = [claim(number, Provider=f"PRV{number % 3}") for number in range(9)]
    import_claims(claims(rows), tmp_path / "one")
    import_claims(claims(rows[::-1]), tmp_path / "other")
    for table in ("setl_d", "fee_list_d"):
        assert (tmp_path / "one" / f"{table}.parquet").read_bytes() == (
            tmp_path / "other" / f"{table}.parquet"
        ).read_bytes()


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ([claim(1), claim(2, ClaimStartDt=None)], "inpatient.parquet, row 2, column ClaimStartDt: empty"),
        ([claim(1, Provider="NA")], "inpatient.parquet, row 1, column Provider: empty"),
        ([claim(1, InscClaimAmtReimbursed=-5)],
         "inpatient.parquet, row 1, column InscClaimAmtReimbursed: not an amount of money from 0 on"),
        ([claim(1, ClaimEndDt=datetime(2009, 4, 1))],
         "inpatient.parquet, row 1, column ClaimEndDt: before ClaimStartDt"),
        ([claim(1) | {"AdmissionDt": "yesterday"}], "inpatient.parquet, row 1, column AdmissionDt: not a date"),
        ([{"ClaimID": "CLM1"}], "inpatient.parquet: required column BeneID is missing"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_place_and_nothing_is_left(
    claims: Claims, tmp_path: Path, rows: list[Row], refused: str
) -> None:
    with pytest.raises(SourceError) as error:
        import_claims(claims(rows), tmp_path / "source")
    assert error.value.detail == refused
    assert error.value.hint
    assert [entry.name for entry in tmp_path.iterdir()] == ["claims"]


def test_a_bad_beneficiary_is_refused(claims: Claims, tmp_path: Path) -> None:
    odd = [BENEFICIARIES[0] | {"Gender": "f"}]
    with pytest.raises(SourceError, match=r"beneficiary\.parquet, row 1, column Gender: not a number"):
        import_claims(claims([claim(1)], beneficiary=odd), tmp_path / "source")


def test_a_folder_without_claims_a_broken_file_and_a_full_target_are_refused(claims: Claims, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no folder"):
        import_claims(tmp_path / "nowhere", tmp_path / "source")
    folder = claims([claim(1)])
    (folder / "beneficiary.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match=r"beneficiary\.parquet: the Parquet file cannot be read"):
        import_claims(folder, tmp_path / "source")
    with pytest.raises(SourceError, match="is not empty"):
        import_claims(folder, folder)
    (folder / "inpatient.parquet").unlink()
    with pytest.raises(SourceError, match=r"inpatient\.parquet: there is no such file"):
        import_claims(folder, tmp_path / "source")
