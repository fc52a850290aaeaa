"""Files that hold a secret: made once, for their owner alone, and refused when others could read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from graphaudit.builds.durable import flush


def create_secret(path: Path, secret: str) -> bool:
    """Write `secret` and a line end to `path` (mode 0600), durably; False when the file is there already.

    Of several processes at once one wins; nobody sees a part of it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # unlike rename, never replaces what another process has just made
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    flush(path.parent)
    return True


def secret_file_problem(path: Path) -> str:
    """What is wrong with the permissions of a secret file; empty when nothing is."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        return "is not a regular file"
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"can be read by others (mode {stat.S_IMODE(mode):04o})"
    return ""
