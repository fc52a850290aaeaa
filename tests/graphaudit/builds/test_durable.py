"""Files that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.builds.durable import move_into_place, remove, replacing, write_text


def test_a_failed_write_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("ne", encoding="utf-8")
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        write_half()
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "who").write_text(name, encoding="utf-8")
    move_into_place(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "who").read_text(encoding="utf-8") == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["old"]


def test_removing_what_is_absent_is_fine(tmp_path: Path) -> None:
    remove(tmp_path / "nothing")
