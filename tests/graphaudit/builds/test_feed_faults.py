"""Faults of single sites' feeds in the build report."""

from __future__ import annotations

import re
from pathlib import Path

from graphaudit.builds.feed_faults import FAULTS, SHOWN, fault_lines, read_feed_faults
from tests.table_builder import tables_of


def build(folder: Path, faults: list[dict[str, object]]) -> Path:
    """A build's folder with as much as the report reads."""
    tables = tables_of({"sites": [{"site_id": "P2"}, {"site_id": "H1", "name": "东街医院"}], "site_faults": faults})
    for below, name in (("tables", "sites"), ("derived", "site_faults")):
        (folder / below).mkdir()
        tables.table(name).write_parquet(str(folder / below / f"{name}.parquet"))
    return folder


def test_faults_are_told_with_site_share_and_what_is_usual_in_both_languages(tmp_path: Path) -> None:
    batches = {"fault": "bunched_stamps", "affected": 900, "tested": 1000, "share": 0.9, "usual": 0.18}
    clock = {"fault": "clock_offset", "affected": 50, "tested": 50, "share": 0.3, "usual": 0.1, "minutes": -40}
    found = read_feed_faults(build(tmp_path, [{"site_no": 0, **clock}, {"site_no": 1, **batches}]))
    assert [(fault["site"], fault["fault"]) for fault in found] == [("H1", "bunched_stamps"), ("P2", "clock_offset")]
    first, second = fault_lines(found)
    assert first.startswith("H1 东街医院: times bunch at whole hours")
    assert "批量上传" in first
    assert "900 / 1,000 (90.0%; usual 通常 18.0%)" in first
    assert second.endswith("-40 min 分钟")


def test_a_build_without_faults_or_not_yet_derived_says_none(tmp_path: Path) -> None:
    assert read_feed_faults(tmp_path) == []
    assert read_feed_faults(build(tmp_path, [])) == []
    assert fault_lines([]) == ["none 无"]


def test_what_the_report_leaves_out_is_counted(tmp_path: Path) -> None:
    fault = {"site": "H1", "name": None, "text": "a", "text_zh": "b", "minutes": 30}
    lines = fault_lines([fault] * (SHOWN + 3))
    assert len(lines) == SHOWN + 1
    assert lines[-1].startswith("3 more")


def test_every_fault_that_the_derivation_can_find_has_its_words(repository: Path) -> None:
    folder = repository / "graphaudit" / "derive" / "sql"
    text = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("fault_*.sql"))
    named = set(re.findall(r"'([a-z]+(?:_[a-z]+)+)' AS fault", text)) | set(
        re.findall(r"SELECT site_no, kind, '([a-z_]+)'", text)
    )
    assert named == set(FAULTS)
