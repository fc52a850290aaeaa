"""What every test shares: a clean environment, seeded property tests, the repository's own folder."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import hypothesis
import pytest

from graphaudit.logs import ROOTS
from tests.neo4j_server import empty_neo4j, neo4j_runtime, neo4j_server

__all__ = ["empty_neo4j", "neo4j_runtime", "neo4j_server"]

REPOSITORY = Path(__file__).parent.parent

#: Settings for test servers stay; everything else from a developer's shell would change what a test measures.
KEPT_PREFIXES = ("GRAPHAUDIT_TEST_", "GRAPHAUDIT_REQUIRE_")

hypothesis.settings.register_profile("seeded", derandomize=True, deadline=None, print_blob=True, database=None)
hypothesis.settings.load_profile("seeded")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files again instead of comparing with them"
    )


def pytest_configure() -> None:
    for name in [n for n in os.environ if n.startswith("GRAPHAUDIT_") and not n.startswith(KEPT_PREFIXES)]:
        del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with slow tests first: a long one that begins last would keep one worker busy and the others idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def plain_logging() -> None:
    """Each test sees every log line: a command that ran in this process before it has sent them elsewhere."""
    for name in ROOTS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True when golden files are to be written again."""
    return bool(request.config.getoption("--update-golden"))
