"""Passwords: made, kept for one user, and refused when anybody could guess them; never quoted."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.neo4j_local.passwords import checked_password, password_of, planned_password, replace_password

GOOD = "Kw7-harbour-lamp"


def test_the_first_start_makes_one_and_the_next_finds_it(tmp_path: Path) -> None:
    made = password_of(tmp_path, create=True)
    assert len(made) >= 24
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600
    assert password_of(tmp_path) == password_of(tmp_path, create=True) == made
    assert password_of(tmp_path / "other", create=True) != made
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["password"]


def test_a_given_one_wins_and_is_kept_nowhere(tmp_path: Path) -> None:
    assert password_of(tmp_path, GOOD, create=True) == GOOD
    file = tmp_path / "given"
    file.write_text(f"{GOOD}\n", encoding="utf-8")
    file.chmod(0o600)
    assert password_of(tmp_path, None, file, create=True) == GOOD
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "neo4j",
        "short-11-ch",
        "aaaaaaaaaaaaaaaa",
        "password12345",
        "Neo4j-2026-site",
        "changeme-please",
        " leading-blank-is-lost",
        "line\nbreak-in-the-middle",
    ],
)
def test_a_weak_one_is_refused_without_being_quoted(tmp_path: Path, weak: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        password_of(tmp_path, weak)
    assert "GRAPHAUDIT_NEO4J_PASSWORD" in refused.value.detail
    assert refused.value.hint
    assert len(weak) < 6 or weak not in str(refused.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "given"
    file.write_text(GOOD, encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others") as refused:
        password_of(tmp_path, None, file)
    assert refused.value.hint == f"chmod 600 {file}"
    assert GOOD not in str(refused.value)


def test_none_at_all_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no Neo4j password") as refused:
        password_of(tmp_path)
    assert "graphaudit neo4j start" in refused.value.hint
    with pytest.raises(ConfigurationError, match="cannot be read"):
        password_of(tmp_path, None, tmp_path / "absent")


def test_a_change_that_was_cut_short_goes_on_with_the_same_one(tmp_path: Path) -> None:
    before = password_of(tmp_path, create=True)
    planned = planned_password(tmp_path)
    assert planned_password(tmp_path) == planned != before
    assert password_of(tmp_path) == before
    replace_password(tmp_path)
    assert password_of(tmp_path) == planned
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600
    assert planned_password(tmp_path) != planned


def test_a_good_one_passes() -> None:
    assert checked_password(GOOD, "a test") == GOOD
    assert checked_password('quo"te and \\ and blank', "a test")
