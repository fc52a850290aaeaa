"""Opening a registry: files, URLs, migrations, settings of the database."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from graphaudit.errors import ConfigurationError
from graphaudit.registry import BuildRecord, Registry, RegistryError
from graphaudit.registry import database as database_module
from graphaudit.registry.database import alembic_config, open_engine, read, write
from graphaudit.registry.tables import metadata


def test_migrations_build_an_empty_database_up_to_the_declared_tables(registry_url: str) -> None:
    engine = open_engine(registry_url)
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    with write(engine) as connection:
        # raises when models and migrations differ
        command.check(alembic_config(connection))
    engine.dispose()


def test_the_check_would_notice_a_table_that_no_migration_makes(registry_url: str) -> None:
    engine = open_engine(registry_url)
    with write(engine) as connection:
        connection.execute(text("DROP TABLE site_secrets"))
        with pytest.raises(Exception, match="New upgrade operations detected"):
            command.check(alembic_config(connection))
    engine.dispose()


def test_opening_again_keeps_everything(registry_url: str) -> None:
    with Registry.open(registry_url) as first:
        first.publish(BuildRecord("B1"), [])
        secret = first.secret("cursor")
    with Registry.open(registry_url) as second:
        assert second.active_build().id == "B1"
        assert second.secret("cursor") == secret
        assert len(secret) == 32
        assert second.secret("other") != secret


def test_parents_are_made_and_files_are_the_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "registry.db"
    with Registry.open(f"sqlite:{path}") as registry:
        registry.publish(BuildRecord("B1"), [])
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes
    assert set(modes.values()) == {0o600}
    assert {"registry.db", "registry.db-wal"} <= set(modes)


def test_a_file_with_wider_permissions_is_narrowed(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.touch(0o644)
    path.chmod(0o644)
    Registry.open(f"sqlite:{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_sqlite_runs_with_the_settings_that_durability_needs(sqlite_registry) -> None:
    registry, _ = sqlite_registry
    with read(registry._engine) as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": database_module.BUSY_TIMEOUT_MS,
    }  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "", "sqlite:", "sqlite::memory:", "sqlite:a.db?mode=ro", "mysql://x/y", "nonsense",
        "postgresql://u:topsecret@h/d", "postgresql+psycopg2://u:topsecret@h/d",
    ],
)  # fmt: skip
def test_a_url_of_another_form_is_refused_without_repeating_its_password(url) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Registry.open(url)
    assert "topsecret" not in str(caught.value)
    assert caught.value.hint


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Registry.open("postgresql+psycopg://u:topsecret@127.0.0.1:9/d")
    assert "127.0.0.1" in str(caught.value)
    assert "topsecret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"\x00" * 5000])
def test_a_file_that_is_no_registry_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"registry\.db"):
        Registry.open(f"sqlite:{path}")
    assert path.read_bytes() == content


def test_a_registry_of_a_newer_version_is_refused_with_the_next_step(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    Registry.open(f"sqlite:{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigurationError, match="newer version"):
        Registry.open(f"sqlite:{path}")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Registry.open(f"sqlite:{tmp_path}")


def test_processes_that_open_a_new_registry_at_once_all_get_one(tmp_path: Path) -> None:
    script = "import sys; from graphaudit.registry import Registry; print(Registry.open(sys.argv[1]).secret('s').hex())"
    url = f"sqlite:{tmp_path / 'registry.db'}"
    started = [
        subprocess.Popen([sys.executable, "-c", script, url], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = {process.communicate(timeout=120)[0].strip() for process in started}
    assert [process.returncode for process in started] == [0] * 4
    assert len(answers) == 1


def test_a_registry_held_by_another_writer_says_so(sqlite_registry, monkeypatch) -> None:
    registry, path = sqlite_registry
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with read(registry._engine) as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    with pytest.raises(RegistryError, match="locked"):
        registry.publish(BuildRecord("B1"), [])
    assert registry.active_build() is None
    holder.execute("ROLLBACK")
    holder.close()
    assert registry.publish(BuildRecord("B1"), []).state == "published"
