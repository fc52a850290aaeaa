"""What Java leaves behind becomes one line that says what is wrong; what it is given holds no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.neo4j_local import Home
from graphaudit.neo4j_local.java_command import explained, java_environment, tail, telling_line


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("Caused by: java.io.IOException: No space left on device", "the disk is full"),
        ("java.io.IOException: File too large", "the disk is full"),
        ("java.net.BindException: Address already in use", "another program listens"),
        ("java.lang.UnsupportedClassVersionError: x has been compiled by a more recent version", "another version"),
        ("org.neo4j.kernel.internal.locker.FileLockException: Lock file has been locked by another process", "home"),
        ("Error occurred during initialization of VM\nCould not reserve enough space for 99g object heap", "memory"),
        ("Error evaluating value for setting 'a.b'. 'x' is not a valid integer value", "configuration"),
        ("java.nio.file.AccessDeniedException: /srv/x", "cannot be written"),
    ],
)
def test_known_causes_are_named_with_a_next_step(tmp_path: Path, said: str, meaning: str) -> None:
    error = explained(
        "it failed", f"INFO Starting...\n{said}\n\tat a.b.C(D.java:1)\n", Home(tmp_path), tmp_path / "x.log"
    )
    assert error.detail.startswith("it failed: ")
    assert meaning in error.detail
    assert error.hint


def test_anything_else_is_told_in_the_last_telling_line(tmp_path: Path) -> None:
    said = (
        "2026-11-27 17:07:29.385+0000 INFO  Starting...\n"
        "2026-11-27 17:07:30.000+0000 ERROR Failed to start Neo4j: strange things\n"
        "java.lang.RuntimeException: outer\n\tat x.y\nCaused by: java.lang.IllegalStateException: inner\n\tat x.z\n"
    )
    assert telling_line(said) == "java.lang.IllegalStateException: inner"
    error = explained("it failed", said, Home(tmp_path), tmp_path / "x.log")
    assert error.detail == "it failed: java.lang.IllegalStateException: inner"
    assert error.hint == f"look into {tmp_path / 'x.log'}"
    assert explained("it failed", "", Home(tmp_path), tmp_path / "x.log").detail == "it failed"


def test_java_is_told_no_setting_and_no_option_of_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHAUDIT_SITE_KEY", "0" * 64)
    monkeypatch.setenv("GRAPHAUDIT_NEO4J_PASSWORD", "Kw7-harbour-lamp")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-javaagent:x.jar")
    environment = java_environment(Home(tmp_path))
    assert environment["NEO4J_HOME"] == str(tmp_path)
    assert not [name for name in environment if name.startswith(("GRAPHAUDIT", "JAVA"))]


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert tail(log) == ""
    log.write_text("x" * 1000 + "end", encoding="utf-8")
    assert tail(log, 5) == "xxend"
