"""Plain text for people: aligned columns that know how wide a Chinese character is, wrapped paragraphs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

WIDTH = 100


def table(
    header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = (), widest: int = 60
) -> str:
    """Rows below a header, columns aligned; columns named in `right` to the right; longer cells are cut."""
    texts = [[_cut("" if cell is None else str(cell), widest) for cell in row] for row in rows]
    widths = [max(cell_len(line[place]) for line in [list(header), *texts]) for place in range(len(header))]
    lines = []
    for line in [list(header), ["-" * width for width in widths], *texts]:
        cells = []
        for name, width, text in zip(header, widths, line, strict=True):
            gap = " " * (width - cell_len(text))
            cells.append(gap + text if name in right else text + gap)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def paragraph(text: str, indent: str = "  ") -> str:
    """`text` broken into lines of at most WIDTH cells, each indented; Chinese breaks between any two characters."""
    room = WIDTH - len(indent)
    if cell_len(text) == len(text):
        return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
    lines, line = [], ""
    for character in text:
        if cell_len(line + character) > room:
            lines.append(line)
            line = ""
        line += character
    return "\n".join(indent + part for part in [*lines, line] if part)


def yuan(amount: float) -> str:
    """An amount of yuan with thousands separated."""
    return f"{amount:,.2f}"


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"
