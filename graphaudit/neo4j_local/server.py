"""Start, find and stop the server of one home: a process of its own that outlives whoever started it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time

from graphaudit.builds.durable import write_text
from graphaudit.errors import StoreError
from graphaudit.neo4j_local.admin import create_empty_database, end_tools
from graphaudit.neo4j_local.home import DATABASE, Home
from graphaudit.neo4j_local.java_command import explained, java_environment, tail
from graphaudit.neo4j_local.processes import command_line, is_listening, process_with, reap
from graphaudit.neo4j_local.runtime import Runtime
from graphaudit.neo4j_local.runtime import runtime as resolved_runtime

__all__ = ["USER", "Server", "command_line", "is_listening"]

logger = logging.getLogger(__name__)

MAIN_CLASS = "org.neo4j.server.CommunityEntryPoint"

#: The one account that a new server has.
USER = "neo4j"

#: Seconds between two looks at a process or a port.
PAUSE_S = 0.1
#: A killed process is gone some time before the system has closed its ports.
CLOSING_S = 5.0


class Server:
    """The server of one home. Every method may be called from any process of the same user."""

    def __init__(self, home: Home, runtime: Runtime | None = None) -> None:
        """`runtime` is needed by `start` only, which resolves it when it is not given."""
        self.home = home
        self._runtime = runtime

    def start(self, timeout_s: float = 120.0) -> int:
        """Start the server unless it runs, wait until both ports answer, and return its process id.

        The home must be configured, and its first password set. The server goes on when this process ends.
        StoreError naming the cause when it does not come up; nothing of it runs on then.
        """
        with self.home.locked():
            end_tools(self.home)
            pid = self._found()
            if pid is None:
                _refuse_taken_ports(self.home)
                pid = self._spawn()
            self._wait_listening(pid, time.monotonic() + timeout_s)
            logger.info("neo4j started home=%s pid=%d", self.home.folder, pid)
            return pid

    def wait_ready(self, password: str, *, user: str = USER, timeout_s: float = 60.0) -> None:
        """Wait until the user database answers a query. StoreError when the password is refused or time is up."""
        from neo4j import GraphDatabase
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        until = time.monotonic() + timeout_s
        # this loop is the one that tries again: the driver would say so on standard error
        with GraphDatabase.driver(
            self.home.bolt_uri, auth=(user, password), max_transaction_retry_time=0.0, connection_timeout=5.0
        ) as driver:
            while True:
                try:
                    driver.execute_query("RETURN 1", database_=DATABASE)
                except AuthError:
                    raise StoreError(
                        f"the Neo4j server of {self.home.folder} refuses the password of {user}",
                        "give the password that it was first started with (GRAPHAUDIT_NEO4J_PASSWORD or its file)",
                    ) from None
                except (DriverError, Neo4jError) as error:
                    if self.running() is None or time.monotonic() > until:
                        raise explained(
                            f"the Neo4j server of {self.home.folder} does not answer ({type(error).__name__})",
                            tail(self.home.log),
                            self.home,
                            self.home.log,
                        ) from None
                    time.sleep(PAUSE_S)
                else:
                    return

    def stop(self, timeout_s: float = 60.0) -> bool:
        """Stop the server in order and wait for its end; False when none was running.

        One that has not ended after `timeout_s` is killed: the database recovers from its log at the next start.
        """
        with self.home.locked():
            end_tools(self.home)
            pid = self._found()
            if pid is not None:
                self._end(pid, timeout_s)
                logger.info("neo4j stopped home=%s pid=%d", self.home.folder, pid)
            self.home.pid_file.unlink(missing_ok=True)
            return pid is not None

    def running(self) -> int | None:
        """Process id of the server, or None. A process that has taken over its number is told apart by its command."""
        try:
            pid = int(self.home.pid_file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return pid if self._home_argument in command_line(pid) else None

    def _found(self) -> int | None:
        """`running`, and a server whose starter died before it could note the process id; it is noted now."""
        pid = self.running()
        if pid is None:
            pid = process_with(self._home_argument)
            if pid is not None:
                write_text(self.home.pid_file, str(pid))
        return pid

    @property
    def _home_argument(self) -> str:
        return f"--home-dir={self.home.folder}"

    def _spawn(self) -> int:
        runtime = self._runtime or resolved_runtime()
        home = self.home
        if home.is_read_only and not home.has_database:
            create_empty_database(home, runtime)
        command = [
            str(runtime.java),
            f"@{home.conf / 'jvm.options'}",
            *runtime.archive_options,
            "-cp",
            runtime.class_path,
            MAIN_CLASS,
            self._home_argument,
            f"--config-dir={home.conf}",
            "--console-mode",
        ]
        log = str(home.log)
        # not subprocess: it would own the process and complain when it is dropped while the server goes on
        pid = os.posix_spawn(
            command[0],
            command,
            java_environment(home),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        write_text(home.pid_file, str(pid))
        return pid

    def _wait_listening(self, pid: int, until: float) -> None:
        ports = self.home.ports
        waiting = [ports.bolt, ports.http]
        what = f"the Neo4j server of {self.home.folder} did not start"
        while waiting:
            if self.running() != pid:
                reap(pid)
                self.home.pid_file.unlink(missing_ok=True)
                raise explained(what, tail(self.home.log), self.home, self.home.log)
            if time.monotonic() > until:
                self._end(pid, timeout_s=10.0)
                raise explained(f"{what} in time", tail(self.home.log), self.home, self.home.log)
            waiting = [port for port in waiting if not is_listening(self.home.host, port)]
            if waiting:
                time.sleep(PAUSE_S)

    def _end(self, pid: int, timeout_s: float) -> None:
        for number, patience in ((signal.SIGTERM, timeout_s), (signal.SIGKILL, 30.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                reap(pid)
                if self.running() is None:
                    return
                time.sleep(PAUSE_S)
        raise StoreError(f"the Neo4j server of {self.home.folder} (process {pid}) does not end", f"kill -9 {pid}")


def _refuse_taken_ports(home: Home) -> None:
    ports = home.ports
    until = time.monotonic() + CLOSING_S
    for kind, port in (("bolt", ports.bolt), ("http", ports.http)):
        while is_listening(home.host, port):
            if time.monotonic() < until:
                time.sleep(PAUSE_S)
                continue
            raise StoreError(
                f"the Neo4j server of {home.folder} did not start: another program listens on {home.host}:{port}",
                f"stop that program, or give another port with --{kind}-port",
            )
