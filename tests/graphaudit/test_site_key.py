"""The pseudonym key: created once, for its owner only, never short."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.settings import load_settings
from graphaudit.site_key import key_fingerprint, site_key


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRAPHAUDIT_SITE_KEY", raising=False)


def test_the_first_build_makes_a_key_that_only_its_owner_can_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings({"data": tmp_path / "home"})
    with caplog.at_level(logging.WARNING, logger="graphaudit.site_key"):
        logging.getLogger("graphaudit").propagate = True
        key = site_key(settings, create=True)
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert len(key) == 64
    assert "keep a copy" in caplog.text
    assert key.decode() not in caplog.text
    assert site_key(settings) == key
    assert [entry.name for entry in settings.data.iterdir()] == ["site-key"]


def test_without_create_an_absent_key_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no site key"):
        site_key(load_settings({"data": tmp_path}))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    settings = load_settings({"data": tmp_path})
    site_key(settings, create=True)
    settings.key_file.chmod(mode)
    with pytest.raises(ConfigurationError, match="can be read by others") as caught:
        site_key(settings)
    assert caught.value.hint.startswith("chmod 600")


@pytest.mark.parametrize("text", ["", "Tr0ub4dor", "a" * 64])
def test_a_short_or_monotonous_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    settings = load_settings({"data": tmp_path})
    settings.key_file.write_text(text, encoding="utf-8")
    settings.key_file.chmod(0o600)
    with pytest.raises(ConfigurationError) as caught:
        site_key(settings)
    assert not text or text not in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHAUDIT_SITE_KEY", "0123456789abcdef" * 3)
    assert site_key(load_settings({"data": tmp_path})) == b"0123456789abcdef" * 3
    assert list(tmp_path.iterdir()) == []


def test_a_fingerprint_tells_keys_apart_and_gives_none_away() -> None:
    first, second = key_fingerprint(b"a" * 32), key_fingerprint(b"b" * 32)
    assert first != second
    assert len(first) == 8
