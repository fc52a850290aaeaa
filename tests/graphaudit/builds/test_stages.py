"""Stages: whole or not at all, recorded, resumed from the first that is not done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphaudit.builds.manifest import Manifest
from graphaudit.builds.stages import Stage, Substeps, run_stages
from graphaudit.errors import BuildError, SourceError
from graphaudit.progress import Progress, SilentProgress


class Recorder:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def stage(self, name: str, total: int | None = None) -> None:
        self.heard.append(f"+{name}")

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.heard.append(f"={note}")

    def done(self, summary: str = "") -> None:
        self.heard.append(f"-{summary}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def manifest(**changes: object) -> Manifest:
    values = {"build_id": "b1", "created": "2026-01-01T00:00:00Z", "source": "s", "source_fingerprint": "f"}
    return Manifest(**{**values, "code_version": "1", "parameters": {}, **changes})  # type: ignore[arg-type]


def writes(text: str, name: str = "out.txt") -> Callable[[Path, Progress], dict[str, int]]:
    def run(work: Path, progress: Progress) -> dict[str, int]:
        (work / "tables").mkdir()
        (work / "tables" / name).write_text(text, encoding="utf-8")
        return {"rows": len(text)}

    return run


def three(second: Callable[[Path, Progress], dict[str, int]] | None = None) -> tuple[Stage, ...]:
    def derive(work: Path, progress: Progress) -> dict[str, int]:
        (work / "derived").write_text("d", encoding="utf-8")
        return {"derived": 1}

    def graph(work: Path, progress: Progress) -> dict[str, int]:
        return {}

    return (
        Stage("stage", writes("abc"), ("tables",)),
        Stage("derive", second or derive, ("derived",)),
        Stage("graph", graph),
    )


def test_outputs_arrive_and_the_manifest_says_what_they_cost(folder: Path) -> None:
    made = manifest()
    assert run_stages(folder, made, three(), SilentProgress()) == ["stage", "derive", "graph"]
    kept = Manifest.read(folder)
    assert kept.stage("stage").state == "done"
    assert kept.stage("stage").counts == {"rows": 3}
    assert list(kept.stage("stage").outputs) == ["tables/out.txt"]
    assert kept.stage("stage").peak_rss_bytes > 1_000_000
    assert kept.stage("rank").state == "pending"
    assert (folder / "tables" / "out.txt").read_text(encoding="utf-8") == "abc"
    assert [entry.name for entry in folder.iterdir() if entry.name.startswith(".")] == []


def test_a_failure_is_recorded_with_its_stage_and_leaves_nothing_half_written(folder: Path) -> None:
    def half(work: Path, progress: Progress) -> dict[str, int]:
        (work / "derived").write_text("half", encoding="utf-8")
        raise SourceError("setl_d.csv line 3 is wrong", "correct it")

    made = manifest()
    with pytest.raises(BuildError, match=r"failed at stage derive: setl_d\.csv line 3 is wrong") as caught:
        run_stages(folder, made, three(half), SilentProgress())
    assert "--resume" in caught.value.hint
    kept = Manifest.read(folder)
    assert kept.state == "failed"
    assert kept.error == {"stage": "derive", "detail": "setl_d.csv line 3 is wrong", "hint": "correct it"}
    assert kept.stage("derive").state == "failed"
    assert not (folder / "derived").exists()
    assert sorted(entry.name for entry in folder.iterdir()) == ["manifest.json", "tables"]


def test_an_unexpected_error_is_named_by_kind_only(folder: Path) -> None:
    def quotes_a_cell(work: Path, progress: Progress) -> dict[str, int]:
        raise ValueError("could not convert 110101199001011234")

    with pytest.raises(BuildError) as caught:
        run_stages(folder, manifest(), three(quotes_a_cell), SilentProgress())
    assert "ValueError" in caught.value.detail
    assert "110101" not in str(caught.value) + (folder / "manifest.json").read_text(encoding="utf-8")


def test_what_explains_a_failure_is_kept(folder: Path) -> None:
    def rejects(work: Path, progress: Progress) -> dict[str, int]:
        (work / "rejects").write_text("line 2: date", encoding="utf-8")
        (work / "tables").mkdir()
        raise SourceError("too many rejected rows")

    stages = (Stage("stage", rejects, ("tables", "rejects"), kept_on_failure=("rejects",)),)
    with pytest.raises(BuildError):
        run_stages(folder, manifest(), stages, SilentProgress())
    assert (folder / "rejects").read_text(encoding="utf-8") == "line 2: date"
    assert not (folder / "tables").exists()


def test_resuming_skips_what_is_done_and_runs_the_rest(folder: Path) -> None:
    def fails(work: Path, progress: Progress) -> dict[str, int]:
        raise SourceError("no")

    with pytest.raises(BuildError):
        run_stages(folder, manifest(), three(fails), SilentProgress())
    assert run_stages(folder, Manifest.read(folder), three(), SilentProgress()) == ["derive", "graph"]


def test_a_changed_or_lost_output_is_made_again_with_all_that_follows(folder: Path) -> None:
    run_stages(folder, manifest(), three(), SilentProgress())
    (folder / "tables" / "out.txt").write_text("abd", encoding="utf-8")
    assert run_stages(folder, Manifest.read(folder), three(), SilentProgress()) == ["stage", "derive", "graph"]
    (folder / "derived").unlink()
    assert run_stages(folder, Manifest.read(folder), three(), SilentProgress()) == ["derive", "graph"]
    assert run_stages(folder, Manifest.read(folder), three(), SilentProgress()) == []


def test_what_lies_outside_the_folder_is_asked_for(folder: Path) -> None:
    def nothing(work: Path, progress: Progress) -> dict[str, int]:
        return {}

    stages = (Stage("stage", writes("a"), ("tables",)), Stage("graph", nothing, is_intact=lambda: False))
    run_stages(folder, manifest(), stages, SilentProgress())
    assert run_stages(folder, Manifest.read(folder), stages, SilentProgress()) == ["graph"]


def test_a_stage_runs_again_when_something_else_it_depends_on_changes(folder: Path) -> None:
    def nothing(work: Path, progress: Progress) -> dict[str, int]:
        return {}

    previous = ["lead 1"]
    stages = (Stage("rank", nothing, depends_on=lambda: ",".join(previous)), Stage("publish", nothing))
    run_stages(folder, manifest(), stages, SilentProgress())
    assert run_stages(folder, Manifest.read(folder), stages, SilentProgress()) == []
    previous.append("lead 2")
    assert run_stages(folder, Manifest.read(folder), stages, SilentProgress()) == ["rank", "publish"]


def test_leftovers_of_a_killed_process_go(folder: Path) -> None:
    (folder / ".stage").mkdir()
    (folder / ".stage" / "half").write_text("x", encoding="utf-8")
    (folder / ".manifest.json.77.tmp").write_text("x", encoding="utf-8")
    run_stages(folder, manifest(), three(), SilentProgress())
    assert sorted(entry.name for entry in folder.iterdir()) == ["derived", "manifest.json", "tables"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interruption_is_recorded_and_goes_on_up(folder: Path, error: BaseException) -> None:
    def interrupted(work: Path, progress: Progress) -> dict[str, int]:
        raise error

    with pytest.raises(KeyboardInterrupt):
        run_stages(folder, manifest(), three(interrupted), SilentProgress())
    assert Manifest.read(folder).state == "interrupted"


def test_a_stage_that_forgets_to_end_its_steps_does_not_shift_the_next_one() -> None:
    heard = Recorder()
    heard.stage("graph")
    with Substeps(heard) as steps:
        steps.stage("nodes", 3)
        steps.advance(note="Person")
    heard.done("ok")
    assert heard.heard == ["+graph", "+nodes", "=Person", "-", "-ok"]
