"""The build lock: one holder at a time, dropped by the kernel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graphaudit.builds.lock import build_lock
from graphaudit.errors import BuildError

HOLD = """
import sys, time
from pathlib import Path
from graphaudit.builds.lock import build_lock
with build_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_builds_never_run_at_once(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BuildError, match=f"process {holder.pid}"), build_lock(tmp_path):
            pytest.fail("the lock was given twice")
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with build_lock(tmp_path):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_builds_that_share_only_the_builds_folder_exclude_each_other(tmp_path: Path) -> None:
    with (
        build_lock(tmp_path / "a", tmp_path / "builds"),
        pytest.raises(BuildError),
        build_lock(tmp_path / "b", tmp_path / "builds"),
    ):
        pytest.fail("the lock was given twice")
    with build_lock(tmp_path / "a", tmp_path / "a"):
        pass
