"""Hashes by which a resumed build knows that nothing changed: of code, parameters and outputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import graphaudit

_CHUNK = 1 << 20

#: Everything in the five packages that a result can depend on; pages and pictures cannot change one.
_CODE = (".py", ".sql", ".cypher", ".csv", ".toml", ".yml", ".yaml", ".json")
_PACKAGES = ("graphaudit", "loaders", "detectors", "cypher")


def digest(value: Any) -> str:
    """Hash of a JSON-like value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def file_hash(path: Path) -> str:
    """Hash of a file's content."""
    state = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            state.update(chunk)
    return state.hexdigest()


def output_hashes(folder: Path, outputs: tuple[str, ...]) -> dict[str, str]:
    """Hash of every file that the named outputs of `folder` consist of, by relative path; absent ones are left out."""
    found: dict[str, str] = {}
    for name in outputs:
        path = folder / name
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                found[file.relative_to(folder).as_posix()] = file_hash(file)
    return found


@cache
def code_version() -> str:
    """The version of graphaudit and, after `+`, a hash of its code and data files."""
    root = Path(graphaudit.__file__).resolve().parent.parent
    files: dict[str, str] = {}
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in _CODE and "__pycache__" not in path.parts:
                files[path.relative_to(root).as_posix()] = file_hash(path)
    return f"{graphaudit.__version__}+{digest(files)[:8]}"


def parameters_hash(source_fingerprint: str, code: str, parameters: Mapping[str, Any]) -> str:
    """What a build's first stage depends on."""
    return digest({"source": source_fingerprint, "code": code, "parameters": dict(parameters)})
