"""The page in docs says what the declaration says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from graphaudit.schema import NODES, RELATIONSHIPS, Property
from graphaudit.schema.dictionary import PAGE, main, pages


def rows_below(heading: str, page: str) -> list[list[str]]:
    """Cells of the table below `### heading`, without its head."""
    section = page.split(f"\n### {heading} ·", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_committed_page_is_up_to_date(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--docs", str(repository / "docs")]) == 0, capsys.readouterr().err


def test_every_label_type_and_property_has_its_row() -> None:
    page = pages()[PAGE]
    for owner, properties in (
        *((n.label, n.all_properties) for n in NODES),
        *((r.name, r.properties) for r in RELATIONSHIPS if r.properties),
    ):
        rows = rows_below(owner, page)
        assert [row[0] for row in rows] == [f"`{p.name}`" for p in properties], owner
        for row, declared in zip(rows, properties, strict=True):
            assert row[1:4] == [declared.zh, declared.kind, declared.unit]
            assert ("personal" in row[4]) == declared.personal
            assert row[5].replace("\\|", "|") == declared.about
    for r in RELATIONSHIPS:
        assert f"-[:{r.name}]->" in page


def test_no_row_is_broken_by_what_a_cell_holds() -> None:
    odd = Property("odd", "string", "One | two\nthree.", zh="怪")
    changed = replace(NODES[0], properties=(odd,))
    rows = rows_below("Person", pages([changed, *NODES[1:]])[PAGE])
    assert rows[1] == ["`odd`", "怪", "string", "", "", "One \\| two three."]


def test_writing_makes_the_page_and_checking_notices_a_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--docs", str(tmp_path)]
    assert main(["--check", *folder]) == 1
    assert main(folder) == 0
    assert main(["--check", *folder]) == 0
    page = tmp_path / PAGE
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("A drug.", "A drug, perhaps."), encoding="utf-8")
    capsys.readouterr()
    assert main(["--check", *folder]) == 1
    assert "make docs" in capsys.readouterr().err
    assert "perhaps" in page.read_text(encoding="utf-8"), "checking writes nothing"
    assert main(folder) == 0
    assert page.read_text(encoding="utf-8") == text


def test_a_missing_folder_is_said_and_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--docs", str(tmp_path / "absent")]) == 1
    assert "--docs" in capsys.readouterr().err
    assert not (tmp_path / "absent").exists()
