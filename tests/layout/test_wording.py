"""The project speaks of itself alone: no word of the place or the way in which it was written."""

from __future__ import annotations

import re
from pathlib import Path

# Written in pieces, so that this file does not contain what it refuses.
REFUSED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        "/wo" "rk/",
        "/tmp/pro" "be",
        "/opt/whe" "els",
        r"\bpy" "pi",
        "python" "hosted",
        r"registry\.np" "mjs",
        r"(this|last|previous|next|earlier) sess" r"ion\b",
        r"\bissue (#?\d|text|says|asks|tracker)",
        r"\bthis br" r"ief\b",
        r"\bsub-?ag" "ent",
        r"\bclau" "de|anth" "ropic|open" "ai|chat" "gpt|copi" "lot",
        r"\bas an? (ai|llm|language mo" "del)",
    )
)  # fmt: skip

#: Indicators are all that records can show; guilt is for courts.
GUILT = re.compile(r"\bfra" r"uds?(ters?|ulent)?\b|欺诈|骗" "子", re.IGNORECASE)

#: Everything tracked that is not one of these is read as text.
BINARY = {".parquet", ".png", ".xlsx", ".db", ".gz"}


def test_no_tracked_text_speaks_of_where_it_was_written(tracked: list[Path], repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)}:{number}: {line.strip()[:100]}"
        for path in tracked
        if path.suffix not in BINARY
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if any(pattern.search(line) for pattern in REFUSED)
    ]
    assert not found


def test_nothing_that_an_official_reads_calls_a_person_guilty(tracked: list[Path], repository: Path) -> None:
    shown = [
        path
        for path in tracked
        if path.suffix in {".cypher", ".py"} and path.relative_to(repository).parts[0] in {"cypher", "detectors", "api"}
    ]
    found = [
        f"{path.relative_to(repository)}:{number}"
        for path in shown
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if GUILT.search(line)
    ]
    assert not found
