"""Processes and ports of this machine: whose they are is told by their command, as numbers are given again."""

from __future__ import annotations

import contextlib
import os
import socket
import time

#: A process that has just been started shows no arguments for a moment; one that shows none for so long has none.
NAMELESS_S = 1.0


def is_listening(host: str, port: int) -> bool:
    """True when something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False


def command_line(pid: int) -> list[str]:
    """The arguments of a living process; empty when there is none, or it is another user's."""
    import psutil

    if pid <= 0:
        return []
    until = time.monotonic() + NAMELESS_S
    try:
        process = psutil.Process(pid)
        while not (arguments := list(process.cmdline())):
            if process.status() == psutil.STATUS_ZOMBIE or time.monotonic() > until:
                break
            time.sleep(0.005)
    except psutil.Error:
        return []
    return arguments


def process_with(argument: str) -> int | None:
    """A living process of this user that was called with `argument`; None when there is none."""
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == os.getuid() and argument in process.cmdline():
                return int(process.pid)
    return None


def reap(pid: int) -> None:
    """Let go of an ended child: one that this very process has started would else stay until it ends too."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
