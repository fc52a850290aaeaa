"""A malformed file is an error that names its place, never a low figure."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphaudit.errors import SourceError
from graphaudit.evaluation import evaluate, load_leads, load_truth

Change = Callable[[Any], Any]


def _written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_files_read_back_what_was_written(tmp_path: Path, ranked: list[Any], truth: dict[str, Any]) -> None:
    leads = load_leads(_written(tmp_path / "leads.json", ranked[::-1]))
    assert leads == ranked
    assert load_truth(_written(tmp_path / "truth.json", truth)) == truth


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path, ranked: list[Any]) -> None:
    path = tmp_path / "leads.json"
    path.write_text(json.dumps(ranked), encoding="utf-8-sig")
    assert load_leads(path) == ranked


@pytest.mark.parametrize("load", [load_leads, load_truth])
def test_what_cannot_be_read_is_named_with_a_next_step(tmp_path: Path, load: Callable[[Path], Any]) -> None:
    with pytest.raises(SourceError, match="is not a file") as absent:
        load(tmp_path / "absent.json")
    assert "absent.json" in str(absent.value)
    assert absent.value.hint
    broken = tmp_path / "broken.json"
    broken.write_text('[\n {"rank": 1,\n', encoding="utf-8")
    with pytest.raises(SourceError, match=r"broken\.json, line 3: not JSON"):
        load(broken)
    broken.write_bytes("[\u4e2d]".encode("gbk"))
    with pytest.raises(SourceError, match="is not UTF-8 text"):
        load(broken)
    broken.write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match="line 1: not JSON"):
        load(broken)


def _set(**values: Any) -> Change:
    return lambda one: {**one, **values}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: [], "not an object"),
        (_set(rank="1"), "`rank` is not a positive whole number"),
        (_set(rank=0), "`rank` is not a positive whole number"),
        (_set(rank=True), "`rank` is not a positive whole number"),
        (_set(rank=1), "rank 1 occurs twice"),
        (_set(members=None), "`members` is not a list"),
        (_set(members=[{"type": "person"}]), "member 1 lacks a text `type` or `id`"),
        (_set(members=[{"type": "person", "id": 7}]), "member 1 lacks a text `type` or `id`"),
        (_set(pattern=3), "`pattern` is not text"),
        (_set(score=1.5), "`score` is not between 0 and 1"),
        (_set(score="0.9"), "`score` is not between 0 and 1"),
        (_set(q_value=1.5), "`q_value` is neither null nor between 0 and 1"),
        (_set(q_value="0.1"), "`q_value` is neither null nor between 0 and 1"),
        (_set(q_value=float("nan")), "`q_value` is neither null nor between 0 and 1"),
        (_set(evidence={}), "`evidence` is not a list of objects"),
        (_set(evidence=[{"settlements": "S1"}]), "`settlements` of its evidence is not a list of texts"),
    ],
)
def test_the_faulty_lead_is_named(
    ranked: list[Any], truth: dict[str, Any], tmp_path: Path, change: Change, message: str
) -> None:
    ranked[2] = change(ranked[2])
    path = _written(tmp_path / "leads.json", ranked)
    with pytest.raises(SourceError) as caught:
        load_leads(path)
    assert f"leads.json, lead 3: {message}" in str(caught.value)
    with pytest.raises(SourceError, match="lead 3"):
        evaluate(ranked, truth)


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("rings", _set(id=7), "ring 2: lacks a text `id` or `pattern`"),
        ("rings", _set(pattern=None), "ring 2: lacks a text `id` or `pattern`"),
        ("rings", _set(id="R1"), "ring 2: id R1 occurs twice"),
        ("rings", _set(members=[]), "ring 2: has no members"),
        ("rings", _set(members=[3]), "ring 2: member 1 lacks a text `type` or `id`"),
        ("rings", _set(settlements=None), "ring 2: `settlements` is not a list of texts"),
        ("rings", _set(settlements=[1]), "ring 2: `settlements` is not a list of texts"),
        ("rings", _set(amount=-1), "ring 2: `amount` is not a positive number"),
        ("rings", _set(amount="1"), "ring 2: `amount` is not a positive number"),
        ("benign", _set(**{"class": None}), "honest group 2: lacks a text `class`"),
        ("benign", _set(members={}), "honest group 2: `members` is not a list"),
    ],
)
def test_the_faulty_ring_or_group_is_named(
    ranked: list[Any], truth: dict[str, Any], tmp_path: Path, part: str, change: Change, message: str
) -> None:
    faulty = copy.deepcopy(truth)
    faulty[part][1] = change(faulty[part][1])
    with pytest.raises(SourceError) as caught:
        load_truth(_written(tmp_path / "truth.json", faulty))
    assert message in str(caught.value)
    with pytest.raises(SourceError):
        evaluate(ranked, faulty)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({}, "`faults` is not a list"),
        ([{"class": 1, "members": []}], "fault 1: lacks a text `class`"),
        ([{"class": "lost_hours", "members": [{"type": "pharmacy"}]}], "fault 1: member 1 lacks a text `type` or `id`"),
    ],
)
def test_faults_may_be_absent_but_not_malformed(
    truth: dict[str, Any], tmp_path: Path, faults: Any, message: str
) -> None:
    assert "faults" not in truth
    with pytest.raises(SourceError) as caught:
        load_truth(_written(tmp_path / "truth.json", {**truth, "faults": faults}))
    assert message in str(caught.value)


def test_files_that_were_confused_are_refused(tmp_path: Path, ranked: list[Any], truth: dict[str, Any]) -> None:
    with pytest.raises(SourceError, match="not a list of leads"):
        load_leads(_written(tmp_path / "truth.json", truth))
    with pytest.raises(SourceError, match="not an object"):
        load_truth(_written(tmp_path / "leads.json", ranked))
    with pytest.raises(SourceError, match="`rings` is not a list"):
        load_truth(_written(tmp_path / "other.json", {"leads": []}))
