"""Small files that say what a managed home holds and shows; each is replaced whole, so that a reader sees old or new.

`active.json` is the pointer: the home that clients are led to. It is the only thing that publishing changes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graphaudit.builds.durable import flush, write_text
from graphaudit.errors import StoreError
from graphaudit.hosts import LOOPBACK, bracketed, reached_at

ACTIVE = "active.json"
CLIENTS = "clients.json"
LINKS = "gate-links.json"
HELD = "build.json"

BOLT_PORT, HTTP_PORT = 7687, 7474


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where clients are led: the build (empty for an empty database), its home, and that server's inner ports."""

    build_id: str
    home: str
    bolt: int
    http: int


@dataclass(frozen=True, slots=True)
class Clients:
    """The address that clients use all the time, whatever home is behind it."""

    bolt: int = BOLT_PORT
    http: int = HTTP_PORT
    listen: str = LOOPBACK
    guide_origin: str = ""
    seen_as: str = ""

    @property
    def host(self) -> str:
        """The host in links for people on this machine."""
        return reached_at(self.listen)


@dataclass(frozen=True, slots=True)
class Held:
    """The build in one home; `ready` once its leads are in and it may be shown."""

    build_id: str
    ready: bool


def read_pointer(folder: Path) -> Pointer | None:
    """The pointer of the managed home `folder`; None when nothing is shown yet."""
    fields = _read(folder / ACTIVE)
    return Pointer(**fields) if fields else None


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Lead clients to another home from now on: durable when this returns, never half-done."""
    write_text(folder / ACTIVE, json.dumps(asdict(pointer)))


def remove_pointer(folder: Path) -> None:
    """Lead clients nowhere."""
    _remove(folder / ACTIVE)


def read_clients(folder: Path) -> Clients:
    """The fixed address of `folder`; the usual ports when nobody chose others. Starts nothing."""
    return Clients(**(_read(folder / CLIENTS) or {}))


def write_clients(folder: Path, clients: Clients) -> None:
    """Keep the fixed address."""
    write_text(folder / CLIENTS, json.dumps(asdict(clients)))


def read_held(home: Path) -> Held | None:
    """The build in the home folder `home`; None when it holds none, or one that is not whole."""
    fields = _read(home / HELD)
    return Held(**fields) if fields else None


def write_held(home: Path, held: Held) -> None:
    """Say that the graph in `home` is whole."""
    write_text(home / HELD, json.dumps(asdict(held)))


def remove_held(home: Path) -> None:
    """Say, durably, that what is in `home` is no whole graph: before anything in it changes."""
    _remove(home / HELD)


def client_addresses(folder: Path) -> tuple[str, str]:
    """HTTP and Bolt address that clients of the managed home `folder` use; reads files only."""
    clients = read_clients(folder)
    host = bracketed(clients.host)
    return f"http://{host}:{clients.http}", f"bolt://{host}:{clients.bolt}"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise StoreError(f"{path} cannot be read", f"remove {path}; then start Neo4j, or build, again") from None
    return dict(fields)


def _remove(path: Path) -> None:
    if path.exists():
        path.unlink()
        flush(path.parent)
