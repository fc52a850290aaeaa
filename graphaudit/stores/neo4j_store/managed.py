"""Two Neo4j homes on this machine behind one fixed address: one is shown, the other rebuilt or kept for rollback.

Below the folder: homes `a` and `b`, `active.json` (which one is shown), `clients.json` (the fixed address), `password`,
and the files of the gate. Neo4j Community holds one graph, so two graphs take two servers.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import neo4j

from graphaudit.errors import NotFoundError, StoreError
from graphaudit.hosts import bracketed
from graphaudit.neo4j_local import (
    Home,
    Runtime,
    Server,
    free_ports,
    password_of,
    runtime,
    set_initial_password,
)
from graphaudit.progress import Progress, SilentProgress
from graphaudit.stores.neo4j_store.address import DATABASE, USER, Address
from graphaudit.stores.neo4j_store.connection import RETRY_S, connect
from graphaudit.stores.neo4j_store.gate import DRAIN_S
from graphaudit.stores.neo4j_store.gate_process import (
    gate_pid,
    require_free_addresses,
    start_gate,
    stop_gate,
    wait_followed,
)
from graphaudit.stores.neo4j_store.pointer import (
    Clients,
    Pointer,
    client_addresses,
    read_clients,
    read_held,
    read_pointer,
    remove_held,
    remove_pointer,
    write_clients,
    write_pointer,
)

__all__ = ["ManagedHome", "Status", "client_addresses"]

logger = logging.getLogger(__name__)

NAMES = ("a", "b")
START_S = 180.0
STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Status:
    """What is running and what clients see; `problems` says, in sentences, what is amiss."""

    running: bool
    build_id: str | None
    bolt: str
    http: str
    gate_pid: int | None
    server_pid: int | None
    active: str | None
    kept_build_id: str | None
    version: str
    problems: tuple[str, ...]


class ManagedHome:
    """The folder with both homes. Every method may be called from any process of the same user; a build and
    start or stop should not be called at the same time."""

    def __init__(
        self,
        folder: Path,
        *,
        password: str | None = None,
        password_file: Path | None = None,
        heap_mb: int = 1024,
        page_cache_mb: int = 1024,
        short_lived: bool = False,
        cache: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.homes = {name: Home(self.folder / name) for name in NAMES}
        self.heap_mb = heap_mb
        self.page_cache_mb = page_cache_mb
        self._given = (password, password_file)
        self._cache = cache
        self._short_lived = short_lived
        self._runtime: Runtime | None = None

    @property
    def runtime(self) -> Runtime:
        """Java and jars, fetched when they are first needed. ConfigurationError when they cannot be had."""
        if self._runtime is None:
            self._runtime = runtime(self._cache)
        return self._runtime

    @property
    def password(self) -> str:
        """The password of both homes; a random one is made and kept in the folder when none was given."""
        return password_of(self.folder, *self._given, create=True)

    @property
    def pointer(self) -> Pointer | None:
        """What clients are led to."""
        return read_pointer(self.folder)

    @property
    def serves(self) -> bool:
        """True while the gate runs: clients are expected, so servers that they see are left running."""
        return gate_pid(self.folder) is not None

    @property
    def idle(self) -> str:
        """The home that clients do not see: the next build goes there."""
        pointer = self.pointer
        return NAMES[0] if pointer is None or pointer.home == NAMES[1] else NAMES[1]

    def holding(self, build_id: str) -> str | None:
        """The home that holds the whole graph of `build_id`."""
        for name, home in self.homes.items():
            held = read_held(home.folder)
            if held is not None and held.build_id == build_id:
                return name
        return None

    # ---- what an operator does ---------------------------------------------------------------------------

    def start(
        self,
        *,
        bolt_port: int | None = None,
        http_port: int | None = None,
        listen: str | None = None,
        guide_origin: str | None = None,
        seen_as: str | None = None,
        progress: Progress | None = None,
    ) -> Status:
        """Start the shown home's server, read-only, and the gate; an empty database when nothing was built yet.

        What is not given stays as it was. Running parts are left alone, unless the address changes.
        StoreError when an address is taken or the server does not come up.
        """
        progress = progress or SilentProgress()
        self._create()
        before = read_clients(self.folder)
        clients = Clients(
            bolt_port or before.bolt,
            http_port or before.http,
            listen or before.listen,
            before.guide_origin if guide_origin is None else guide_origin,
            before.seen_as if seen_as is None else seen_as,
        )
        if clients != before:
            self.stop()
        write_clients(self.folder, clients)
        # before a server is started that nobody could reach
        require_free_addresses(self.folder)
        pointer = self.pointer
        name = pointer.home if pointer else NAMES[0]
        progress.stage("start Neo4j")
        self.start_server(name, read_only=True)
        held = read_held(self.homes[name].folder)
        self.show(name, held.build_id if held else "")
        start_gate(self.folder)
        progress.done(f"{client_addresses(self.folder)[1]}")
        return self.status()

    def stop(self) -> bool:
        """Stop the gate, then both servers; False when nothing ran."""
        gate = stop_gate(self.folder)
        servers = [Server(home).stop(STOP_S) for home in self.homes.values() if home.folder.is_dir()]
        return gate or any(servers)

    def status(self) -> Status:
        """What runs and what is shown; starts nothing."""
        pointer, gate = self.pointer, gate_pid(self.folder)
        clients = read_clients(self.folder)
        server = Server(self.homes[pointer.home]).running() if pointer else None
        other = read_held(self.homes[self.idle].folder)
        problems = []
        if gate and not server:
            problems.append("the server behind the gate does not run")
        from graphaudit.neo4j_local.jars import version_of_lock

        return Status(
            running=bool(gate and server),
            build_id=pointer.build_id or None if pointer else None,
            bolt=f"{clients.host}:{clients.bolt}",
            http=f"{clients.host}:{clients.http}",
            gate_pid=gate,
            server_pid=server,
            active=pointer.home if pointer else None,
            kept_build_id=other.build_id if other else None,
            version=version_of_lock(),
            problems=tuple(problems),
        )

    def change_password(self, new: str) -> None:
        """Give both homes the password `new`; a home whose server does not run is started for it and stopped again.

        A home that has it already, from an attempt that was cut short, is left alone. Keeping the password is the
        caller's business. StoreError when a home takes neither.
        """
        old = self.password
        for name, home in self.homes.items():
            if not home.has_database:
                continue
            ran = Server(home).running() is not None
            try:
                self.start_server(name, read_only=home.is_read_only)
            except StoreError:
                # refused, or not up at all, which this says again
                Server(home).wait_ready(new)
            else:
                with self.connected(name) as driver:
                    driver.execute_query(
                        "ALTER CURRENT USER SET PASSWORD FROM $old TO $new", old=old, new=new, database_="system"
                    )
            if not ran:
                self.stop_server(name)

    # ---- what the store does -----------------------------------------------------------------------------

    def start_server(self, name: str, *, read_only: bool) -> None:
        """Let the server of home `name` run with or without the right to write, and wait until it answers.

        Ports are chosen anew at each start: only the gate needs to know them.
        """
        home = self.homes[name]
        server = Server(home, self.runtime)
        if server.running() is not None and home.is_read_only == read_only:
            server.wait_ready(self.password)
            return
        server.stop(STOP_S)
        self._create()
        self.configure(name, read_only=read_only)
        if not (home.data / "databases" / "system").is_dir():
            set_initial_password(home, self.runtime, self.password)
        server.start(START_S)
        server.wait_ready(self.password)

    def configure(self, name: str, *, read_only: bool) -> None:
        """Write the configuration of home `name` for its next start."""
        clients = read_clients(self.folder)
        self.homes[name].configure(
            free_ports(),
            read_only=read_only,
            heap_mb=self.heap_mb,
            page_cache_mb=self.page_cache_mb,
            advertised_bolt=f"{bracketed(clients.host)}:{clients.bolt}",
            seen_as=clients.seen_as or None,
            guide_origin=clients.guide_origin or None,
            # the one that is written to has long transactions, and no stranger among its clients
            transaction_timeout_s=120 if read_only else 0,
            short_lived=self._short_lived,
        )

    def stop_server(self, name: str) -> None:
        """Stop the server of home `name`; nothing happens when none runs."""
        Server(self.homes[name]).stop(STOP_S)

    def is_running(self, name: str) -> bool:
        """True when the server of home `name` runs."""
        return self.homes[name].folder.is_dir() and Server(self.homes[name]).running() is not None

    def address(self, name: str) -> Address:
        """The inner address of home `name`."""
        return Address(self.homes[name].bolt_uri, USER, DATABASE)

    def driver(self, name: str, *, retry_s: float = RETRY_S) -> neo4j.Driver:
        """A driver for the running server of home `name`; the caller closes it."""
        return connect(self.address(name), self.password, retry_s=retry_s)

    @contextmanager
    def connected(self, name: str) -> Iterator[neo4j.Driver]:
        """A driver for as long as the block lasts."""
        driver = self.driver(name)
        try:
            yield driver
        finally:
            driver.close()

    def show(self, name: str, build_id: str) -> None:
        """Lead clients to home `name` from now on; one durable rename, nothing else."""
        ports = self.homes[name].ports
        pointer = Pointer(build_id, name, ports.bolt, ports.http)
        if pointer != self.pointer:
            write_pointer(self.folder, pointer)
            logger.info("neo4j shows build=%s home=%s", build_id, name)

    def retire(self, name: str) -> None:
        """Wait until no client is left at home `name`, which is no longer shown, and stop its server; keep its data."""
        pointer = self.pointer
        if pointer is not None and pointer.home == name:
            raise StoreError(f"home {name} is shown to clients", "publish another build first")
        if pointer is not None and not wait_followed(self.folder, pointer.home, DRAIN_S + STOP_S):
            logger.warning("clients still connected to home=%s", name)
        self.stop_server(name)

    def erase_graph(self, name: str) -> None:
        """Delete the graph in home `name`, and stop leading clients there; accounts stay."""
        home = self.homes[name]
        pointer = self.pointer
        if pointer is not None and pointer.home == name:
            remove_pointer(self.folder)
        remove_held(home.folder)
        self.stop_server(name)
        for part in ("databases", "transactions"):
            shutil.rmtree(home.data / part / DATABASE, ignore_errors=True)

    def require(self, build_id: str) -> str:
        """The home that holds `build_id`; NotFoundError when neither does."""
        name = self.holding(build_id)
        if name is None:
            raise NotFoundError(
                f"neither Neo4j home below {self.folder} holds the graph of build {build_id}",
                "build it again; the homes hold the build that is shown and the one before it",
            )
        return name

    def _create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
