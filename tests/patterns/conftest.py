"""The worlds of the fixture folders, each built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphaudit.builds.view import BuildView
from graphaudit.progress import SilentProgress
from graphaudit.stores.ladybug_store import LadybugStore
from tests.graph_builder import COVERED, TinyWorld, read_world

WorldOf = Callable[[str], tuple[TinyWorld, BuildView]]


@pytest.fixture(scope="module")
def world_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldOf]:
    """The world of a pattern's folder with its tables and its graph in a real store."""
    store = LadybugStore(tmp_path_factory.mktemp("graphs"), memory_limit_mb=64, threads=1)
    built: dict[str, tuple[TinyWorld, BuildView]] = {}

    def world(pattern: str) -> tuple[TinyWorld, BuildView]:
        if pattern not in built:
            tiny = read_world(Path(__file__).parent / pattern / "graph.yml")
            tables = tiny.tables()
            store.write(pattern, tables, SilentProgress())
            built[pattern] = (tiny, BuildView(pattern, tables, store.open(pattern), COVERED, seed=1))
        return built[pattern]

    yield world
    store.close()
