"""A source folder written by hand, staged, and read back: the fixtures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.loaders.source_builder import Staged, Tables, stage_folder, write

Stage = Callable[..., Staged]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Write the given tables (name → rows) as CSV and stage them; options by keyword."""

    def run(tables: Tables, **options: Any) -> Staged:
        return stage_folder(write(tmp_path / "source", tables), tmp_path / "out", **options)

    return run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An empty source folder."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder
