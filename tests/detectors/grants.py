"""Hand-made registrations of special diseases at one agency office, with what was settled before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import duckdb

from tests.detectors.finding_reader import START
from tests.table_builder import as_given, tables_of


def granted(
    grants: Sequence[Mapping[str, Any]],
    desks: Sequence[int],
    shuffle: Callable[..., Any] = as_given,
    *,
    before: int,
    bought_before: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Tables with a registration of each of `grants`: person, desk, disease, day; seen, used, doctor, agent if told.

    Who is `seen` was at a doctor's `before` days before it; who is not bought something then if `bought_before`. The
    benefit is `used` twice afterwards unless said otherwise.
    """
    settlements: list[dict[str, Any]] = [{"settlement_no": 0, "person_no": 0, "settled_at": START}]

    def settle(person: int, day: int, kind: str) -> None:
        settlements.append(
            {
                "settlement_no": len(settlements), "person_no": person, "kind": kind, "diagnosis_code": "I10.x",
                "settled_at": START + timedelta(days=day),
            }
        )  # fmt: skip

    for each in grants:
        if each["seen"]:
            settle(each["person"], each["day"] - before, "outpatient")
        elif bought_before:
            settle(each["person"], each["day"] - before, "pharmacy")
        if each.get("used", True):
            settle(each["person"], each["day"] + 10, "chronic")
            settle(each["person"], each["day"] + 40, "chronic")
    return tables_of(
        {
            "persons": [{"person_no": no} for no in range(1000)],
            "settlements": settlements,
            "handlers": [{"handler_no": no, "kind": "agency", "office": "O1"} for no in desks],
            "registrations": [
                {
                    "registration_id": f"R{each['person']}", "kind": "chronic_disease", "person_no": each["person"],
                    "disease_code": each["disease"], "handler_no": each["desk"], "doctor_no": each.get("doctor"),
                    "site_no": each["doctor"] // 4 if "doctor" in each else None, "agent_no": each.get("agent"),
                    "handled_at": START + timedelta(days=each["day"], hours=10),
                }
                for each in grants
            ],
        },
        shuffle,
    )  # fmt: skip
