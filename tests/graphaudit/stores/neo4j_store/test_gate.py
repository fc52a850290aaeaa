"""The gate leads new connections to the shown home, keeps old ones where they are, and cuts those that are quiet."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from graphaudit.errors import StoreError
from graphaudit.neo4j_local import Ports, free_ports
from graphaudit.stores.neo4j_store import gate
from graphaudit.stores.neo4j_store.gate import Gate
from graphaudit.stores.neo4j_store.gate_process import gate_pid, start_gate, stop_gate, wait_followed
from graphaudit.stores.neo4j_store.pointer import (
    Clients,
    Pointer,
    client_addresses,
    read_pointer,
    remove_pointer,
    write_clients,
    write_pointer,
)

PATIENCE = 20.0


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a little sooner than in life."""
    monkeypatch.setattr(gate, "LOOK_S", 0.01)
    monkeypatch.setattr(gate, "QUIET_S", 0.1)


@dataclass
class Place:
    """A gate under test, and the homes behind it."""

    folder: Path
    clients: Ports
    homes: dict[str, Ports]
    opened: list[asyncio.StreamWriter] = field(default_factory=list)

    def show(self, name: str) -> None:
        write_pointer(self.folder, Pointer(f"build-{name}", name, self.homes[name].bolt, self.homes[name].http))

    async def client(self, port: int | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port or self.clients.bolt)
        self.opened.append(writer)
        return reader, writer

    async def leave(self) -> None:
        for writer in self.opened:
            writer.transport.abort()
        # the other sides notice
        await asyncio.sleep(0.05)


def home_that_says(name: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Answers a line `wait SECONDS` after that time, `big N` with so many bytes, anything else at once, by its name."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                verb, _, number = line.decode().strip().partition(" ")
                if verb == "wait":
                    await asyncio.sleep(float(number))
                writer.write(b"x" * int(number) + b"\n" if verb == "big" else f"{name}\n".encode())
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()

    return serve


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    """Two homes that answer on both ports, and a running gate that shows none of them yet."""
    homes, servers = {}, []
    for name in ("a", "b"):
        ends = [await asyncio.start_server(home_that_says(name), "127.0.0.1", 0) for _ in range(2)]
        servers += ends
        homes[name] = Ports(*(end.sockets[0].getsockname()[1] for end in ends))
    clients = free_ports()
    here = Place(folder, clients, homes)
    write_clients(folder, Clients(clients.bolt, clients.http))
    running = asyncio.create_task(Gate(folder).serve())
    for port in (clients.bolt, clients.http):
        await until(lambda port=port: can_connect(port))
    try:
        yield here
    finally:
        await here.leave()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        for server in servers:
            server.close()


def can_connect(port: int) -> bool:
    with socket.socket() as probe:
        probe.setblocking(False)
        return probe.connect_ex(("127.0.0.1", port)) == 0 or probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


async def ask(client: tuple[asyncio.StreamReader, asyncio.StreamWriter], line: str = "who") -> str:
    """The answer to one line; empty when the connection has ended."""
    reader, writer = client
    try:
        async with asyncio.timeout(PATIENCE):
            writer.write(f"{line}\n".encode())
            await writer.drain()
            return (await reader.readline()).decode().strip()
    except OSError:
        return ""


def test_new_connections_follow_the_pointer_and_both_ports_do(tmp_path: Path) -> None:
    async def scene() -> None:
        async with place(tmp_path) as here:
            assert await ask(await here.client()) == "", "nothing is shown yet"
            for name in ("a", "b", "a"):
                here.show(name)
                assert await ask(await here.client()) == name
                assert await ask(await here.client(here.clients.http)) == name
            remove_pointer(tmp_path)
            assert await ask(await here.client()) == ""

    asyncio.run(scene())


def test_a_connection_stays_with_its_home_until_it_is_quiet_and_is_then_cut(tmp_path: Path) -> None:
    async def scene() -> None:
        async with place(tmp_path) as here:
            here.show("a")
            old, idle = await here.client(), await here.client()
            assert await ask(old) == await ask(idle) == "a"
            working = asyncio.create_task(ask(old, "wait 0.5"))
            await asyncio.sleep(0.05)
            here.show("b")
            assert await ask(await here.client()) == "b"
            assert await idle[0].read() == b"", "a quiet one is cut"
            assert await working == "a", "one that waits for an answer is not"
            assert await old[0].read() == b"", "and afterwards it is"

    asyncio.run(scene())


def test_nobody_is_waited_for_longer_than_the_drain_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "DRAIN_S", 0.3)

    async def scene() -> None:
        async with place(tmp_path) as here:
            here.show("a")
            old = await here.client()
            assert await ask(old) == "a"
            working = asyncio.create_task(ask(old, "wait 60"))
            await asyncio.sleep(0.05)
            here.show("b")
            assert await working == "", "cut, which a managed transaction repeats"

    asyncio.run(scene())


