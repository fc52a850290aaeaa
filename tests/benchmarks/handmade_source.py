"""Source folders of a few rows, written by hand, for tests of the simple methods."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

Row = Mapping[str, object]

SETTLEMENT = {
    "mdtrt_cert_type": "03", "med_type": "41", "medfee_sumamt": "50.00", "vali_flag": "1", "refd_setl_flag": "0",
    "init_setl_id": "", "fund_pay_sumamt": "0", "opter_id": "",
}  # fmt: skip
BEGIN = datetime(2026, 1, 5, 9)


def at(day: int, minutes: float = 0) -> str:
    """A time on `day` (from 0), that many minutes after nine."""
    return (BEGIN + timedelta(days=day, minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S")


def settlement(number: int, person: str, site: str, when: str, **given: object) -> dict[str, object]:
    """A purchase with a visit and card of its own person."""
    named = {"setl_id": f"S{number}", "mdtrt_id": f"V{number}", "psn_no": person, "fixmedins_code": site}
    return {**SETTLEMENT, **named, "setl_time": when, "mdtrt_cert_no": f"C-{person}", **given}


def meetings(
    persons: Sequence[str], site: str, days: Iterable[int], *, minutes: float = 1, first: int = 0
) -> list[dict[str, object]]:
    """All `persons` at `site` on each of `days`, one after the other."""
    rows: list[dict[str, object]] = []
    for day in days:
        for place, person in enumerate(persons):
            rows.append(settlement(first + len(rows), person, site, at(day, place * minutes)))
    return rows


def write_folder(folder: Path, **tables: Sequence[Row]) -> Path:
    """Write each table as CSV; `setl_d`, `mdtrt_d`, `fee_list_d` and `psn_info_b` are there even when not given."""
    settled = tables.get("setl_d", ())
    visits = [{"mdtrt_id": row["mdtrt_id"], "chfpdr_code": "", "begntime": "", "endtime": ""} for row in settled]
    people = [{"psn_no": person, "resdbook_no": ""} for person in sorted({str(row["psn_no"]) for row in settled})]
    line = {
        "setl_id": "", "mdtrt_id": "", "hilist_code": "", "list_type": "", "cnt": "", "pric": "", "vali_flag": "",
    }  # fmt: skip
    everything: dict[str, Sequence[Row]] = {"mdtrt_d": visits, "psn_info_b": people, "fee_list_d": [line], **tables}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in everything.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder
