"""The pages about loading say what the loader does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loaders.columns_page import PAGE, page
from loaders.nhsa.catalog import SOURCES

PAGES = ("loaders.md", "loaders.zh-CN.md")


@pytest.fixture(scope="module")
def program(repository: Path) -> str:
    """All text of the loaders, with literals that go on in the next line joined."""
    files = sorted([*(repository / "loaders").rglob("*.py"), *(repository / "loaders").rglob("*.sql")])
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return re.sub(r'"\s*\n\s*f?"', "", text).replace("\\'", "'").replace("''", "'")


def section(text: str, rows_begin: str) -> list[str]:
    """Every phrase in backticks in the first column of the table under the header row that begins so."""
    (table,) = re.findall(rf"^\| {rows_begin} \|.*\n\|[-|]+\n((?:\|.*\n?)+)", text, flags=re.MULTILINE)
    return re.findall(r"`([^`]+)`", "\n".join(row.split(" | ")[0] for row in table.splitlines()))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("table", [0, 1, 2])
def test_every_rule_reason_and_message_on_the_page_is_one_of_the_program(
    repository: Path, program: str, name: str, table: int
) -> None:
    heading = {
        "loaders.md": ("Set aside", "Rejected", "Message"),
        "loaders.zh-CN.md": ("搁置", "拒收", "信息"),
    }[name][table]
    phrases = section((repository / "docs" / name).read_text(encoding="utf-8"), heading)
    assert len(phrases) > 10
    for phrase in phrases:
        for piece in phrase.split("…"):
            assert piece.strip(" ,:") in program, phrase


@pytest.mark.parametrize("name", PAGES)
def test_every_rule_and_reason_of_the_program_is_on_the_page(repository: Path, name: str) -> None:
    text = (repository / "docs" / name).read_text(encoding="utf-8")
    for source in SOURCES:
        for rule in (*source.aside, *source.impossible):
            assert f"`{rule.name}`" in text, rule.name
    statements = "\n".join(
        file.read_text(encoding="utf-8")
        for pattern in ("*_exceptions.sql", "*_asides.sql", "settlement_fates.sql")
        for file in (repository / "loaders/nhsa/sql").glob(pattern)
    )
    told = set(re.findall(r"'([a-z0-9_]+(?: [a-z0-9_]+)+)'", statements))
    assert len(told) > 10
    for words in told:
        assert f"`{words}`" in text, words


def test_the_page_of_columns_is_that_of_the_declarations(repository: Path, update_golden: bool) -> None:
    path = repository / "docs" / PAGE
    if update_golden:
        path.write_text(page(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page()
