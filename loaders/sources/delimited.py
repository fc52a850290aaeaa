"""Delimited text: its header, its delimiter, and the engine's call that reads it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from graphaudit.errors import SourceError
from loaders.sources.encoding import UTF_8, find_encoding

_DELIMITERS = (",", "\t", ";", "|")
# What databases and data frames write for an empty cell. The check looks for them: the reader would compare every cell.
EMPTY_WORDS = ("NULL", "null", "\\N", "None", "nan", "NaN", "NaT", "<NA>")
_DATA_SHARE = 0.2  # of the cells of a header may begin with a digit; a first line of values has more
_NEXT_STEP = "the first line must hold the column names; export the table again with a header"


@dataclass(frozen=True, slots=True)
class Delimited:
    """How one delimited file is to be read."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]


def read_layout(path: Path, name: str) -> Delimited:
    """Encoding, delimiter and header of the file at `path`; SourceError when there is no readable header."""
    encoding = find_encoding(path, name)
    with path.open("rb") as file:
        start = file.read(1 << 20)
    text = start.decode(encoding, errors="ignore").lstrip("\ufeff")
    line = text.splitlines()[0] if text.strip() else ""
    if not line.strip():
        raise SourceError(f"{name}, line 1: no header", _NEXT_STEP)
    delimiter = max(_DELIMITERS, key=lambda found: (line.count(found), -_DELIMITERS.index(found)))
    try:
        header = tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter)))
    except (csv.Error, StopIteration) as error:
        raise SourceError(f"{name}, line 1: the header cannot be read ({error})", _NEXT_STEP) from error
    if sum(cell[:1].isdigit() for cell in header) > len(header) * _DATA_SHARE:
        raise SourceError(f"{name}, line 1: values stand where the column names should", _NEXT_STEP)
    return Delimited("utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else encoding, delimiter, header)


def needs_transcoding(layout: Delimited) -> bool:
    """True when the engine cannot read the file's encoding itself."""
    return layout.encoding not in (UTF_8, "utf-8-sig")


def relation(columns: int) -> str:
    """The engine's call for a delimited file; columns are c0, c1 … whatever the header says."""
    aliases = ", ".join(f"c{position}" for position in range(columns))
    return f"""read_csv($path, header = true, auto_detect = false, delim = $delimiter, quote = '"', escape = '"',
        columns = $columns, nullstr = '', store_rejects = true, rejects_limit = 0) AS source_rows({aliases})"""


def parameters(path: Path, layout: Delimited) -> dict[str, object]:
    """Values for the parameters of `relation`."""
    return {
        "path": str(path),
        "delimiter": layout.delimiter,
        "columns": {f"c{position}": "VARCHAR" for position in range(len(layout.header))},
        "words": list(EMPTY_WORDS),
    }
