"""Which builds are kept, and which unfinished one is continued."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphaudit.builds.manifest import Manifest, manifests, new_build_id
from graphaudit.builds.prune import prune, unfinished
from graphaudit.errors import BuildError, NotFoundError


class Store:
    """A store that remembers what it was asked to forget."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def remove(self, build_id: str) -> None:
        self.removed.append(build_id)


def put(builds: Path, build_id: str, state: str, **changes: Any) -> None:
    folder = builds / build_id
    folder.mkdir(parents=True)
    values: dict[str, Any] = {"source": "s", "source_fingerprint": "f", "code_version": "1", "parameters": {"seed": 1}}
    Manifest(build_id=build_id, created=f"2026-01-0{build_id[-1]}", state=state, **{**values, **changes}).write(folder)  # type: ignore[arg-type]


def ids(builds: Path) -> list[str]:
    return [manifest.build_id for manifest in manifests(builds)]


def test_the_newest_published_builds_and_the_active_one_are_kept(tmp_path: Path) -> None:
    for number in (1, 2, 3, 4):
        put(tmp_path, f"b{number}", "published")
    put(tmp_path, "b5", "failed")
    store = Store()
    gone = prune(tmp_path, store, active="b1", keep=3)  # type: ignore[arg-type]
    assert gone == ["b2", "b5"]
    assert store.removed == gone
    assert ids(tmp_path) == ["b4", "b3", "b1"]


def test_the_unfinished_build_at_work_is_kept(tmp_path: Path) -> None:
    put(tmp_path, "b1", "published")
    put(tmp_path, "b2", "failed")
    put(tmp_path, "b3", "running")
    prune(tmp_path, Store(), active="b1", keep=3, keep_unfinished="b3")  # type: ignore[arg-type]
    assert ids(tmp_path) == ["b3", "b1"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, "b2"),
        ({"source_fingerprint": "other"}, None),
        ({"code_version": "2"}, None),
        ({"parameters": {"seed": 2}}, None),
    ],
)
def test_only_a_build_of_the_same_inputs_code_and_parameters_is_continued(
    tmp_path: Path, changes: dict[str, Any], found: str | None
) -> None:
    put(tmp_path, "b1", "published")
    put(tmp_path, "b2", "failed", **changes)
    resumed = unfinished(tmp_path, source_fingerprint="f", code_version="1", parameters={"seed": 1})
    assert (resumed.build_id if resumed else None) == found


def test_a_damaged_manifest_is_an_error_where_it_is_asked_for_and_left_out_of_lists(tmp_path: Path) -> None:
    put(tmp_path, "b1", "published")
    (tmp_path / "b1" / "manifest.json").write_text("{", encoding="utf-8")
    assert manifests(tmp_path) == []
    with pytest.raises(BuildError, match="damaged"):
        Manifest.read(tmp_path / "b1")
    with pytest.raises(NotFoundError):
        Manifest.read(tmp_path / "b9")


def test_build_ids_never_collide(tmp_path: Path) -> None:
    first = new_build_id(tmp_path)
    (tmp_path / first).mkdir()
    second = new_build_id(tmp_path)
    assert second != first
    (tmp_path / second).mkdir()
    # the place of an older one that was dropped is not given again
    (tmp_path / first).rmdir()
    assert new_build_id(tmp_path) not in {first, second}
