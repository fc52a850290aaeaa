"""The favourites: every view in a folder, named in both languages, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile

from graphaudit.browser import favourites, pack, style
from graphaudit.browser.pack import START, folder_of
from graphaudit.findings import PATTERNS
from graphaudit.queries import load_views
from graphaudit.schema import NODES, RELATIONSHIPS

VIEWS = load_views()
RULE = re.compile(r"(node|relationship)(?:\.(\w+))? \{\n((?:  [a-z-]+: [^;\n]+;\n)+)\}\n")


def test_every_view_is_a_favourite_whose_first_line_is_its_name() -> None:
    found = dict(favourites())
    assert len(found) == len(VIEWS) + 1
    names = [text.split("\n")[0] for text in found.values()]
    assert len(set(names)) == len(names)
    for view in VIEWS:
        text = found[f"{folder_of(view)}/{view.place:02d}_{view.id}.cypher"]
        assert text.split("\n")[0] == f"// {view.place:02d} {view.title.zh} · {view.title.en}"
        assert text.endswith(view.body)
        assert view.question.zh in text
        assert view.question.en in text


def test_favourites_of_a_folder_are_in_the_order_meant() -> None:
    """The Browser sorts by name, so the number in front decides; no two of a folder have the same."""
    places = [(folder_of(view), view.place) for view in VIEWS]
    assert len(set(places)) == len(places)
    assert favourites()[0][0].startswith(f"{START}/00_")


def test_every_pattern_has_a_folder_and_a_path_has_one_folder() -> None:
    paths = [path for path, _ in favourites()]
    for number, pattern in enumerate(PATTERNS, start=1):
        assert any(re.match(rf"4\.{number} .+ · {pattern}/", path) for path in paths), pattern
    assert all(path.count("/") == 1 and "\\" not in path for path in paths)


def test_the_zip_is_the_same_every_time_and_holds_what_is_promised() -> None:
    content = pack()
    assert content == pack()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {n: archive.read(n).decode("utf-8") for n in names} == dict(favourites()) | {"style.grass": style()}
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        # the flag that says: this name is UTF-8
        assert all(entry.flag_bits & 0x800 or entry.filename.isascii() for entry in archive.infolist())


def test_the_style_has_a_rule_for_every_label_and_type_and_none_besides() -> None:
    text = style()
    rules = RULE.findall(text)
    # what the rules do not cover would be read as part of a selector, a comment included
    assert RULE.sub("", text).strip() == ""
    assert {name for kind, name, _ in rules if kind == "node"} == {"", *(node.label for node in NODES)}
    assert {name for kind, name, _ in rules if kind == "relationship"} == {"", *(r.name for r in RELATIONSHIPS)}
    assert len({(kind, name) for kind, name, _ in rules}) == len(rules)


def test_every_label_has_its_colour_size_and_a_caption_of_its_own_properties() -> None:
    rules = {(kind, name): dict(re.findall(r"  ([a-z-]+): (.+);", body)) for kind, name, body in RULE.findall(style())}
    for node in NODES:
        rule = rules["node", node.label]
        assert {"diameter", "color", "border-color", "text-color-internal", "caption"} <= set(rule), node.label
        assert rule["caption"].strip('"').strip("{}") in {p.name for p in node.all_properties}, node.label
    for relationship in RELATIONSHIPS:
        caption = rules["relationship", relationship.name]["caption"].strip('"')
        assert caption == "<type>" or caption.strip("{}") in {p.name for p in relationship.properties}
    colours = [rules["node", node.label]["color"] for node in NODES]
    assert len(set(colours)) == len(colours)
