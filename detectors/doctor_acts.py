"""What doctors are said to have done where they cannot have done it: one finding for all doctors of an institution.

The finding is of the doctors and the places; whose card was used is told by the settlements, not as a member: the patient
need not know what was settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import duckdb
import pandas as pd

from detectors.base import DetectorSpec
from detectors.case_findings import Handled, handled
from detectors.pattern_rows import Candidate
from graphaudit.findings import Finding, Member, Signal, Text

#: What shows that the doctor, or somebody for the doctor, was there.
CLEARS = Text(
    "医师排班、病历签名与叫号记录，多点执业或远程诊疗的登记，或医师代码由多人使用的说明。",
    "Rosters, signatures in the records and calls of the waiting room; a registration of practice elsewhere or of remote work; "
    "or proof that several persons work under the code.",
)


def of_institutions(
    rows: pd.DataFrame,
    signals: Callable[[pd.DataFrame], tuple[Signal, ...]],
    *,
    log_p: Callable[[pd.DataFrame], float] | None = None,
) -> list[Handled]:
    """One group for each `site_no` of `rows`, in their order; `signals` and `log_p` are asked about the rows of each.

    `rows` holds doctor_no, site_no (where the doctor belongs), settlement_no and, where acts lie elsewhere too,
    other_site_no.
    """
    groups = []
    for site, held in rows.groupby("site_no", sort=True):
        doctors = sorted(set(held["doctor_no"].tolist()))
        sites = {int(str(site))}
        if "other_site_no" in held:
            sites |= {int(no) for no in held["other_site_no"].tolist()}
        members = [Member("doctor", int(no), "doctor") for no in doctors]
        members += [Member("institution", no, "site") for no in sorted(sites)]
        settlements = tuple(sorted({int(no) for no in held["settlement_no"].tolist()}))
        groups.append(
            Handled(
                Candidate(tuple(sorted(members)), settlements),
                signals(held),
                None if log_p is None else log_p(held),
            )
        )
    return groups


def doctors_told(
    tables: duckdb.DuckDBPyConnection, groups: Sequence[Handled], spec: DetectorSpec, text: Text
) -> Iterable[Finding]:
    """Yield a finding for each of `groups`; `text` is filled with counts of settlements, days and sites."""
    for finding in handled(tables, groups, spec, text, least={}):
        # no named pattern of the list says what would clear a doctor, or which articles are concerned
        yield replace(finding, would_clear=CLEARS, legal_basis=spec.legal_basis)
