"""A build that is killed at a named stage, in a process of its own: FOLDER PASSWORD BUILD STAGE BEGUN."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphaudit.progress import SilentProgress
from graphaudit.stores import Neo4jOptions
from graphaudit.stores.neo4j_store import managed_store
from graphaudit.stores.neo4j_store.managed import ManagedHome
from graphaudit.stores.neo4j_store.managed_store import ManagedNeo4jStore
from tests.integration.conftest import HEAP_MB, PAGE_CACHE_MB, leads_of_build, tables_of_build

#: Seconds into the import, when its Java is at work.
INTO_IMPORT_S = 1.0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly(SilentProgress):
    """Dies when the progress says that `stage` begins, or a little later."""

    def __init__(self, stage: str) -> None:
        self.stage_of_death = stage

    def advance(self, steps: int = 1, note: str = "") -> None:
        if note == self.stage_of_death:
            if note == "import":
                threading.Timer(INTO_IMPORT_S, die).start()
            else:
                die()


def then_die(act: Callable[..., Any], when: Callable[..., bool] = lambda *_, **__: True) -> Callable[..., Any]:
    def acting(*arguments: Any, **named: Any) -> Any:
        result = act(*arguments, **named)
        if when(*arguments, **named):
            die()
        return result

    return acting


def main(folder: str, password: str, build_id: str, stage: str, begun: str) -> None:
    options = Neo4jOptions(password, HEAP_MB, PAGE_CACHE_MB, short_lived=True)
    store = ManagedNeo4jStore(Path(folder), options, memory_limit_mb=256)
    if stage == "leads":
        managed_store.replace_leads = then_die(managed_store.replace_leads)
    elif stage == "read-only":
        ManagedHome.start_server = then_die(  # type: ignore[method-assign]
            ManagedHome.start_server, lambda *_, read_only: read_only
        )
    elif stage == "flip":
        ManagedHome.show = then_die(ManagedHome.show)  # type: ignore[method-assign]
    if begun == "0":
        store.write(build_id, tables_of_build(build_id), Deadly(stage))
    store.write_leads(build_id, leads_of_build(build_id))
    store.activate(build_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
