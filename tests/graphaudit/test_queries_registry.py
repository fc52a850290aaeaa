"""Every file of cypher/patterns keeps the rules on the day on which it is added."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphaudit.cypher_text import parameters_of, returned_aliases
from graphaudit.findings import Text
from graphaudit.queries import KEYS, QuerySpec, load_patterns
from graphaudit.query_spec import STEMS
from graphaudit.records import TABLES
from tests.graphaudit.cypher_rules import problems

QUERIES = {query.id: query for query in load_patterns()}
COVERAGE = {name for table in TABLES for name in (table.name, *(f"{table.name}.{c.name}" for c in table.columns))}
CJK = re.compile(r"[\u4e00-\u9fff]")
#: Records show indicators; they do not show guilt.
VERDICTS = re.compile("fraud|cheat|crimin|guilt|swindl|thie[fv]|欺诈|诈骗|骗保|骗取|犯罪|盗刷|违法", re.IGNORECASE)
LAW = re.compile(r"Order 735 art\. \d+(\(\d\))*|Order 7")

every_query = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)


def texts(query: QuerySpec) -> list[Text]:
    return [query.title, query.question, query.text, query.clears, *query.benign, *query.misses]


def test_there_are_queries_and_each_is_a_file(repository: Path) -> None:
    assert sorted(QUERIES) == sorted(path.stem for path in (repository / "cypher" / "patterns").glob("*.cypher"))
    assert len(QUERIES) >= 10
    assert len({query.title.en for query in QUERIES.values()}) == len(QUERIES)


@every_query
def test_keys_stand_in_the_fixed_order(query: QuerySpec, repository: Path) -> None:
    text = (repository / "cypher" / "patterns" / f"{query.id}.cypher").read_text(encoding="utf-8")
    header = text.split("\n\n", 1)[0]
    keys = re.findall(r"^// ([a-z]+(?:-[a-z]+)?(?:\.zh|\.en)?):? \S", header, flags=re.MULTILINE)
    bare = [re.sub(r"\.(zh|en)$", "", key) for key in keys]
    order = list(dict.fromkeys(re.sub(r"\.(zh|en)$", "", key) for key in KEYS))
    assert set(keys) <= set(KEYS)
    assert {key for key, optional in KEYS.items() if not optional} <= set(keys)
    assert bare == sorted(bare, key=order.index)


@every_query
def test_parameters_used_are_parameters_declared_and_each_has_a_reason(query: QuerySpec) -> None:
    declared = {param.name for param in query.params}
    applied = {rule.param for rule in query.keep}
    assert set(parameters_of(query.body)) | applied == declared
    assert all(len(param.reason) > 8 for param in query.params)
    assert all(len(rule.reason) > 3 for rule in query.keep)
    assert all(len(signal.reason) > 8 for signal in query.signals)


@every_query
def test_a_query_returns_ids_as_its_header_says_and_nothing_else(query: QuerySpec) -> None:
    assert returned_aliases(query.body) == [returned.alias for returned in query.returns]
    assert all(returned.stem in STEMS for returned in query.returns)
    assert any(returned.stem == "settlement" for returned in query.returns)
    assert all((returned.role == "evidence") == (returned.stem == "settlement") for returned in query.returns)


@every_query
def test_a_query_means_the_same_on_every_engine_and_keeps_to_the_schema(query: QuerySpec) -> None:
    assert problems(query.body) == []


@every_query
def test_both_languages_say_something_in_their_own_script(query: QuerySpec) -> None:
    for text in texts(query):
        chinese, english = (re.sub(r"\{\w+\}", "", t) for t in (text.zh, text.en))
        assert len(CJK.findall(chinese)) >= max(3, len(re.findall("[A-Za-z]", chinese))), text.zh
        assert not CJK.search(english), text.en
        assert len(re.findall(r"[A-Za-z]+", english)) >= 3, text.en


@every_query
def test_both_languages_name_the_same_numbers(query: QuerySpec) -> None:
    named = {"persons", "settlements"}
    zh, en = (set(re.findall(r"\{(\w+)\}", t)) for t in (query.text.zh, query.text.en))
    assert zh & named == en & named
    assert "settlements" in zh


@every_query
def test_wording_is_neutral(query: QuerySpec) -> None:
    said = [t for text in texts(query) for t in (text.zh, text.en)]
    said += [part.reason for part in (*query.params, *query.keep, *query.signals)]
    said += [returned.role for returned in query.returns] + [query.kind]
    assert not [text for text in said if VERDICTS.search(text)]


@every_query
def test_legal_basis_and_needs_name_what_there_is(query: QuerySpec) -> None:
    assert query.legal
    assert all(LAW.fullmatch(basis) for basis in query.legal)
    assert query.needs
    assert {name for need in query.needs for name in need.split("|")} <= COVERAGE


BREACHES = [
    (
        "MATCH (p:Person) SET p.sex = 'x' RETURN p.person_id AS person_id",
        "writes: SET",
    ),
    (
        "MATCH (p:Person) DETACH DELETE p",
        "writes: DETACH",
    ),
    (
        "CREATE (p:Person)",
        "writes: CREATE",
    ),
    (
        "MATCH (p:Person) RETURN p.person_id AS person_id ORDER BY person_id",
        "clause: ORDER",
    ),
    (
        "MATCH (p:Person) RETURN p.person_id AS person_id LIMIT 5",
        "LIMIT without a parameter",
    ),
    (
        "MATCH (p:Person) RETURN p.person_id AS a UNION MATCH (p:Person) RETURN p.person_id AS a",
        "clause: UNION",
    ),
    (
        "MATCH (p:Person)-[h:HOLDS]->(c:Card) WHERE type(h) = 'HOLDS' RETURN c.card_id AS card_id",
        "function: TYPE",
    ),
    (
        "MATCH (c:Card) RETURN sum(c.persons) AS persons",
        "function: SUM",
    ),
    (
        "MATCH (c:Card) WHERE log(c.persons) > 1 RETURN c.card_id AS card_id",
        "function: LOG",
    ),
    (
        "MATCH (p:Person) WHERE p:Person RETURN p.person_id AS person_id",
        "a label outside of a pattern, or two in one: p:",
    ),
    (
        "MATCH (p:Person:Card) RETURN p.person_id AS a",
        "a label outside of a pattern, or two in one: Person:",
    ),
    (
        "MATCH (p:Person) WHERE $k IS NULL OR p.sex = $k RETURN p.person_id AS a",
        "a parameter that may be null",
    ),
    (
        "MATCH (p:Person) RETURN [x IN [1] | x] AS a, p.person_id AS b",
        "list comprehension",
    ),
    (
        "MATCH (p:Person) WHERE COUNT { (p)-[:HOLDS]->(:Card) } > 1 RETURN p.person_id AS a",
        "COUNT { }",
    ),
    (
        "MATCH (p:Person) RETURN p.person_id AS group",
        "alias: group",
    ),
    (
        "MATCH (p:Person)-[:HOLDS]-(c:Card) RETURN c.card_id AS card_id",
        "a hop without direction: HOLDS",
    ),
    (
        "MATCH (p:Person)-[]->(c:Card) RETURN c.card_id AS card_id",
        "a hop of any type",
    ),
    (
        "MATCH (a:Settlement)-[:NEXT_SWIPE*]->(b:Settlement) RETURN a.settlement_id AS a",
        "a path without an upper bound: *..",
    ),
    (
        "MATCH (a:Settlement)-[:NEXT_SWIPE*2..]->(b:Settlement) RETURN a.settlement_id AS a",
        "a path without an upper bound: *2..",
    ),
    (
        "MATCH (p:Persons) RETURN p.person_id AS person_id",
        "label Persons",
    ),
    (
        "MATCH (p:Person)-[:OWNS]->(c:Card) RETURN c.card_id AS card_id",
        "type OWNS",
    ),
    (
        "MATCH (c:Card)-[:HOLDS]->(p:Person) RETURN c.card_id AS card_id",
        "ends of HOLDS",
    ),
    (
        "MATCH (c:Card) MATCH (p:Person)<-[:HOLDS]-(c) RETURN c.card_id AS card_id",
        "ends of HOLDS",
    ),
    (
        "MATCH (p:Person) RETURN p.card_id AS card_id",
        "property p.card_id",
    ),
    (
        "MATCH (p:Person)-[h:HOLDS]->(c:Card) WHERE h.llr > 1 RETURN c.card_id AS card_id",
        "property h.llr",
    ),
    (
        "MATCH (p:Person) RETURN q.person_id AS person_id",
        "variable q of no pattern",
    ),
    (
        "MATCH (s:Settlement)-[:OF_PERSON]->(p:Person) MATCH (s)-[:PAID_WITH]->(c:Card)<-[:HOLDS]-(p) "
        "RETURN c.card_id AS a",
        "a cycle through c, p, s",
    ),
    (
        "MATCH (p:Person)<-[:OF_PERSON]-(s:Settlement)-[:OF_PERSON]->(p) RETURN p.person_id AS a",
        "a cycle through p, p, s",
    ),
    (
        "MATCH (a:Settlement)-[:PAID_WITH]->(c:Card)<-[:PAID_WITH]-(b:Settlement) RETURN c.card_id AS a",
        "PAID_WITH twice at c: a relationship may be walked back",
    ),
    (
        "MATCH (p:Person) WITH p, p.sex AS sex MATCH (s:Settlement)-[:OF_PERSON]->(p) "
        "MATCH (s)-[:PAID_WITH]->(c:Card)<-[:HOLDS]-(p) "
        "RETURN c.card_id AS a",
        "a cycle through c, p, s",
    ),
]


@pytest.mark.parametrize(("body", "problem"), BREACHES)
def test_a_breach_of_the_rules_is_noticed(body: str, problem: str) -> None:
    assert problem in problems(body)


@pytest.mark.parametrize(
    "body",
    [
        "MATCH (x:Institution|Pharmacy)<-[:SETTLED_AT]-(s:Settlement) "
        "RETURN coalesce(x.institution_id, x.pharmacy_id) AS a",
        "MATCH (a:Settlement)-[n:NEXT_SWIPE*1..3]->(b:Settlement) RETURN a.settlement_id AS a LIMIT $most",
        "MATCH (s:Settlement)-[:ENTERED_BY|REVIEWED_BY]->(h:Handler) WHERE h.kind IN $kinds RETURN h.handler_id AS a",
        "MATCH (p:Person {sex: $sex}) WHERE EXISTS { MATCH (p)-[:HOLDS]->(c:Card) } RETURN p.person_id AS person_id",
        "MATCH (p:Person) // ORDER BY nothing\nWHERE p.sex = 'DELETE' RETURN p.person_id AS person_id",
        "MATCH (p:Person)-[:HOLDS]->(c:Card) WITH c, count(DISTINCT p.person_id) AS n MATCH (p:Person)-[:HOLDS]->(c) "
        "WHERE n > 1 RETURN p.person_id AS person_id",
        "MATCH (a:Handler), (b:Handler) WHERE a.office = b.office RETURN a.handler_id AS handler_id",
    ],
)
def test_what_both_engines_understand_alike_is_allowed(body: str) -> None:
    assert problems(body) == []
