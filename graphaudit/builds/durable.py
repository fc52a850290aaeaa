"""Files that are there whole or not at all: write aside, flush to disk, rename."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes the place of `path` when the block ends well, else it goes.

    The folder must exist. Whoever reads `path` sees the old content or the new, never a part.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        flush(temporary)
        temporary.replace(path)
        flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def flush(path: Path) -> None:
    """Force the file or folder at `path` to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_tree(path: Path) -> None:
    """Force the file, or the folder with everything below it, to the disk."""
    if path.is_dir():
        for entry in sorted(path.rglob("*")):
            flush(entry)
    flush(path)


def move_into_place(source: Path, target: Path) -> None:
    """Rename `source` to `target`, taking away what is there; both are on one file system."""
    remove(target)
    source.replace(target)


def remove(path: Path) -> None:
    """Take away the file or folder at `path`; absent is fine."""
    if path.is_dir() and not path.is_symlink():
        # renamed first, so that a kill half-way never leaves half a folder under the real name
        doomed = path.with_name(f".{path.name}.{os.getpid()}.gone")
        path.rename(doomed)
        shutil.rmtree(doomed)
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
