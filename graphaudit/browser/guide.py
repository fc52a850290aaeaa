"""The guide that opens inside Neo4j Browser: what the graph is, and the first ten questions about a lead.

The text is in cypher/browser/; the graph is explained from its declaration, the questions are views. It holds no data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Literal

from graphaudit.browser.pack import favourites
from graphaudit.queries import ViewSpec, load_views
from graphaudit.schema import NODES, RELATIONSHIPS
from graphaudit.schema.declaration import Property

Language = Literal["zh", "en"]

#: Views in the order in which a newcomer asks them; the first needs no lead.
FIRST_QUESTIONS = (
    "leads_in_order",
    "members_of_the_lead",
    "settlements_in_time_order",
    "sessions_by_day",
    "swiped_one_after_another",
    "money_by_person",
    "money_by_place",
    "who_else_touches_it",
    "shared_homes_and_employers",
    "ordinary_life_of_the_members",
)

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_COLUMNS = {
    "zh": ("标签", "名称", "含义", "主要属性", "类型", "画法"),
    "en": ("Label", "Chinese", "What it is", "Properties", "Type", "Drawn"),
}


def guide(language: Language, base: str) -> str:
    """The guide in `language` as HTML for the Browser's :play; `base` is the address under which the API answers."""
    slots = {
        "base": escape(base.rstrip("/")),
        "favourites": str(len(favourites())),
        "questions": "\n".join(_questions(language)),
        "nodes": "\n".join(_nodes(language)),
        "relationships": "\n".join(_relationships(language)),
    }
    template = files("cypher").joinpath("browser", f"guide.{language}.html").read_text(encoding="utf-8")
    return _SLOT.sub(lambda slot: slots[slot[1]], template)


def _questions(language: Language) -> Iterator[str]:
    views = {view.id: view for view in load_views()}
    for number, identity in enumerate(FIRST_QUESTIONS, start=1):
        yield f"<slide>\n{_question(number, views[identity], language)}\n</slide>"


def _question(number: int, view: ViewSpec, language: Language) -> str:
    title, question = getattr(view.title, language), getattr(view.question, language)
    heading = f"<h3>{number}. {escape(question)}</h3>\n<p>{escape(title)}</p>"
    return f'{heading}\n<pre class="runnable">{escape(view.body.strip(), quote=False)}</pre>'


def _nodes(language: Language) -> Iterator[str]:
    label, name, about, properties, _, _ = _COLUMNS[language]
    yield f"<table><tr><th>{label}</th><th>{name}</th><th>{about}</th><th>{properties}</th></tr>"
    for node in NODES:
        shown = _properties(node.all_properties, language)
        yield f"<tr><td>{node.label}</td><td>{node.zh}</td><td>{escape(node.about)}</td><td>{shown}</td></tr>"
    yield "</table>"


def _relationships(language: Language) -> Iterator[str]:
    _, name, about, properties, kind, drawn = _COLUMNS[language]
    yield f"<table><tr><th>{kind}</th><th>{name}</th><th>{drawn}</th><th>{about}</th><th>{properties}</th></tr>"
    for relationship in RELATIONSHIPS:
        start, end = ("|".join(node.label for node in side) for side in (relationship.starts, relationship.ends))
        yield (
            f"<tr><td>{relationship.name}</td><td>{relationship.zh}</td><td>{escape(f'({start})→({end})')}</td>"
            f"<td>{escape(relationship.about)}</td><td>{_properties(relationship.properties, language)}</td></tr>"
        )
    yield "</table>"


def _properties(properties: tuple[Property, ...], language: Language) -> str:
    return ", ".join(f"{p.name}（{p.zh}）" if language == "zh" and p.zh else p.name for p in properties)
