"""What `make` installs: exact versions with hashes, and hooks that download nothing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml


def test_lock_names_every_declared_dependency(repository: Path) -> None:
    declared = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = declared["project"]["dependencies"] + declared["dependency-groups"]["dev"]
    names = {_normal(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in wanted}
    assert names <= set(_locked(repository))


def test_lock_has_exact_versions_with_hashes(repository: Path) -> None:
    text = (repository / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9-]+==\S+ ", line), line
        assert "--hash=sha256:" in line, line


def test_lock_names_no_place_on_the_network_or_on_a_disk(repository: Path) -> None:
    text = (repository / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|index-url|find-links|(^|\s)/", text)


def test_hooks_run_what_is_installed(repository: Path) -> None:
    configured = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [source["repo"] for source in configured["repos"]] == ["local"]
    hooks = configured["repos"][0]["hooks"]
    assert all(hook["language"] == "system" and hook["entry"].startswith(".venv/bin/") for hook in hooks)
    for tool in ("ruff", "mypy", "lint-imports"):
        assert any(tool in hook["entry"] for hook in hooks)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(repository: Path) -> list[str]:
    text = (repository / "requirements.lock").read_text(encoding="utf-8")
    return re.findall(r"^([a-z0-9-]+)==", text, flags=re.MULTILINE)
