"""The files of a claims folder: their columns, and how each cell must read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """What a column holds; the value is the engine's type that every filled cell must be readable as."""

    ID = "VARCHAR"
    DAY = "TIMESTAMP"
    AMOUNT = "DECIMAL(18, 2)"  # US dollars, never negative
    NUMBER = "DOUBLE"


#: What a message says of a cell that does not read as its column must.
REFUSALS = {
    Form.DAY: "not a date",
    Form.AMOUNT: "not an amount of money from 0 on",
    Form.NUMBER: "not a number",
}


@dataclass(frozen=True, slots=True)
class ClaimsFile:
    """One file, `name`.parquet: columns without which it is refused, columns that may be missing."""

    name: str
    required: dict[str, Form]
    optional: dict[str, Form]
    mandatory: bool = False

    @property
    def columns(self) -> dict[str, Form]:
        """All of them."""
        return self.required | self.optional


_CLAIM = {
    "ClaimID": Form.ID, "BeneID": Form.ID, "Provider": Form.ID, "ClaimStartDt": Form.DAY, "ClaimEndDt": Form.DAY,
    "InscClaimAmtReimbursed": Form.AMOUNT,
}  # fmt: skip
_PHYSICIANS = ("AttendingPhysician", "OperatingPhysician", "OtherPhysician")
DIAGNOSES = tuple(f"ClmDiagnosisCode_{place}" for place in range(1, 11))
PROCEDURES = tuple(f"ClmProcedureCode_{place}" for place in range(1, 7))
_DETAILS = {
    "DeductibleAmtPaid": Form.AMOUNT,
    **dict.fromkeys((*_PHYSICIANS, "ClmAdmitDiagnosisCode", *DIAGNOSES, *PROCEDURES), Form.ID),
}

#: In the published files 1 says that a beneficiary has the condition and 2 that not.
CONDITIONS = (
    "Alzheimer", "Heartfailure", "KidneyDisease", "Cancer", "ObstrPulmonary", "Depression", "Diabetes",
    "IschemicHeart", "Osteoporasis", "rheumatoidarthritis", "stroke",
)  # fmt: skip

INPATIENT = ClaimsFile(
    "inpatient",
    _CLAIM,
    {**_DETAILS, "AdmissionDt": Form.DAY, "DischargeDt": Form.DAY, "DiagnosisGroupCode": Form.ID},
    mandatory=True,
)
OUTPATIENT = ClaimsFile("outpatient", _CLAIM, _DETAILS)
BENEFICIARY = ClaimsFile(
    "beneficiary",
    {"BeneID": Form.ID},
    {
        "DOB": Form.DAY, "DOD": Form.DAY, "Gender": Form.NUMBER, "State": Form.ID, "County": Form.ID,
        **dict.fromkeys((f"ChronicCond_{name}" for name in CONDITIONS), Form.NUMBER),
    },
)  # fmt: skip

FILES = (INPATIENT, OUTPATIENT, BENEFICIARY)
