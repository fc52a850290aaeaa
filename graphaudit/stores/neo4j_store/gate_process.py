"""Start, find and stop the gate of a managed home: a process of its own that outlives whoever started it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

import graphaudit
from graphaudit.builds.durable import write_text
from graphaudit.errors import StoreError
from graphaudit.neo4j_local.processes import command_line, is_listening, reap
from graphaudit.stores.neo4j_store.pointer import LINKS, read_clients

MODULE = "graphaudit.stores.neo4j_store.gate"
PID, LOG = "gate.pid", "gate.log"
PAUSE_S = 0.05
START_S = 30.0
STOP_S = 10.0


def gate_pid(folder: Path) -> int | None:
    """Process id of the gate of `folder`, None when none runs; a number that another process has got is told apart."""
    try:
        pid = int((folder / PID).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    arguments = command_line(pid)
    return pid if MODULE in arguments and str(folder) in arguments else None


def start_gate(folder: Path) -> int:
    """Start the gate unless it runs, wait until both addresses answer, and return its process id.

    StoreError, naming the address, when another program has it.
    """
    pid = gate_pid(folder)
    if pid is not None:
        return pid
    require_free_addresses(folder)
    clients = read_clients(folder)
    log = str(folder / LOG)
    # not subprocess: it would own the process and complain when it is dropped while the gate goes on
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", MODULE, str(folder)],
        _environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    write_text(folder / PID, str(pid))
    until = time.monotonic() + START_S
    waiting = [clients.bolt, clients.http]
    while waiting:
        reap(pid)
        if gate_pid(folder) is None or time.monotonic() > until:
            said = (folder / LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise StoreError(
                f"the gate of {folder} did not start: {said[-1] if said else 'no answer'}", f"look into {folder / LOG}"
            )
        waiting = [port for port in waiting if not is_listening(clients.host, port)]
        time.sleep(PAUSE_S)
    return pid


def require_free_addresses(folder: Path) -> None:
    """StoreError, naming the address, when another program has one that clients are to find the gate at."""
    if gate_pid(folder) is not None:
        return
    clients = read_clients(folder)
    for kind, port in (("Bolt", clients.bolt), ("HTTP", clients.http)):
        if is_listening(clients.host, port):
            raise _taken(kind, clients.host, port)


def stop_gate(folder: Path) -> bool:
    """Stop the gate and wait for its end; False when none was running. Clients lose their connections."""
    pid = gate_pid(folder)
    if pid is not None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            until = time.monotonic() + STOP_S
            while gate_pid(folder) is not None and time.monotonic() < until:
                reap(pid)
                time.sleep(PAUSE_S)
            if gate_pid(folder) is None:
                break
    (folder / PID).unlink(missing_ok=True)
    (folder / LINKS).unlink(missing_ok=True)
    return pid is not None


def wait_followed(folder: Path, home: str, timeout_s: float) -> bool:
    """Wait until the running gate leads clients to `home` and nobody to another; False when time is up first."""
    until = time.monotonic() + timeout_s
    while gate_pid(folder) is not None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            told = json.loads((folder / LINKS).read_text(encoding="utf-8"))
            if told["shown"] == home and not [other for other in told["links"] if other != home]:
                return True
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE_S)
    return True


def _environment() -> dict[str, str]:
    """The gate needs to find this package, and no setting, least of all a secret one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRAPHAUDIT_")}
    return kept | {"PYTHONPATH": str(Path(graphaudit.__file__).resolve().parent.parent)}


def _taken(kind: str, host: str, port: int) -> StoreError:
    return StoreError(
        f"another program listens on {host}:{port}, where clients should find {kind}",
        f"stop that program, or give another port: graphaudit neo4j start --{kind.lower()}-port PORT",
    )
