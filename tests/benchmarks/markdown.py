"""Tables in the pages that measurements write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[object]], *, text_columns: Sequence[int] = (0,)) -> str:
    """A Markdown table; columns are numbers, set to the right, except `text_columns`."""
    rule = ["---" if index in text_columns else "--:" for index in range(len(header))]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in (header, rule, *rows))
