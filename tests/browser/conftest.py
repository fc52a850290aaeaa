"""A real Chromium in front of a real Neo4j Browser, and the service whose links, guide and favourites it opens."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from api.app import create_app
from graphaudit.browser import BrowserAddress
from graphaudit.registry import BuildRecord, Registry
from graphaudit.stores.neo4j_store.store import Neo4jStore
from tests.browser import ring
from tests.browser.investigator import Investigator
from tests.neo4j_server import Neo4jServer

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
#: No name outside this machine leads anywhere, whatever a page asks for.
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")


@dataclass(frozen=True)
class Site:
    """Everything an investigator needs: the graph, the service, a key."""

    address: BrowserAddress
    service: str
    key: str
    neo4j: Neo4jServer


# not for the session: while it runs, its event loop keeps others from running one in this thread
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, headless; a visible skip where there is none, a failure where it is required."""
    executable = next((path for name in EXECUTABLES if (path := shutil.which(name))), None)
    if executable is None:
        _unavailable(f"none of {', '.join(EXECUTABLES)} is on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(neo4j_server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The small graph with its lead in Neo4j, the lead in a registry, and the service on a port of its own."""
    neo4j_server.clear()
    place = neo4j_server.uri.partition("://")[2]
    store = Neo4jStore(f"bolt://{neo4j_server.user}@{place}", neo4j_server.password)
    ring.load(store)
    store.close()
    url = f"sqlite:{tmp_path_factory.mktemp('registry') / 'registry.db'}"
    with Registry.open(url) as registry:
        registry.publish(BuildRecord(ring.BUILD), [ring.lead()])
        key = registry.create_key("investigator", ["leads:read"])[1]
        address = BrowserAddress(neo4j_server.http_url, f"bolt://{place}")
        with _served(registry, url, address) as service:
            yield Site(address, service, key, neo4j_server)
    neo4j_server.clear()


@pytest.fixture(scope="session")
def screenshots(repository: Path) -> Path:
    """Where pictures are kept for whoever wants to look; not tracked."""
    folder = repository / ".artifacts" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that remembers nothing."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(90_000)
    yield context
    context.close()


@pytest.fixture
def investigator(context: BrowserContext, site: Site, screenshots: Path) -> Investigator:
    """Somebody in front of an empty window."""
    return Investigator(context.new_page(), site.neo4j, screenshots)


class _served:
    """The service on a free port, in a thread of its own."""

    def __init__(self, registry: Registry, url: str, address: BrowserAddress) -> None:
        class Settings:
            registry_url = url

        application = create_app(Settings(), registry, None, address)
        self.server = uvicorn.Server(
            uvicorn.Config(application, host="127.0.0.1", port=0, log_level="error", access_log=False)
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive()
            time.sleep(0.05)
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def __exit__(self, *exception: object) -> None:
        self.server.should_exit = True
        self.thread.join()


def _unavailable(reason: str) -> NoReturn:
    if os.environ.get("GRAPHAUDIT_REQUIRE_BROWSER") == "1":
        pytest.fail(f"a web browser is required here: {reason}", pytrace=False)
    pytest.skip(f"no web browser: {reason}")
