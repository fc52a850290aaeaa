"""Run a build's stages in order: aside, flushed, renamed, recorded; done ones are skipped when resuming."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from graphaudit.builds.durable import flush, flush_tree, move_into_place, remove
from graphaudit.builds.hashes import digest, output_hashes, parameters_hash
from graphaudit.builds.manifest import Manifest, now
from graphaudit.builds.resources import peak_rss_bytes, reset_peak_rss
from graphaudit.errors import BuildError, GraphauditError
from graphaudit.progress import Progress

logger = logging.getLogger(__name__)

Counts = dict[str, int]

#: Counts shown when a stage ends; the report has them all.
SHOWN_COUNTS = 6


def _always() -> bool:
    return True


def _nothing() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a build.

    `run(work, progress)` leaves its `outputs` (names of files or folders) in the empty folder `work` and returns
    counts; they are then moved into the build's folder. `kept_on_failure` names those of them that are kept when it
    fails (rejected rows explain why). `depends_on` gives whatever else the result depends on, `is_intact` whether what
    it left outside the folder (a graph) is still there.
    """

    name: str
    run: Callable[[Path, Progress], Counts]
    outputs: tuple[str, ...] = ()
    kept_on_failure: tuple[str, ...] = ()
    depends_on: Callable[[], str] = field(default=_nothing)
    is_intact: Callable[[], bool] = field(default=_always)


def run_stages(folder: Path, manifest: Manifest, stages: tuple[Stage, ...], progress: Progress) -> list[str]:
    """Run those of `stages` that are not done yet; return the names of those that ran.

    A stage is done when the manifest says so, it read the same, and everything it left is still there unchanged; from
    the first that is not, all run. A failure is written to the manifest and raised as BuildError.
    """
    clear_leftovers(folder)
    ran: list[str] = []
    current = stages[0].name if stages else ""
    try:
        upstream = parameters_hash(manifest.source_fingerprint, manifest.code_version, manifest.parameters)
        for stage in stages:
            current = stage.name
            inputs = digest([upstream, stage.name, stage.depends_on()])
            record = manifest.stage(stage.name)
            done = not ran and record.state == "done" and record.inputs == inputs
            if done and record.outputs == output_hashes(folder, stage.outputs) and stage.is_intact():
                progress.stage(stage.name)
                progress.done("already done")
            else:
                _run_one(folder, manifest, stage, inputs, progress)
                ran.append(stage.name)
            upstream = digest([inputs, record.outputs])
    except KeyboardInterrupt as interruption:
        # it may fall between two stages, where nothing else would write it down
        if manifest.state != "interrupted":
            raise _recorded(folder, manifest, current, interruption) from None
        raise
    return ran


def clear_leftovers(folder: Path) -> None:
    """Take away what a killed process left half-written in a build's folder."""
    for entry in folder.iterdir():
        if entry.name.startswith(".") and entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name.startswith("."):
            entry.unlink()


def _run_one(folder: Path, manifest: Manifest, stage: Stage, inputs: str, progress: Progress) -> None:
    record = manifest.stage(stage.name)
    record.state, record.started, record.inputs = "running", now(), inputs
    record.counts, record.outputs = {}, {}
    manifest.state, manifest.error = "running", None
    manifest.write(folder)
    for name in stage.outputs:
        remove(folder / name)
    work = folder / f".{stage.name}"
    work.mkdir()
    reset_peak_rss()
    began = perf_counter()
    logger.info("start stage=%s build=%s", stage.name, manifest.build_id)
    progress.stage(stage.name)
    try:
        with Substeps(progress) as inner:
            record.counts = stage.run(work, inner)
        _take_over(folder, work, stage.outputs)
    except BaseException as raised:
        error = KeyboardInterrupt() if _is_interruption(raised) else raised
        record.state = "failed"
        record.seconds = round(perf_counter() - began, 3)
        record.peak_rss_bytes = peak_rss_bytes()
        _take_over(folder, work, stage.kept_on_failure)
        shutil.rmtree(work, ignore_errors=True)
        progress.done("failed")
        raise _recorded(folder, manifest, stage.name, error) from raised
    shutil.rmtree(work)
    record.outputs = output_hashes(folder, stage.outputs)
    record.state = "done"
    record.seconds = round(perf_counter() - began, 3)
    record.peak_rss_bytes = peak_rss_bytes()
    manifest.write(folder)
    logger.info("done stage=%s build=%s seconds=%.2f", stage.name, manifest.build_id, record.seconds)
    progress.done(summary(record.counts, SHOWN_COUNTS))


def _take_over(folder: Path, work: Path, outputs: tuple[str, ...]) -> None:
    for name in outputs:
        if (work / name).exists():
            flush_tree(work / name)
            move_into_place(work / name, folder / name)
    flush(folder)


def _recorded(folder: Path, manifest: Manifest, stage: str, error: BaseException) -> BaseException:
    """The exception to raise, after the manifest has said at which stage the build stopped and why."""
    if isinstance(error, GraphauditError):
        detail, hint = error.detail, error.hint
    elif isinstance(error, OSError) and error.strerror:
        detail, hint = f"{error.strerror}: {error.filename or 'a file'}", "correct it"
    else:
        # another library's message may quote a cell, and cells are personal
        detail, hint = f"unexpected {type(error).__name__}", "see its traceback with GRAPHAUDIT_DEBUG=1"
    interrupted = isinstance(error, KeyboardInterrupt)
    manifest.state = "interrupted" if interrupted else "failed"
    manifest.finished = now()
    manifest.error = {"stage": stage, "detail": "interrupted" if interrupted else detail, "hint": hint}
    manifest.write(folder)
    if not isinstance(error, Exception):
        return error
    return BuildError(
        f"build {manifest.build_id} failed at stage {stage}: {detail}",
        f"{hint + '; then ' if hint else ''}run the same command with --resume. The previous build goes on serving.",
    )


def _is_interruption(error: BaseException) -> bool:
    """Whether Ctrl-C is behind it: DuckDB turns the KeyboardInterrupt of a running query into a RuntimeError."""
    return isinstance(error, KeyboardInterrupt) or (type(error) is RuntimeError and str(error) == "Query interrupted")


def summary(counts: Counts, most: int | None = None) -> str:
    """Counts as one line, at most so many of them: `settlements 1,204 · persons 300`."""
    shown = [f"{name.replace('_', ' ')} {number:,}" for name, number in list(counts.items())[:most]]
    return " · ".join([*shown, "…"] if len(shown) < len(counts) else shown)


class Substeps:
    """Hands a stage's own steps on, one level down, and ends those that it forgot to end."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._open = 0

    def __enter__(self) -> Substeps:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self.done()

    def stage(self, name: str, total: int | None = None) -> None:
        self._open += 1
        self._progress.stage(name, total)

    def advance(self, steps: int = 1, note: str = "") -> None:
        self._progress.advance(steps, note)

    def done(self, summary: str = "") -> None:
        if self._open:
            self._open -= 1
            self._progress.done(summary)
