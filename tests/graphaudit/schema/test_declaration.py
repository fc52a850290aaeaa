"""The declaration is whole: every name, kind, unit and meaning that others derive from is there."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from graphaudit.errors import SchemaError
from graphaudit.records import TABLES
from graphaudit.schema import NODES, RELATIONSHIPS, NodeType, Property, RelationshipType, node, relationship
from graphaudit.schema.declaration import RESERVED, Kind

PROPERTIES = [
    *((n.label, p) for n in NODES for p in n.all_properties),
    *((r.name, p) for r in RELATIONSHIPS for p in r.properties),
]

#: Numbers that count nothing: codes, years, ranks, and shares or scores between 0 and 1.
WITHOUT_UNIT = {"birth_year", "rank", "score", "share", "office_share", "doctor_share", "pharmacy_share", "strength"}

#: Ends of names and the unit that they promise.
UNIT_OF_ENDING = {"_fen": "fen", "_s": "seconds", "_seconds": "seconds", "_day": "days", "_days": "days"}

each_property = pytest.mark.parametrize(
    ("owner", "declared"), PROPERTIES, ids=[f"{owner}.{p.name}" for owner, p in PROPERTIES]
)


def test_labels_types_and_terms_occur_once() -> None:
    names = [n.label for n in NODES] + [r.name for r in RELATIONSHIPS]
    assert len(set(names)) == len(names)
    terms = [n.zh for n in NODES] + [r.zh for r in RELATIONSHIPS]
    assert len(set(terms)) == len(terms)


def test_labels_are_upper_camel_and_types_upper_snake() -> None:
    assert all(re.fullmatch(r"([A-Z][a-z]+)+", n.label) for n in NODES)
    assert all(re.fullmatch(r"[A-Z]+(_[A-Z]+)*", r.name) for r in RELATIONSHIPS)


def test_a_key_belongs_to_one_label_and_is_a_string() -> None:
    keys = [n.key.name for n in NODES]
    assert len(set(keys)) == len(keys)
    assert {n.key.kind for n in NODES} == {"string"}


def test_both_ends_of_every_relationship_are_declared_labels() -> None:
    known = {id(n) for n in NODES}
    assert all(id(end) in known for r in RELATIONSHIPS for pair in r.pairs for end in pair)


def test_every_label_is_reached_by_a_relationship() -> None:
    reached = {end.label for r in RELATIONSHIPS for pair in r.pairs for end in pair}
    assert reached == {n.label for n in NODES}


@each_property
def test_every_property_has_kind_meaning_and_chinese_term(owner: str, declared: Property) -> None:
    assert declared.kind in get_args(Kind), owner
    assert declared.name not in RESERVED
    assert declared.about.endswith("."), f"{owner}.{declared.name}: a sentence ends with a full stop"
    assert re.search(r"[\u4e00-\u9fff]", declared.zh), f"{owner}.{declared.name}"


@each_property
def test_a_number_has_a_unit_and_nothing_else_has_one(owner: str, declared: Property) -> None:
    counts = declared.kind in {"integer", "float"} and declared.name not in WITHOUT_UNIT
    assert bool(declared.unit) == counts, f"{owner}.{declared.name}"


@each_property
def test_a_name_that_promises_a_unit_keeps_it(owner: str, declared: Property) -> None:
    for ending, unit in UNIT_OF_ENDING.items():
        if declared.name.endswith(ending):
            assert declared.unit == unit, f"{owner}.{declared.name}"
    assert (declared.unit == "fen") == declared.name.endswith("_fen")


def test_money_is_whole() -> None:
    assert {p.kind for _, p in PROPERTIES if p.unit == "fen"} == {"integer"}


def test_moments_are_there_readable_and_as_integers() -> None:
    settlement = {p.name: p for p in node("Settlement").properties}
    for name in ("begin", "end", "settled"):
        assert settlement[f"{name}_at"].kind == "datetime"
        assert settlement[f"{name}_s"].kind == "integer"


@pytest.mark.parametrize(
    ("label", "table", "column"),
    [
        ("Person", "persons", "person_id"),
        ("Card", "cards", "card_id"),
        ("Doctor", "doctors", "doctor_id"),
        ("Institution", "sites", "site_id"),
        ("Pharmacy", "sites", "site_id"),
        ("Settlement", "settlements", "settlement_id"),
        ("Handler", "handlers", "handler_id"),
        ("Employer", "employers", "employer_id"),
    ],
)
def test_a_key_is_personal_exactly_where_the_tables_hold_a_pseudonym(label: str, table: str, column: str) -> None:
    declared = next(t for t in TABLES if t.name == table).column(column)
    assert node(label).key.personal == (declared.pseudonym or declared.personal)


def test_whatever_identifies_a_person_is_personal() -> None:
    personal = {n.label for n in NODES if n.key.personal}
    assert personal == {"Person", "Card", "Phone", "BankAccount", "Household", "Address", "Agent"}
    for owner, declared in PROPERTIES:
        if "pseudonym" in declared.about.lower():
            assert declared.personal, f"{owner}.{declared.name}"


def test_a_name_is_looked_up_or_refused() -> None:
    assert node("Person").key.name == "person_id"
    assert relationship("OVERLAPS").many
    with pytest.raises(SchemaError, match="Nobody"):
        node("Nobody")
    with pytest.raises(SchemaError, match="NOTHING"):
        relationship("NOTHING")


@pytest.mark.parametrize("name", ["id", "start", "table", "Mixed", "with space", "x-y", "1st", ""])
def test_a_reserved_or_odd_property_name_is_refused(name: str) -> None:
    with pytest.raises(SchemaError, match="reserved or not snake_case"):
        Property(name, "string", "Something.")


def test_a_declaration_without_meaning_or_said_twice_is_refused() -> None:
    key = Property("thing_id", "string", "Its id.")
    with pytest.raises(SchemaError, match="sentence of meaning"):
        Property("thing", "string", "")
    with pytest.raises(SchemaError, match="sentence of meaning"):
        NodeType("Thing", key, (), "")
    with pytest.raises(SchemaError, match="twice"):
        NodeType("Thing", key, (key,), "A thing.")
    thing = NodeType("Thing", key, (), "A thing.")
    with pytest.raises(SchemaError, match="twice"):
        RelationshipType("HAS", (thing,), (thing,), "Has it.", (key, key))
    with pytest.raises(SchemaError, match="start, end"):
        RelationshipType("HAS", (), (thing,), "Has it.")
