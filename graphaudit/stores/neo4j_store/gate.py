"""One fixed Bolt and HTTP address in front of two Neo4j homes: a TCP gate that follows the pointer.

Each new connection is led to the home that the pointer names at that moment and stays with it, so that whatever happens
within one connection happens in one build. After a flip, connections to the other home are cut as soon as they are
quiet; a client that works in managed transactions opens a new one and does not notice.

Runs as a process of its own: `python -m graphaudit.stores.neo4j_store.gate FOLDER`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graphaudit.errors import GraphauditError
from graphaudit.hosts import LOOPBACK
from graphaudit.stores.neo4j_store.pointer import LINKS, Pointer, read_clients, read_pointer

CHUNK = 1 << 16
#: Seconds between two looks at the pointer.
LOOK_S = 0.1
#: A connection is quiet when the server spoke last and this many seconds have passed ...
QUIET_S = 1.0
#: ... which busy clients need not wait for after this time ...
PATIENT_S = 3.0
IMPATIENT_QUIET_S = 0.02
#: ... and nobody after this one: the transaction is cut, and repeated by the client.
DRAIN_S = 30.0
#: Connections at a time; beyond it new ones wait in the kernel's queue.
BACKLOG = 128

Kind = Literal["bolt", "http"]


@dataclass(eq=False, slots=True)
class Link:
    """One client's connection to one home."""

    home: str
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    moved: float
    server_spoke: bool = True

    def cut(self) -> None:
        """End both sides at once."""
        for writer in (self.client, self.server):
            writer.transport.abort()


class Gate:
    """Accepts clients of the managed home `folder` and leads them on; all of it in one event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._links: set[Link] = set()
        self._shown: str | None = None
        self._flipped = 0.0
        self._told: dict[str, object] | None = None

    async def serve(self) -> None:
        """Serve until cancelled. OSError when an address is taken."""
        clients = read_clients(self._folder)
        bolt = await asyncio.start_server(self._on_bolt, clients.listen, clients.bolt, backlog=BACKLOG)
        http = await asyncio.start_server(self._on_http, clients.listen, clients.http, backlog=BACKLOG)
        try:
            async with bolt, http:
                while True:
                    self._follow()
                    await asyncio.sleep(LOOK_S)
        finally:
            for link in self._links:
                link.cut()

    async def _on_bolt(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._lead("bolt", reader, writer)

    async def _on_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._lead("http", reader, writer)

    async def _lead(self, kind: Kind, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pointer = self._pointer()
        opened = await self._reach(pointer, kind) if pointer else None
        if pointer is None or opened is None:
            # nobody there: the client sees a closed connection, as from a server that is down
            writer.close()
            return
        answers, server = opened
        link = Link(pointer.home, writer, server, asyncio.get_running_loop().time())
        self._links.add(link)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(link, reader, server, from_server=False))
                group.create_task(self._pass(link, answers, writer, from_server=True))
        except* OSError:
            link.cut()
        finally:
            self._links.discard(link)
            for side in (writer, server):
                side.close()

    async def _reach(self, pointer: Pointer, kind: Kind) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        try:
            return await asyncio.open_connection(LOOPBACK, pointer.bolt if kind == "bolt" else pointer.http)
        except OSError:
            return None

    async def _pass(
        self, link: Link, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, from_server: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        while data := await source.read(CHUNK):
            link.moved, link.server_spoke = loop.time(), from_server
            target.write(data)
            await target.drain()
            link.moved = loop.time()
        if from_server:
            # the server has ended it: nothing the client may still say would reach anybody
            link.cut()
        elif target.can_write_eof():
            with contextlib.suppress(OSError):
                target.write_eof()

    def _pointer(self) -> Pointer | None:
        try:
            return read_pointer(self._folder)
        except GraphauditError:
            return None

    def _follow(self) -> None:
        """Cut what is quiet and belongs to a home that is no longer shown; say how many connections each home has."""
        pointer = self._pointer()
        now = asyncio.get_running_loop().time()
        shown = pointer.home if pointer else None
        if shown != self._shown:
            self._shown, self._flipped = shown, now
        since = now - self._flipped
        quiet = QUIET_S if since < PATIENT_S else IMPATIENT_QUIET_S
        for link in [link for link in self._links if link.home != shown]:
            if since > DRAIN_S or (link.server_spoke and now - link.moved >= quiet):
                link.cut()
                self._links.discard(link)
        self._tell()

    def _tell(self) -> None:
        numbers: dict[str, int] = {}
        for link in self._links:
            numbers[link.home] = numbers.get(link.home, 0) + 1
        shown: dict[str, object] = {"shown": self._shown, "links": numbers}
        if shown != self._told:
            # for the moment only: not worth a flush to the disk
            temporary = self._folder / f".{LINKS}.{os.getpid()}.tmp"
            temporary.write_text(json.dumps(shown), encoding="utf-8")
            temporary.replace(self._folder / LINKS)
            self._told = shown


async def _run(folder: Path) -> None:
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel if task else loop.stop)
    with contextlib.suppress(asyncio.CancelledError):
        await Gate(folder).serve()


def main() -> int:
    """Serve the folder that the command line names; 1 and one line on standard error when an address is taken."""
    try:
        asyncio.run(_run(Path(sys.argv[1])))
    except (OSError, GraphauditError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
