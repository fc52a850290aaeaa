"""What every test shares: a clean environment, seeded property tests, the repository's own folder."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import hypothesis
import pytest

from graphaudit.logs import ROOTS
from tests.built_city import built_city, city, home
from tests.neo4j_server import empty_neo4j, neo4j_runtime, neo4j_server

__all__ = ["built_city", "city", "empty_neo4j", "home", "neo4j_runtime", "neo4j_server"]

REPOSITORY = Path(__file__).parent.parent

#: Settings for test servers stay; everything else from a developer's shell would change what a test measures.
KEPT_PREFIXES = ("GRAPHAUDIT_TEST_", "GRAPHAUDIT_REQUIRE_")

hypothesis.settings.register_profile("seeded", derandomize=True, deadline=None, print_blob=True, database=None)
hypothesis.settings.load_profile("seeded")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files again instead of comparing with them"
    )


#: The modules that take longest, longest first; those that wait for processes stand beside those that compute.
LONGEST = (
    "tests/integration/test_rebuild_without_a_gap.py",
    "tests/e2e/test_promises.py",
    "tests/contract/test_city.py",
    "tests/integration/test_managed_build.py",
    "tests/browser/test_investigation.py",
    "tests/graphaudit/stores/neo4j_store/test_online_store.py",
    "tests/graphaudit/neo4j_local/test_server.py",
    "tests/e2e/test_trying_thresholds.py",
    "tests/loaders/test_formats.py",
    "tests/api/test_neo4j_command.py",
    "tests/graphaudit/simulation/test_simulate.py",
)


def pytest_configure(config: pytest.Config) -> None:
    for name in [n for n in os.environ if n.startswith("GRAPHAUDIT_") and not n.startswith(KEPT_PREFIXES)]:
        del os.environ[name]
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        # else each of the many processes that tests start would compile every module anew
        compiled = tempfile.TemporaryDirectory(prefix="graphaudit-compiled-", ignore_cleanup_errors=True)
        os.environ["PYTHONPYCACHEPREFIX"] = compiled.name
        config.add_cleanup(compiled.cleanup)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with slow tests first: a long one that begins last would keep one worker busy and the others idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    longest = {REPOSITORY / name: place for place, name in enumerate(LONGEST)}
    missing = [name for path, name in zip(longest, LONGEST, strict=True) if not path.is_file()]
    if missing:
        raise pytest.UsageError(f"tests/conftest.py names modules that are not there: {', '.join(missing)}")
    items.sort(key=lambda item: (longest.get(item.path, len(LONGEST)), item.path not in slow))


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
