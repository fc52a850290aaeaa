"""The first password of a home: whatever it is made of, the tool must not take it for something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.neo4j_local import Home, Runtime, free_ports, set_initial_password

pytestmark = pytest.mark.neo4j


@pytest.mark.parametrize("password", ["-abcDEF123-harbour", '"Kw7 harbour" \\lamp', "@Kw7-harbour-lamp"])
def test_a_password_may_begin_with_what_means_something_to_the_tool(
    neo4j_runtime: Runtime, tmp_path: Path, password: str
) -> None:
    home = Home(tmp_path)
    home.configure(free_ports(), read_only=False, heap_mb=128, page_cache_mb=16, short_lived=True)
    set_initial_password(home, neo4j_runtime, password)
    assert password not in (home.folder / "data" / "dbms" / "auth.ini").read_text(encoding="utf-8")
