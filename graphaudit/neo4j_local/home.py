"""One Neo4j home folder: where configuration, data and logs of one server lie, and what it is allowed to do."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graphaudit.builds.durable import write_text
from graphaudit.errors import ConfigurationError, StoreError
from graphaudit.hosts import LOOPBACK, reached_at
from graphaudit.neo4j_local.configuration import jvm_options, neo4j_conf, setting_in

FOLDERS = ("conf", "data", "logs", "run", "import", "plugins")

#: The one user database of Neo4j Community.
DATABASE = "neo4j"


@dataclass(frozen=True, slots=True)
class Ports:
    """The two TCP ports of one server."""

    bolt: int
    http: int


def free_ports(host: str = LOOPBACK) -> Ports:
    """Two ports that nobody listens on at this moment; the server must take them soon."""
    with socket.socket() as bolt, socket.socket() as http:
        bolt.bind((host, 0))
        http.bind((host, 0))
        return Ports(bolt.getsockname()[1], http.getsockname()[1])


class Home:
    """The folder of one server, with the layout that Neo4j expects; every folder in it has mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def __repr__(self) -> str:
        return f"Home({str(self.folder)!r})"

    @property
    def conf(self) -> Path:
        """Folder of neo4j.conf and jvm.options."""
        return self.folder / "conf"

    @property
    def data(self) -> Path:
        """Folder of databases, transactions and accounts."""
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        """Folder of the logs; `server.log` is what the server says on its console."""
        return self.folder / "logs"

    @property
    def log(self) -> Path:
        """What the server said on its console since it was last started."""
        return self.logs / "server.log"

    @property
    def pid_file(self) -> Path:
        """Number of the server's process; means nothing by itself, see `Server.running`."""
        return self.folder / "run" / "server.pid"

    @property
    def has_database(self) -> bool:
        """True when a graph has been imported or a server has been started here."""
        return (self.data / "databases" / DATABASE).is_dir()

    def create(self) -> None:
        """Make the folders that are absent and shut others out of all. StoreError when that is not possible."""
        try:
            for folder in (self.folder, *(self.folder / name for name in FOLDERS)):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                folder.chmod(0o700)
        except OSError as error:
            raise StoreError(
                f"the Neo4j home {self.folder} cannot be made: {error.strerror}",
                "give a folder on a local disk that this user may write",
            ) from None

    def erase(self) -> None:
        """Take away database, accounts and logs; the configuration stays. The server must be stopped."""
        for folder in (self.data, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
        self.create()

    def configure(
        self,
        ports: Ports,
        *,
        read_only: bool,
        heap_mb: int = 512,
        page_cache_mb: int = 256,
        listen: str = LOOPBACK,
        advertised_bolt: str | None = None,
        seen_as: str | None = None,
        guide_origin: str | None = None,
        transaction_timeout_s: int = 120,
        short_lived: bool = False,
    ) -> None:
        """Write the configuration, which holds from the next start on; makes the folders when absent.

        Args:
            ports: Where Bolt and HTTP (Browser) listen.
            read_only: Refuse every write and schema change in the user database.
            heap_mb: Heap of the server, in MiB; with `page_cache_mb` and about 300 MiB more, what the process takes.
            page_cache_mb: Page cache, in MiB; about 1.2 times the store is enough.
            listen: Address that both ports bind; anything but loopback is for whoever asks for it in words.
            advertised_bolt: `host:port` that clients are told when they come through another address.
            seen_as: Host under which other machines reach the same Bolt port, through a proxy with TLS or without:
                Browser may connect there too, and clients are told that address.
            guide_origin: `scheme://host[:port]` that Browser may fetch guides, styles and pictures from, besides
                itself; the port may be `*`. Without it the Browser asks nobody.
            transaction_timeout_s: Longest query in seconds; 0 is no limit, for loading.
            short_lived: For a server that answers few queries: it starts with a third less work, and what is asked
                often is answered more slowly.

        ConfigurationError for a value that is not of its kind.
        """
        for name, port in (("Bolt", ports.bolt), ("HTTP", ports.http)):
            if not 0 < port < 65536:
                raise ConfigurationError(f"{port} is no {name} port", "give one from 1 to 65535")
        if ports.bolt == ports.http:
            raise ConfigurationError(f"Bolt and HTTP cannot share port {ports.bolt}", "give two ports")
        self.create()
        write_text(
            self.conf / "neo4j.conf",
            neo4j_conf(
                bolt_port=ports.bolt,
                http_port=ports.http,
                read_only=read_only,
                page_cache_mb=page_cache_mb,
                listen=listen,
                advertised_bolt=advertised_bolt,
                seen_as=seen_as,
                guide_origin=guide_origin,
                transaction_timeout_s=transaction_timeout_s,
            ),
        )
        write_text(self.conf / "jvm.options", jvm_options(heap_mb, short_lived=short_lived))

    @property
    def ports(self) -> Ports:
        """The configured ports. ConfigurationError when the home has no configuration yet."""
        return Ports(*(int(self._listens(kind).rpartition(":")[2]) for kind in ("bolt", "http")))

    @property
    def host(self) -> str:
        """Address at which this machine reaches the server; loopback when it listens on every address."""
        host = self._listens("bolt").rpartition(":")[0].strip("[]")
        return reached_at(host)

    @property
    def bolt_uri(self) -> str:
        """`bolt://host:port` for a client on this machine."""
        return f"bolt://{self.host}:{self.ports.bolt}"

    @property
    def http_url(self) -> str:
        """`http://host:port` for a client on this machine; Browser is at `/browser/`."""
        return f"http://{self.host}:{self.ports.http}"

    @property
    def is_read_only(self) -> bool:
        """True when the configuration refuses writes."""
        return self._setting("server.databases.default_to_read_only") == "true"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home against every other process that starts, stops or imports; waits for its turn."""
        self.create()
        descriptor = os.open(self.folder / "run" / "home.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _listens(self, kind: str) -> str:
        return self._setting(f"server.{kind}.listen_address")

    def _setting(self, name: str) -> str:
        text = ""
        with contextlib.suppress(FileNotFoundError):
            text = (self.conf / "neo4j.conf").read_text(encoding="utf-8")
        value = setting_in(text, name)
        if value is None:
            raise ConfigurationError(f"{self.folder} is no Neo4j home, or has lost its configuration", "start it again")
        return value
