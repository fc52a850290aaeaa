"""Every file of cypher/views keeps the rules on the day on which it is added."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphaudit.cypher_text import parameters_of, tokens, words_of
from graphaudit.errors import QueryError
from graphaudit.findings import PATTERNS
from graphaudit.queries import VIEW_KEYS, ViewSpec, load_patterns, load_views, parse_view
from graphaudit.schema import NODES, RELATIONSHIPS
from tests.graphaudit.cypher_rules import WRITING
from tests.graphaudit.test_queries_registry import CJK, VERDICTS

VIEWS = {view.id: view for view in load_views()}
LABELS = {node.label for node in NODES}
TYPES = {relationship.name for relationship in RELATIONSHIPS}
PROPERTIES = {p.name for node in NODES for p in node.all_properties} | {
    p.name for relationship in RELATIONSHIPS for p in relationship.properties
}

every_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)

GOOD = """\
// title.zh: 试验
// title.en: A probe
// id: probe
// version: 1
// place: 7
// about: person
// pattern: any
// question.zh: 谁在这里？
// question.en: Who is
//    here?
// param id: str = P-0000 -- id of a person
// shows: table
// needs-engine: neo4j

MATCH (p:Person {person_id: $id}) RETURN p.sex AS sex
"""


def test_a_view_says_everything_about_itself() -> None:
    view = parse_view(GOOD, "probe.cypher")
    assert (view.id, view.place, view.about, view.pattern, view.shows) == ("probe", 7, "person", "any", "table")
    assert view.question.en == "Who is here?"
    assert [param.name for param in view.params] == ["id"]
    assert view.needs_engine == ("neo4j",)
    assert view.body == "MATCH (p:Person {person_id: $id}) RETURN p.sex AS sex\n"


@pytest.mark.parametrize("key", VIEW_KEYS)
def test_no_key_of_a_view_may_be_missing(key: str) -> None:
    text = re.sub(rf"// {re.escape(key)}:? .+\n(//    .+\n)?", "", GOOD)
    assert text != GOOD
    with pytest.raises(QueryError, match=r"probe\.cypher, line \d+: "):
        parse_view(text, "probe.cypher")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("// about: person", "// about: people", "about is one of none, lead"),
        ("// about: person", "// about: none", "has a parameter exactly when"),
        ("// pattern: any", "// pattern: every", "pattern is one of any, hoarded_cards"),
        ("// shows: table", "// shows: film", "shows is one of picture, table"),
        ("// place: 7", "// place: first", "place is a whole number"),
        ("// place: 7", "// kind: overlap", "unknown key kind"),
        ("$id", "$person", r"\$person is used but not declared"),
        ("// id: probe", "// id: other", "is not the name of the file"),
    ],
)
def test_a_fault_in_a_view_is_told_with_its_line(old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(QueryError, match=rf"probe\.cypher, line \d+: .*{words}"):
        parse_view(GOOD.replace(old, new, 1), "probe.cypher")


def test_every_file_is_a_view(repository: Path) -> None:
    assert sorted(VIEWS) == sorted(path.stem for path in (repository / "cypher" / "views").glob("*.cypher"))
    titles = [text for view in VIEWS.values() for text in (view.title.zh, view.title.en)]
    assert len(set(titles)) == len(titles)


def test_every_pattern_query_has_a_view_of_its_name_and_every_pattern_at_least_one() -> None:
    queries = {query.id: query.pattern for query in load_patterns()}
    assert {name: VIEWS[name].pattern for name in queries if name in VIEWS} == queries
    assert {view.pattern for view in VIEWS.values()} == {"any", *PATTERNS}
    assert all(view.about == "lead" for view in VIEWS.values() if view.pattern != "any")


def test_what_an_investigator_asks_of_a_lead_has_pictures_and_tables() -> None:
    general = [view for view in VIEWS.values() if view.about == "lead" and view.pattern == "any"]
    assert {view.shows for view in general} == {"picture", "table"}
    assert sum(view.title.zh.startswith("无辜解释") for view in general) >= 5


@every_view
def test_a_view_reads_only_and_is_bounded(view: ViewSpec) -> None:
    words = words_of(view.body)
    assert not WRITING & set(words)
    assert not {"CALL", "USE", "SHOW"} & set(words)
    assert "LIMIT" in words
    assert "neo4j" in view.needs_engine
    assert set(parameters_of(view.body)) == ({"lead"} if view.about == "lead" else {"id"} if view.params else set())


@every_view
def test_a_view_names_what_the_schema_declares(view: ViewSpec) -> None:
    flat = [(sort, piece) for sort, piece, _ in tokens(view.body)]
    named = {
        piece
        for place, (sort, piece) in enumerate(flat)
        if sort == "word" and place and flat[place - 1][1] in {":", "|"} and piece[0].isupper()
    }
    assert named
    assert named <= LABELS | TYPES, named - LABELS - TYPES
    held = {piece for place, (sort, piece) in enumerate(flat) if sort == "word" and place and flat[place - 1][1] == "."}
    assert held - {"truncate"} <= PROPERTIES, held - PROPERTIES


@every_view
def test_a_picture_shows_things_and_a_table_shows_values(view: ViewSpec) -> None:
    drawn = set(re.findall(r"[(\[](\w+)[:)\]]|[(\[](\w+) \{|\b(path) =", view.body))
    things = {name for names in drawn for name in names if name}
    returned = view.body.rsplit("RETURN", 1)[1].split("ORDER BY")[0].split("LIMIT")[0].replace(",", " ").split()
    assert (set(returned) <= things) == (view.shows == "picture"), set(returned) - things


@every_view
def test_both_languages_speak_in_their_own_script_and_without_verdict(view: ViewSpec) -> None:
    for text in (view.title, view.question):
        assert len(CJK.findall(text.zh)) >= 3
        assert not CJK.search(text.en)
        assert not VERDICTS.search(text.zh + text.en)
    assert view.question.zh.endswith("？")
    assert view.question.en.endswith("?")
