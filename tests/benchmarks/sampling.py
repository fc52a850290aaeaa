"""Run one child process and watch its memory: nothing that the child does about memory can hide from this."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil

SAMPLES_PER_SECOND = 20
REPOSITORY = Path(__file__).parent.parent.parent


@dataclass
class Step:
    """One named step of the child: seconds it took, highest resident memory meanwhile."""

    name: str
    seconds: float = 0.0
    peak_bytes: int = 0


@dataclass
class Measured:
    """What a child did: steps in order, whole time, whole peak, and what it said at its end."""

    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0
    peak_bytes: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    ended: str = "done"

    def step(self, name: str) -> Step | None:
        """The step of that name; None when the child never got there."""
        return next((step for step in self.steps if step.name == name), None)


def emit(event: str, **values: Any) -> None:
    """Tell the watching parent something: one JSON object a line on standard output."""
    print(json.dumps({"event": event, **values}, ensure_ascii=False), flush=True)


def measure(module: str, arguments: Sequence[str], *, most_bytes: int | None = None) -> Measured:
    """Run `python -m module` and sample its resident memory (children included).

    The child reports with `emit`: `step` begins a step, `result` carries its figures. Above `most_bytes` it is stopped,
    `ended` says so, and the figures up to there stay.
    """
    measured = Measured()
    began = perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(child, measured, ended, most_bytes), daemon=True)
    sampler.start()
    step_began = began
    assert child.stdout is not None
    for line in child.stdout:
        event = _event(line)
        if event is None:
            continue
        now = perf_counter()
        if measured.steps:
            measured.steps[-1].seconds = now - step_began
        if event["event"] == "step":
            measured.steps.append(Step(event["name"]))
            step_began = now
        else:
            measured.result = event
    code = child.wait()
    ended.set()
    sampler.join()
    measured.seconds = perf_counter() - began
    if code != 0 and measured.ended == "done":
        measured.ended = f"failed with exit code {code}"
    return measured


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _sample(child: subprocess.Popen[str], measured: Measured, ended: threading.Event, most_bytes: int | None) -> None:
    process = psutil.Process(child.pid)
    while not ended.wait(1 / SAMPLES_PER_SECOND):
        resident = 0
        try:
            for one in (process, *process.children(recursive=True)):
                resident += one.memory_info().rss
        except psutil.Error:
            continue
        measured.peak_bytes = max(measured.peak_bytes, resident)
        if measured.steps:
            measured.steps[-1].peak_bytes = max(measured.steps[-1].peak_bytes, resident)
        if most_bytes is not None and resident > most_bytes:
            measured.ended = f"stopped above {most_bytes / 2**30:.0f} GB"
            child.kill()
            return
