"""A cheap fingerprint of a source folder, so that a resumed build knows whether its input is still the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from loaders.sources.folder import list_files

_WHOLE = 8 << 20
_BLOCK = 64 << 10
_BLOCKS = 32


def source_fingerprint(source: Path) -> str:
    """Hex digest over names, sizes and contents of all files below `source`.

    Small files are hashed whole, large ones at blocks spread evenly, first and last included: a change in place that
    keeps a large file's size may go unnoticed. SourceError when the folder does not exist.
    """
    digest = hashlib.sha256()
    for path in list_files(source):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(source).as_posix()}\0{size}\0".encode())
        with path.open("rb") as file:
            if size <= _WHOLE:
                digest.update(file.read())
                continue
            for block in range(_BLOCKS):
                file.seek(block * (size - _BLOCK) // (_BLOCKS - 1))
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()