def test_a_home_that_is_away_ends_the_connection_and_what_is_large_arrives_whole(tmp_path: Path) -> None:
    async def scene() -> None:
        async with place(tmp_path) as here:
            here.show("a")
            size = 5_000_000
            client = await here.client()
            reader, writer = client
            writer.write(f"big {size}\n".encode())
            assert len(await reader.readexactly(size + 1)) == size + 1
            gone = free_ports()
            write_pointer(tmp_path, Pointer("build-c", "c", gone.bolt, gone.http))
            assert await ask(await here.client()) == ""

    asyncio.run(scene())


def test_the_gate_runs_as_a_process_of_its_own_and_says_when_everyone_has_moved(tmp_path: Path) -> None:
    async def scene() -> None:
        homes = {}
        servers = []
        for name in ("a", "b"):
            servers.append(await asyncio.start_server(home_that_says(name), "127.0.0.1", 0))
            port = servers[-1].sockets[0].getsockname()[1]
            homes[name] = Ports(port, port)
        clients = free_ports()
        write_clients(tmp_path, Clients(clients.bolt, clients.http))
        here = Place(tmp_path, clients, homes)
        here.show("a")
        pid = await asyncio.to_thread(start_gate, tmp_path)
        try:
            assert await asyncio.to_thread(start_gate, tmp_path) == pid, "it runs already"
            client = await here.client()
            assert await ask(client) == "a"
            working = asyncio.create_task(ask(client, "wait 3"))
            here.show("b")
            assert not await asyncio.to_thread(wait_followed, tmp_path, "b", 0.5), "one is still at work"
            assert await working == "a"
            assert await asyncio.to_thread(wait_followed, tmp_path, "b", PATIENCE)
            assert await ask(await here.client()) == "b"
        finally:
            await here.leave()
            assert await asyncio.to_thread(stop_gate, tmp_path)
        assert gate_pid(tmp_path) is None
        assert not await asyncio.to_thread(stop_gate, tmp_path)
        for server in servers:
            server.close()

    asyncio.run(scene())


def test_an_address_that_is_taken_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        write_clients(tmp_path, Clients(free_ports().bolt, port))
        with pytest.raises(StoreError, match=f"another program listens on 127.0.0.1:{port}") as caught:
            start_gate(tmp_path)
    assert "--http-port" in caught.value.hint
    assert gate_pid(tmp_path) is None


def test_a_number_that_another_process_has_got_is_not_taken_for_the_gate(tmp_path: Path) -> None:
    (tmp_path / "gate.pid").write_text("1", encoding="ascii")
    assert gate_pid(tmp_path) is None
    assert not stop_gate(tmp_path)


def test_addresses_are_read_without_starting_anything(tmp_path: Path) -> None:
    assert client_addresses(tmp_path) == ("http://127.0.0.1:7474", "bolt://127.0.0.1:7687")
    write_clients(tmp_path, Clients(17687, 17474, "0.0.0.0"))
    assert client_addresses(tmp_path) == ("http://127.0.0.1:17474", "bolt://127.0.0.1:17687")
    write_clients(tmp_path, Clients(listen="::1"))
    assert client_addresses(tmp_path)[1] == "bolt://[::1]:7687"


def test_a_damaged_pointer_is_said_not_followed(tmp_path: Path) -> None:
    (tmp_path / "active.json").write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match=r"active\.json cannot be read"):
        read_pointer(tmp_path)
