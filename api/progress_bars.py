"""How progress looks: bars on a terminal, one line a stage elsewhere, nothing for machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from graphaudit.progress import Progress


class LineProgress:
    """Writes one line when an outermost stage ends: name, seconds, summary."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._open: list[tuple[str, float]] = []

    def stage(self, name: str, total: int | None = None) -> None:  # noqa: ARG002
        self._open.append((name, perf_counter()))

    def advance(self, steps: int = 1, note: str = "") -> None:
        pass

    def done(self, summary: str = "") -> None:
        name, began = self._open.pop()
        if not self._open:
            self._stream.write(f"{name:<10} {perf_counter() - began:8.1f} s  {summary}".rstrip() + "\n")
            self._stream.flush()


class BarProgress:
    """Draws one bar per open stage; the steps of a stage appear below it, indented, while they last."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._open: list[tuple[TaskID, str]] = []

    def stage(self, name: str, total: int | None = None) -> None:
        label = "  " * len(self._open) + name
        self._open.append((self._bars.add_task(label, total=total, note=""), name))

    def advance(self, steps: int = 1, note: str = "") -> None:
        if self._open:
            self._bars.update(self._open[-1][0], advance=steps, note=note)

    def done(self, summary: str = "") -> None:
        task, _ = self._open.pop()
        if self._open:
            self._bars.remove_task(task)
        else:
            finished = self._bars.tasks[self._bars.task_ids.index(task)]
            total = finished.total or 1
            self._bars.update(task, total=total, completed=total, note=summary)


@contextmanager
def shown_progress(stream: TextIO) -> Iterator[Progress]:
    """Bars while the block lasts when `stream` is a terminal, else lines."""
    if not stream.isatty():
        yield LineProgress(stream)
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:<12}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", style="dim"),
    )
    with Bars(*columns, console=Console(file=stream)) as bars:
        yield BarProgress(bars)
