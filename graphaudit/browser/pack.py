"""The favourites of an investigator: every view as one file in a folder of a .zip, which is dropped onto the Browser.

The Browser takes the first line of a file, a comment, for the favourite's name, and the path for its folder.
"""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files

from graphaudit.findings import PATTERNS
from graphaudit.leads.patterns import NAMES
from graphaudit.queries import ViewSpec, load_views

#: A moment for every entry, so that the same views make the same bytes.
_MOMENT = (2026, 1, 1, 0, 0, 0)

START = "1 入门 · Start"
LEAD = "2 线索 · A lead"
ENTITY = "3 对象 · A person, card or place"
#: What a folder may not hold: its name is a part of a path.
_IN_NAME = str.maketrans({"/": "／", "\\": "＼"})


def favourites() -> list[tuple[str, str]]:
    """(path, text) of every favourite, by path: how to choose a lead first, then every view in its folder."""
    chosen = [(f"{START}/00_choose.cypher", _data("choose.cypher"))]
    chosen += [(f"{folder_of(view)}/{view.place:02d}_{view.id}.cypher", favourite(view)) for view in load_views()]
    return sorted(chosen)


def favourite(view: ViewSpec) -> str:
    """The text of a view as a favourite: its name, its question in both languages, its query."""
    name = f"// {view.place:02d} {view.title.zh} · {view.title.en}"
    return f"{name}\n// {view.question.zh}\n// {view.question.en}\n{view.body}"


def folder_of(view: ViewSpec) -> str:
    """The folder of a view: by what it is about, or by its pattern where it belongs to one."""
    if view.pattern != "any":
        place = PATTERNS.index(view.pattern) + 1
        return f"4.{place} {NAMES[view.pattern].name.zh} · {view.pattern}".translate(_IN_NAME)
    return {"none": START, "lead": LEAD}.get(view.about, ENTITY)


def pack() -> bytes:
    """The favourites and the style as a .zip; the same bytes from the same files, on every machine."""
    buffer = io.BytesIO()
    # Stored, not compressed: what compression makes of it differs between machines.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, text in (*favourites(), ("style.grass", style())):
            entry = zipfile.ZipInfo(path, _MOMENT)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, text.encode("utf-8"))
    return buffer.getvalue()


def style() -> str:
    """The style sheet: colour, size and caption of every label and relationship type."""
    return _data("style.grass")


def _data(name: str) -> str:
    return files("cypher").joinpath("browser", name).read_text(encoding="utf-8")
