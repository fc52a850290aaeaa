"""Progress: one line a stage where there is no terminal, bars where there is one."""

from __future__ import annotations

import io

from api.progress_bars import shown_progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def work(stream: io.StringIO) -> str:
    with shown_progress(stream) as progress:
        progress.stage("graph", 2)
        progress.stage("nodes")
        progress.advance(note="Person")
        progress.done("inner summary")
        progress.advance()
        progress.done("nodes 5")
        progress.advance()
    return stream.getvalue()


def test_without_a_terminal_each_stage_is_one_line() -> None:
    lines = work(io.StringIO()).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("graph ")
    assert lines[0].endswith("nodes 5")


def test_on_a_terminal_the_stage_stays_and_its_steps_go() -> None:
    shown = work(Terminal())
    assert "graph" in shown
    assert "nodes 5" in shown
