"""Documents that cannot drift from the code they describe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

READMES = ("README.md", "README.zh-CN.md")
FLOW = re.compile(r"load\s*→\s*graph\s*→\s*detect\s*→\s*rank\s*→\s*serve")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
CITED_TEST = re.compile(r"`(tests/[\w/.-]+\.py)::(\w+)`")


@pytest.fixture(scope="module")
def commands() -> list[str]:
    """Every command of the command line, with the names of its groups before it."""
    import typer

    from api.cli import app

    return sorted(_commands(typer.main.get_command(app)))


def _commands(command: object, before: str = "") -> Iterator[str]:
    inside = getattr(command, "commands", None)
    if inside is None:
        yield before.strip()
        return
    for name, one in inside.items():
        if not one.hidden:
            yield from _commands(one, f"{before} {name}")


@pytest.mark.parametrize("name", READMES)
def test_readme_opens_with_the_two_commands_and_the_flow(repository: Path, name: str) -> None:
    opening = (repository / name).read_text(encoding="utf-8")[:1800]
    picture = FLOW.search(opening)
    assert picture is not None
    assert opening.index("make demo") < opening.index("make test") < picture.start()


@pytest.mark.parametrize("name", READMES)
def test_readme_names_every_command(repository: Path, name: str, commands: list[str]) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    assert commands
    missing = [command for command in commands if f"graphaudit {command}" not in text]
    assert not missing


@pytest.mark.parametrize("name", READMES)
def test_readme_names_no_command_that_is_not_there(repository: Path, name: str, commands: list[str]) -> None:
    groups = {command.split()[0] for command in commands}
    text = (repository / name).read_text(encoding="utf-8")
    named = re.findall(r"^\s*graphaudit ([a-z0-9-]+)(?: ([a-z-]+))?", text, flags=re.MULTILINE)
    for first, second in named:
        assert first in groups, first
        if first not in commands:
            assert f"{first} {second}" in commands, f"{first} {second}"


@pytest.mark.parametrize("name", READMES)
def test_readme_names_every_setting(repository: Path, name: str) -> None:
    from graphaudit.settings import PREFIX, Settings

    text = (repository / name).read_text(encoding="utf-8")
    fields = list(Settings.model_fields)
    missing = [field for field in fields if f"`{PREFIX}{field.upper()}`" not in text or f"`{field}`" not in text]
    assert not missing
    known = {f"{PREFIX}{field.upper()}" for field in fields} | {f"{PREFIX}CONFIG", f"{PREFIX}SOURCE"}
    assert set(re.findall(rf"{PREFIX}\w+", text)) <= known


def test_both_readmes_say_the_same_things(repository: Path) -> None:
    english, chinese = ((repository / name).read_text(encoding="utf-8") for name in READMES)
    for what in (r"^#+ ", r"^\|", r"^- ", r"^```"):
        lines = [len(re.findall(what, text, flags=re.MULTILINE)) for text in (english, chinese)]
        assert lines[0] == lines[1], what
    assert sorted(CITED_TEST.findall(english)) == sorted(CITED_TEST.findall(chinese))
    assert set(LINK.findall(english)) - {"README.zh-CN.md"} == set(LINK.findall(chinese)) - {"README.md"}


@pytest.mark.parametrize("name", READMES)
def test_readme_cites_tests_that_exist(repository: Path, name: str) -> None:
    cited = CITED_TEST.findall((repository / name).read_text(encoding="utf-8"))
    assert cited
    for file, test in cited:
        assert f"def {test}(" in (repository / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_links_between_documents_lead_somewhere(tracked: list[Path], repository: Path) -> None:
    broken = [
        f"{page.relative_to(repository)} → {target}"
        for page in tracked
        if page.suffix == ".md"
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_changelog_has_a_section_for_the_version_or_for_what_comes(repository: Path) -> None:
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"', (repository / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert "## [Unreleased]" in text or f"## [{version[1]}]" in text


def test_every_decision_is_listed(repository: Path) -> None:
    folder = repository / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(page.name for page in folder.glob("[0-9]*.md"))
    assert [int(page[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert not [page for page in pages if page not in index]


def test_generated_pages_say_what_the_code_says(repository: Path) -> None:
    from graphaudit.schema import dictionary

    for page, text in dictionary.pages().items():
        assert (repository / "docs" / page).read_text(encoding="utf-8") == text, f"{page}: run `make docs`"


def test_every_pattern_has_its_fixture(repository: Path) -> None:
    patterns = sorted(file.stem for file in (repository / "cypher" / "patterns").glob("*.cypher"))
    assert patterns
    for pattern in patterns:
        fixture = repository / "tests" / "patterns" / pattern
        assert (fixture / "graph.yml").is_file(), pattern
        assert (fixture / "expected.yml").is_file(), pattern
