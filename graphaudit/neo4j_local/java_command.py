"""How Java is called for Neo4j: a small environment without our secrets, and its complaints as one telling line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from graphaudit.errors import StoreError
from graphaudit.neo4j_local.home import Home

#: Of a user's environment only these reach Java: not our settings, and no option meant for another Java program.
KEPT_VARIABLES = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ")

DISK_FULL = "the disk is full"
#: With less than this nothing of Neo4j can go on.
LEAST_FREE_BYTES = 4_000_000

#: What a log says, what it means, what to do; the first that is found speaks.
CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|Disk quota exceeded|File too large|not enough (?:disk )?space|DiskFullException",
        DISK_FULL,
        "make room on the disk of {home}, then run the same command again",
    ),
    (
        r"Address already in use|BindException|PortBindException",
        "another program listens on one of its ports",
        "stop that program, or give other ports",
    ),
    (
        r"UnsupportedClassVersionError|compiled by a more recent version|Unsupported Java|requires Java",
        "this Java is of another version than Neo4j needs",
        "pip install 'graphaudit[neo4j-local]'",
    ),
    (
        r"FileLockException|Lock file has been locked by another process|store lock|is already in use by another",
        "another server is using this home",
        "stop that server first",
    ),
    (
        r"Could not reserve enough space|Cannot allocate memory|insufficient memory|OutOfMemoryError|"
        r"exceeds available memory",
        "there is too little memory",
        "stop other programs, or give Neo4j less memory",
    ),
    (
        r"Unrecognized setting|Error evaluating value for setting|Declared multiple times|Failed to validate|"
        r"Bad value ",
        "its configuration is not accepted",
        "start it again, which writes the configuration anew; look into {log}",
    ),
    (
        r"Permission denied|AccessDeniedException|Read-only file system",
        "a file of the home cannot be written",
        "correct the owner and the permissions of {home}",
    ),
)


def java_environment(home: Home) -> dict[str, str]:
    """The environment of a Java process that works on `home`."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "NEO4J_HOME": str(home.folder), "NEO4J_CONF": str(home.conf)}


def run_java(command: Sequence[str], home: Home, log: Path, *, timeout_s: float | None = None) -> int:
    """Run a Java program that works on `home`, in its folder; what it says goes to `log`. Returns its exit code.

    subprocess.TimeoutExpired and OSError as they come: the caller knows what was being done.
    """
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603 - Java of our own wheel, arguments of our own making
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=java_environment(home),
            cwd=home.folder,
            timeout=timeout_s,
            check=False,
        )
    return done.returncode


def explained(what: str, said: str, home: Home, log: Path) -> StoreError:
    """A StoreError that says why `what` failed, from the text that Java left behind."""
    # on a full disk the log itself ends before it could say so
    full = home.folder.is_dir() and shutil.disk_usage(home.folder).free < LEAST_FREE_BYTES
    for pattern, meaning, hint in CAUSES:
        if re.search(pattern, said, re.IGNORECASE) or (full and meaning == DISK_FULL):
            return StoreError(f"{what}: {meaning}", hint.format(home=home.folder, log=log))
    line = telling_line(said)
    return StoreError(f"{what}: {line}" if line else what, f"look into {log}")


def telling_line(said: str) -> str:
    """The last line that speaks of an error, without time stamps; empty when there is none."""
    lines = [line.strip() for line in said.splitlines()]
    spoken = [
        line
        for line in lines
        if re.search(r"\bERROR\b|Caused by|Exception|^Error\b|^error:|rror occurred", line)
        and not line.startswith("at ")
    ]
    if not spoken:
        return ""
    line = re.sub(r"^[\d-]+ [\d:.]+\+\d+\s+", "", spoken[-1])
    return re.sub(r"^(?:Caused by:\s*|ERROR\s+)", "", line)[:300]


def tail(path: Path, size: int = 64_000) -> str:
    """The last `size` bytes of a log as text; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - size))
            return file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
