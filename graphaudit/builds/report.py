"""The build report: what was read, what was not, what that switches off, and what each stage cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from graphaudit.builds.durable import write_text
from graphaudit.builds.feed_faults import fault_lines
from graphaudit.builds.manifest import Manifest
from graphaudit.builds.stages import summary

#: Crowded windows that the readable report names, the largest first.
SHOWN_CELLS = 20


def crowded_windows(folder: Path) -> list[dict[str, Any]]:
    """Every capped cell of the build in `folder` with the pseudonym of its site, the largest first."""
    cells, sites = folder / "derived" / "capped_cells.parquet", folder / "tables" / "sites.parquet"
    if not (cells.exists() and sites.exists()):
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            """
            SELECT s.site_id, DATE '1970-01-01' + c.day, c.from_minute, c.persons, c.left_out
            FROM read_parquet($cells) AS c JOIN read_parquet($sites) AS s USING (site_no)
            ORDER BY c.persons DESC, s.site_id, c.day, c.from_minute
            """,
            {"cells": str(cells), "sites": str(sites)},
        ).fetchall()
    return [
        {
            "site": site,
            "day": day.isoformat(),
            "from": f"{minute // 60:02}:{minute % 60:02}",
            "persons": persons,
            "left_out": left_out,
        }
        for site, day, minute, persons, left_out in rows
    ]


def build_report(
    manifest: Manifest,
    load: Mapping[str, Any] | None,
    skipped: Sequence[Mapping[str, str]],
    *,
    detectors: Sequence[Mapping[str, Any]] = (),
    feed_faults: Sequence[Mapping[str, Any]] = (),
    capped: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The report as data; `load` is the loader's own report, `skipped` names detectors and why they did not run.

    `detectors` has what each that ran took: `detector`, `seconds`, `findings`.
    `feed_faults` are faults of single sites' deliveries: findings about data, not about people. `capped` names the
    windows of sites that were compared by the minute only, as capped_cells gives them.
    """
    return {
        "build_id": manifest.build_id,
        "state": manifest.state,
        "created": manifest.created,
        "finished": manifest.finished,
        "source": manifest.source,
        "source_fingerprint": manifest.source_fingerprint,
        "code_version": manifest.code_version,
        "parameters": manifest.parameters,
        "error": manifest.error,
        "load": dict(load) if load else None,
        "feed_faults": [dict(fault) for fault in feed_faults],
        "detectors": [dict(cost) for cost in detectors],
        "switched_off": [dict(entry) for entry in skipped],
        "capped": [dict(cell) for cell in capped],
        "stages": [
            {
                "name": record.name,
                "state": record.state,
                "seconds": record.seconds,
                "peak_rss_mb": round(record.peak_rss_bytes / 1e6, 1),
                "counts": record.counts,
            }
            for record in manifest.stages
        ],
    }


def readable_report(report: Mapping[str, Any], load_text: str) -> str:
    """The report for people."""
    lines = [
        f"Build {report['build_id']}: {report['state']}",
        f"  source      {report['source']}",
        f"  started     {report['created']}   ended {report['finished'] or '-'}",
        f"  code        {report['code_version']}",
    ]
    if report["error"]:
        error = report["error"]
        lines += ["", f"Stopped at stage {error['stage']}: {error['detail']}"]
        if error["hint"]:
            lines.append(f"  next step: {error['hint']}")
    lines += ["", "What was read", *_indented(load_text or "nothing: the build stopped before reading had ended")]
    lines += ["", "Faults of single sites' feeds · 机构上报数据问题"]
    lines += [f"  {line}" for line in fault_lines(report["feed_faults"])]
    lines += ["", "Detectors switched off"]
    lines += [
        f"  {entry['detector']}: {entry['reason']}（{entry['reason_zh']}）" for entry in report["switched_off"]
    ] or ["  none"]
    lines += ["", "Detectors", f"  {'detector':<32}{'seconds':>9}{'findings':>10}"]
    lines += [
        f"  {cost['detector']:<32}{cost['seconds']:>9.1f}{cost['findings']:>10,}" for cost in report["detectors"]
    ] or ["  none ran"]
    lines += ["", "Windows too crowded to compare everybody with everybody: compared by the minute"]
    lines += [
        f"  {cell['site']} on {cell['day']} from {cell['from']}: {cell['persons']:,} persons,"
        f" {cell['left_out']:,} left out"
        for cell in report["capped"][:SHOWN_CELLS]
    ] or ["  none"]
    if len(report["capped"]) > SHOWN_CELLS:
        lines.append(f"  and {len(report['capped']) - SHOWN_CELLS:,} more: see report.json")
    lines += ["", "Stages", f"  {'stage':<10}{'state':<10}{'seconds':>9}{'peak MB':>10}  counts"]
    lines += [
        f"  {stage['name']:<10}{stage['state']:<10}{stage['seconds']:>9.1f}{stage['peak_rss_mb']:>10,.0f}"
        f"  {summary(stage['counts'])}".rstrip()
        for stage in report["stages"]
    ]
    return "\n".join(lines) + "\n"


def write_report(folder: Path, report: Mapping[str, Any], load_text: str) -> None:
    """Write report.json and report.txt to the build's folder."""
    write_text(folder / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    write_text(folder / "report.txt", readable_report(report, load_text))


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.splitlines()]
