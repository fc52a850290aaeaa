"""Settings: precedence, refusals with the nearest name, masking."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.settings import Settings, load_settings, mask_url


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("GRAPHAUDIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_places_default_to_below_the_data_folder() -> None:
    settings = load_settings({"data": Path("home")})
    assert settings.builds_folder == Path("home/builds")
    assert settings.store_url == "ladybug:home/graph"
    assert settings.registry_url == "sqlite:home/registry.db"
    assert settings.key_file == Path("home/site-key")


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "site.toml").write_text("seed = 1\nthreads = 3\nkeep_builds = 5\n", encoding="utf-8")
    monkeypatch.setenv("GRAPHAUDIT_CONFIG", str(tmp_path / "site.toml"))
    monkeypatch.setenv("GRAPHAUDIT_SEED", "2")
    monkeypatch.setenv("GRAPHAUDIT_THREADS", "4")
    settings = load_settings({"seed": 9, "threads": None})
    assert (settings.seed, settings.threads, settings.keep_builds) == (9, 4, 5)


def test_a_file_in_the_data_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "graphaudit.toml").write_text(
        "[detectors.closed_clientele]\nmin_cases = 9\n", encoding="utf-8"
    )
    settings = load_settings({"data": tmp_path / "home"})
    assert settings.detectors == {"closed_clientele": {"min_cases": 9}}


def test_an_unknown_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHAUDIT_MEMORY_LIMITS", "3GB")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "GRAPHAUDIT_MEMORY_LIMITS" in caught.value.detail
    assert "GRAPHAUDIT_MEMORY_LIMIT?" in caught.value.hint


def test_an_unknown_key_in_the_file_is_refused_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "site.toml").write_text("max_reject_share = 0.1\n", encoding="utf-8")
    monkeypatch.setenv("GRAPHAUDIT_CONFIG", str(tmp_path / "site.toml"))
    with pytest.raises(ConfigurationError, match="max_reject_share") as caught:
        load_settings()
    assert caught.value.hint == "did you mean max_rejected_share?"


@pytest.mark.parametrize(
    ("name", "value"),
    [("SEED", "soon"), ("GRAPH_SETTLEMENTS", "some"), ("MEMORY_LIMIT", "3"), ("MAX_REJECTED_SHARE", "1.5")],
)
def test_a_wrong_value_says_where_it_came_from(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GRAPHAUDIT_{name}", value)
    with pytest.raises(ConfigurationError, match=f"GRAPHAUDIT_{name} in the environment"):
        load_settings()


def test_a_config_file_that_is_not_there_or_not_toml_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRAPHAUDIT_CONFIG", str(tmp_path / "absent.toml"))
    with pytest.raises(ConfigurationError, match="not a file"):
        load_settings()
    (tmp_path / "absent.toml").write_text("seed = = 3\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not a TOML file"):
        load_settings()


def test_secrets_never_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHAUDIT_SITE_KEY", "k" * 40)
    monkeypatch.setenv("GRAPHAUDIT_NEO4J_PASSWORD", "hunter2hunter2")
    monkeypatch.setenv("GRAPHAUDIT_REGISTRY", "postgresql+psycopg://audit:s3cret@db/leads")
    settings = load_settings()
    shown = str(settings.masked()) + repr(settings.neo4j_password) + repr(settings.site_key)
    for secret in ("kkkk", "hunter2", "s3cret"):
        assert secret not in shown
    assert "audit:********@db" in shown


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().seed = 4  # type: ignore[misc]


def test_a_url_without_a_password_stays_as_it_is() -> None:
    assert mask_url("sqlite:home/registry.db") == "sqlite:home/registry.db"
    assert mask_url("neo4j://reader@host:7687") == "neo4j://reader@host:7687"


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())
