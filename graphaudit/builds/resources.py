"""What a stage costs and whether there is room for it: peak memory of the process, space on the disk."""

from __future__ import annotations

import resource
import shutil
from pathlib import Path

from graphaudit.errors import BuildError

#: A build keeps its tables, its graph and, for a moment, its spill: together about this many times the source.
SPACE_FACTOR = 2.5
#: Below this a graph cannot even be opened.
LEAST_FREE_BYTES = 200_000_000


def reset_peak_rss() -> None:
    """Start measuring afresh. Where the system does not offer it, the peak stays that of the whole process."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_rss_bytes() -> int:
    """Highest resident memory of this process since the last reset."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def folder_bytes(path: Path) -> int:
    """Bytes of the file, or of all files below the folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def require_disk_space(builds: Path, source: Path) -> None:
    """BuildError when the disk of `builds` has not room for a build of `source`."""
    needed = max(LEAST_FREE_BYTES, int(SPACE_FACTOR * folder_bytes(source)))
    free = shutil.disk_usage(builds).free
    if free < needed:
        raise BuildError(
            f"the disk of {builds} has {free / 1e9:.1f} GB free, a build of this source needs {needed / 1e9:.1f} GB",
            "free some space, lower keep_builds, or give another place with --builds",
        )
