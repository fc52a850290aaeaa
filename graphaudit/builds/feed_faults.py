"""Feed faults of a build in words: what a site's own deliveries lack or say wrong, for the build report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from graphaudit.findings import Text

#: What each fault of the derived table site_faults means.
FAULTS: Mapping[str, Text] = {
    "no_clock": Text("结算时间不含时分", "settlement times carry no time of day"),
    "bunched_stamps": Text(
        "结算时间集中于整点或固定时刻(批量上传)", "times bunch at whole hours or fixed minutes (batch uploads)"
    ),
    "one_stamp_a_day": Text(
        "全天结算集中于一刻钟内(每日批量上传)", "nearly a whole day within a quarter of an hour (daily upload)"
    ),
    "clock_offset": Text("时钟与其他机构不一致", "the clock differs from the other sites'"),
    "missing_half_days": Text("缺少整个半天的数据", "whole half days are missing"),
    "delivered_twice": Text("同一记录重复上传", "records are delivered twice under new ids"),
    "no_doctor": Text("医师为空", "the doctor is empty"),
    "no_operator": Text("经办人为空", "the operator is empty"),
    "no_credential": Text("就诊凭证为空", "the credential is empty"),
    "no_terminal": Text("终端(签到)缺失", "no terminal was signed in"),
    "no_bed": Text("住院床位为空", "the bed of stays is empty"),
    "shared_doctor_code": Text("医师代码为占位或多人共用", "visits stand under a doctor code that is nobody's own"),
}  # fmt: skip

#: Lines of the report for people; the rest is counted, and stands in report.json.
SHOWN = 40


def read_feed_faults(folder: Path) -> list[dict[str, Any]]:
    """Faults of the build in `folder` with the sites' ids and names, by site and fault; none before it is derived."""
    faults, sites = folder / "derived" / "site_faults.parquet", folder / "tables" / "sites.parquet"
    if not (faults.exists() and sites.exists()):
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT s.site_id, s.name, f.fault, f.affected, f.tested, round(f.share, 4), round(f.usual, 4), f.minutes "
            "FROM read_parquet($faults) AS f JOIN read_parquet($sites) AS s USING (site_no) ORDER BY site_id, fault",
            {"faults": str(faults), "sites": str(sites)},
        ).fetchall()
    names = ("site", "name", "fault", "affected", "tested", "share", "usual", "minutes")
    return [
        dict(zip(names, row, strict=True)) | {"text": FAULTS[row[2]].en, "text_zh": FAULTS[row[2]].zh} for row in rows
    ]


def fault_lines(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    """Faults as lines for people, English and Chinese."""
    lines = [f"{_site(fault)}: {fault['text']}（{fault['text_zh']}）: {_extent(fault)}" for fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"{len(faults) - SHOWN} more in report.json · 其余见 report.json")
    return lines or ["none 无"]


def _site(fault: Mapping[str, Any]) -> str:
    return f"{fault['site']} {fault['name']}" if fault["name"] else str(fault["site"])


def _extent(fault: Mapping[str, Any]) -> str:
    if fault["minutes"] is not None:
        return f"{fault['minutes']:+d} min 分钟"
    return f"{fault['affected']:,} / {fault['tested']:,} ({fault['share']:.1%}; usual 通常 {fault['usual']:.1%})"
