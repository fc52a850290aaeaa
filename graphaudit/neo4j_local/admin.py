"""The administration tool of Neo4j on a home whose server is stopped: the first password, and the offline import."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphaudit.errors import StoreError
from graphaudit.neo4j_local.configuration import SHORT_LIVED
from graphaudit.neo4j_local.home import DATABASE, Home
from graphaudit.neo4j_local.java_command import explained, run_java, tail
from graphaudit.neo4j_local.passwords import checked_password
from graphaudit.neo4j_local.processes import process_with, reap
from graphaudit.neo4j_local.runtime import Runtime

logger = logging.getLogger(__name__)

MAIN_CLASS = "org.neo4j.cli.AdminTool"

#: Setting a password takes a second or two; a machine that swaps may need longer.
PASSWORD_TIMEOUT_S = 120

_IMPORTED = re.compile(r"^\s*(\d+) (nodes|relationships|properties)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an offline import says it has written; `seconds` is wall-clock time."""

    nodes: int
    relationships: int
    properties: int
    seconds: float


def set_initial_password(home: Home, runtime: Runtime, password: str) -> None:
    """Set the password of user `neo4j` for the first start of `home`; later it changes nothing.

    The password reaches the tool through a file for this user only, never as an argument, which others could list.
    ConfigurationError for a weak one; StoreError when the tool fails.
    """
    checked_password(password, "the call")
    with home.locked():
        end_tools(home)
        _set_initial_password(home, runtime, password)


def _set_initial_password(home: Home, runtime: Runtime, password: str) -> None:
    path = home.folder / "run" / f".initial-{secrets.token_hex(8)}"
    quoted = password.replace("\\", "\\\\").replace('"', '\\"')
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            # the first line ends the options: a password may begin with a hyphen
            file.write(f'--\n"{quoted}"\n')
        _run(
            home,
            runtime,
            ["dbms", "set-initial-password", f"@{path}"],
            what=f"the first password of {home.folder} could not be set",
            java_options=("-Xmx256m", *SHORT_LIVED),
            timeout_s=PASSWORD_TIMEOUT_S,
        )
    finally:
        path.unlink(missing_ok=True)


def import_full(
    home: Home, runtime: Runtime, arguments: Sequence[str], *, max_off_heap_mb: int, heap_mb: int = 1024
) -> ImportReport:
    """Replace the user database of `home` by what `neo4j-admin database import full` reads.

    Args:
        home: Configured, its server stopped.
        runtime: Java and jars.
        arguments: Options of the tool, such as `--id-type=actual`, `--nodes=…` and `--relationships=…`.
        max_off_heap_mb: Memory beside the heap that the import may take, in MiB.
        heap_mb: Heap of the import, in MiB.

    The log is `logs/import.log`. All or nothing: after a failure the import starts from the beginning.
    StoreError naming the cause (disk full, bad rows, too little memory).
    """
    with home.locked():
        end_tools(home)
        return _import(home, runtime, arguments, max_off_heap_mb=max_off_heap_mb, heap_mb=heap_mb)


def _import(
    home: Home, runtime: Runtime, arguments: Sequence[str], *, max_off_heap_mb: int, heap_mb: int
) -> ImportReport:
    began = time.perf_counter()
    said = _run(
        home,
        runtime,
        [
            "database",
            "import",
            "full",
            DATABASE,
            "--overwrite-destination=true",
            f"--max-off-heap-memory={max_off_heap_mb}M",
            f"--report-file={home.logs / 'import.report'}",
            *arguments,
        ],
        what=f"the import into {home.folder} failed",
        # nobody waits for an answer during an import: the collector that costs least in all
        java_options=(f"-Xmx{heap_mb}m", "-XX:+UseParallelGC"),
        log=home.logs / "import.log",
    )
    counted = {name: int(number) for number, name in _IMPORTED.findall(said)}
    missing = {"nodes", "relationships", "properties"} - counted.keys()
    if missing:
        raise StoreError(
            f"the import into {home.folder} did not say how many {', '.join(sorted(missing))} it wrote",
            f"look into {home.logs / 'import.log'}",
        )
    return ImportReport(counted["nodes"], counted["relationships"], counted["properties"], time.perf_counter() - began)


def create_empty_database(home: Home, runtime: Runtime) -> None:
    """Make the user database of `home`, which the caller holds, with nothing in it: a read-only server cannot do so.

    StoreError when it fails.
    """
    header = home.folder / "run" / "no-nodes.csv"
    header.write_text(":ID\n", encoding="ascii")
    _import(home, runtime, [f"--nodes={header}"], max_off_heap_mb=256, heap_mb=256)


def end_tools(home: Home) -> None:
    """End what is left of a tool whose caller was killed: it would go on writing into `home`. The caller holds it."""
    while (pid := process_with(_home_argument(home))) is not None:
        logger.warning("ending a left-over neo4j-admin home=%s pid=%d", home.folder, pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        reap(pid)
        time.sleep(0.05)


def _home_argument(home: Home) -> str:
    return f"-Dbasedir={home.folder}"


def _run(
    home: Home,
    runtime: Runtime,
    arguments: Sequence[str],
    *,
    what: str,
    java_options: Sequence[str],
    log: Path | None = None,
    timeout_s: float | None = None,
) -> str:
    """Run the tool and return what it said; it goes to `log`, else to `logs/admin.log`."""
    log = log or home.logs / "admin.log"
    command = [
        str(runtime.java),
        *java_options,
        "-XX:-UsePerfData",
        "-Dfile.encoding=UTF-8",
        _home_argument(home),
        "-cp",
        runtime.class_path,
        MAIN_CLASS,
        *arguments,
    ]
    try:
        code = run_java(command, home, log, timeout_s=timeout_s)
    except subprocess.TimeoutExpired:
        raise StoreError(f"{what}: no end after {timeout_s:.0f} seconds", f"look into {log}") from None
    except OSError as error:
        raise explained(what, error.strerror or "", home, log) from None
    said = tail(log)
    if code != 0:
        raise explained(what, said, home, log)
    return said
