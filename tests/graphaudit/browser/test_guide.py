"""The guide: both languages, ten questions, the whole graph, nothing the Browser would strip or fetch elsewhere."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from graphaudit.browser import guide
from graphaudit.browser.guide import FIRST_QUESTIONS
from graphaudit.queries import load_views
from graphaudit.schema import NODES, RELATIONSHIPS

BASE = "http://127.0.0.1:8000"
VIEWS = {view.id: view for view in load_views()}

both = pytest.mark.parametrize("language", ["zh", "en"])


class Checked(HTMLParser):
    """Tags that were opened, and those left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(language: str) -> Checked:
    checked = Checked()
    checked.feed(guide(language, BASE + "/"))  # type: ignore[arg-type]
    assert checked.open == []
    return checked


def test_there_are_ten_first_questions_and_each_is_a_view() -> None:
    assert len(FIRST_QUESTIONS) == len(set(FIRST_QUESTIONS)) == 10
    assert set(FIRST_QUESTIONS) <= set(VIEWS)
    assert {VIEWS[name].about for name in FIRST_QUESTIONS} == {"none", "lead"}


@both
def test_every_question_stands_in_it_with_its_query(language: str) -> None:
    text = unescape(guide(language, BASE))  # type: ignore[arg-type]
    for number, name in enumerate(FIRST_QUESTIONS, start=1):
        view = VIEWS[name]
        assert f"<h3>{number}. {getattr(view.question, language)}</h3>" in text
        assert f'<pre class="runnable">{view.body.strip()}</pre>' in text


@both
def test_every_node_and_relationship_is_explained(language: str) -> None:
    text = guide(language, BASE)  # type: ignore[arg-type]
    for declared in (*(node.label for node in NODES), *(r.name for r in RELATIONSHIPS)):
        assert f"<td>{declared}</td>" in text
    if language == "zh":
        assert all(f"<td>{node.zh}</td>" in text for node in NODES)


@both
def test_nothing_is_left_to_fill_in_and_it_is_well_formed(language: str) -> None:
    checked = parsed(language)
    assert "{{" not in guide(language, BASE)  # type: ignore[arg-type]
    assert sum(tag == "slide" for tag, _ in checked.seen) == 16


@both
def test_the_browser_strips_nothing_from_it(language: str) -> None:
    """Neo4j Browser removes scripts, and whatever looks like a handler, even inside a query."""
    text = guide(language, BASE)  # type: ignore[arg-type]
    assert not re.search(r"""\s+(on[^\s=]+)[^\s=]*\s*=\s*("[^"]*"|'[^']*'|[\w\-.:]+\s*)""", text, re.IGNORECASE)
    assert not re.search("<script|<style|javascript:", text, re.IGNORECASE)


@both
def test_every_address_in_it_is_this_service(language: str) -> None:
    fetched = [
        value
        for _, attributes in parsed(language).seen
        for name, value in attributes.items()
        if name in {"href", "src", "play-topic", "data-exec"} and value
    ]
    assert len(fetched) == 3
    assert all(value.removeprefix("style ").startswith(f"{BASE}/v1/browser/") for value in fetched)
    assert "http" not in guide(language, BASE).replace(BASE, "")  # type: ignore[arg-type]


def test_an_address_cannot_break_out_of_its_place() -> None:
    text = guide("en", 'http://x"><script>alert(1)</script>')
    assert "<script" not in text


def test_a_query_of_a_question_holds_no_word_that_would_be_stripped() -> None:
    for view in VIEWS.values():
        assert not re.search(r"\s+on\w*\s*=", view.body), view.id
