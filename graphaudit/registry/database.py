"""Open the registry's database: one engine per URL, safe settings, migrations applied under a lock."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from graphaudit.errors import ConfigurationError, GraphauditError

logger = logging.getLogger(__name__)

SQLITE = "sqlite:"
POSTGRESQL = "postgresql+psycopg"
#: A writer waits this long for another writer. A publish of thousands of leads takes well under a second.
BUSY_TIMEOUT_MS = 15_000
#: Any number that nothing else in the database uses: they name our advisory locks.
MIGRATION_LOCK = 0x6761_7265
WRITE_LOCK = 0x6761_7266


class RegistryError(GraphauditError):
    """The registry's database could not be reached, was locked for too long, or refused to write."""


_FORMS = "use sqlite:PATH or postgresql+psycopg://USER@HOST/DATABASE"


def open_engine(url: str) -> Engine:
    """An engine on `url` with its schema at the newest migration.

    SQLite: parents are created, the file is readable by its owner only. ConfigurationError when the URL has
    another form, the database cannot be reached, is no registry, or was written by a newer version.
    """
    if url.startswith(SQLITE):
        path = _sqlite_path(url)
        engine = _sqlite_engine(path)
        where = str(path)
    else:
        engine = _server_engine(url)
        where = engine.url.render_as_string(hide_password=True)
    try:
        with _migration_lock(engine):
            _migrate(engine)
    except CommandError as error:
        engine.dispose()
        raise ConfigurationError(
            f"registry {where}: {error}", "it was written by a newer version: upgrade this installation"
        ) from error
    except RegistryError as error:
        engine.dispose()
        raise ConfigurationError(f"registry {where}: {error.detail}", error.hint) from error
    except DatabaseError as error:
        engine.dispose()
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        raise ConfigurationError(
            f"registry {where} cannot be opened: {reason}", "check that it is a registry and may be written"
        ) from error
    return engine


def _sqlite_path(url: str) -> Path:
    name = url.removeprefix(SQLITE)
    if not name or name == ":memory:" or "?" in name:
        raise ConfigurationError(f"registry URL {url} names no file", _FORMS)
    path = Path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Created before SQLite does, so that it never exists with wider permissions; its -wal and -shm files follow.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise ConfigurationError(
            f"registry file {path} cannot be created or written: {error.strerror}",
            "choose another place with --registry or correct its permissions",
        ) from error
    return path


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path.absolute()}",
        hide_parameters=True,
        pool_size=8,
        max_overflow=56,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver must not open transactions of its own: `_begin` below does, and DDL is then transactional too.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS:d}")
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit is on disk before it is acknowledged, also in WAL mode.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the write lock at once: a reader that becomes a writer would fail instead of waiting.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _server_engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError("the registry URL cannot be read", _FORMS) from None
    if parsed.drivername != POSTGRESQL:
        raise ConfigurationError(f"registry URLs that begin with {parsed.drivername}: are not known", _FORMS)
    try:
        return create_engine(parsed, hide_parameters=True, pool_size=8, max_overflow=24, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "a PostgreSQL registry needs the package psycopg", "pip install 'psycopg[binary]'"
        ) from error


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """One writing transaction: committed when the block ends, rolled back when it raises.

    Writers queue up, on either engine: they are few and short, and the audit chain has one end only.
    """
    with _explained(), engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name != "sqlite":
            timeout = text("SELECT set_config('lock_timeout', :timeout, true)")
            connection.execute(timeout, {"timeout": f"{BUSY_TIMEOUT_MS}ms"})
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})
        yield connection


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One reading transaction: everything read in the block belongs to the same moment."""
    with _explained(), engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()
        raise RegistryError(
            f"the registry cannot be used: {reason[0] if reason else 'no reason given'}",
            "check that its database runs, has disk space, and is not held by another process; then try again",
        ) from error


@contextmanager
def _migration_lock(engine: Engine) -> Iterator[None]:
    """Two processes that open the same new registry must not both create it."""
    if engine.dialect.name == "sqlite":
        lock = Path(f"{engine.url.database}.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    else:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for the packaged migrations on `connection`; its own messages are swallowed."""
    config = Config(stdout=StringIO())
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        config = alembic_config(connection)
        with connection.begin():
            current = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory.from_config(config).get_current_head()
    if current == newest:
        return
    with write(engine) as connection:
        command.upgrade(alembic_config(connection), "head")
    logger.info("registry migrated from=%s to=%s", current, newest)


def is_reachable(engine: Engine) -> bool:
    """Whether a trivial question is answered."""
    try:
        with read(engine) as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)
    except RegistryError:
        return False
