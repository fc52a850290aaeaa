"""A tiny world written by hand: one YAML file → canonical and derived tables → a graph in a real store.

persons:        p1: {household: h1, address: a1, phone: f1, employer: e1, agent: g1}; nothing is required
sites:          shop: pharmacy, ward: institution
doctors:        [d1]
handlers:       desk: {office: o1}; agency handlers unless `kind: operator`
settlements:    s1: {of: p1, at: shop, day: 3, kind: pharmacy, stay: 7, card: c1, doctor: d1, phone: f1}; `day` is
                that of settlement and discharge, `stay` the days before it, `minute` the minutes after nine o'clock
cases:          m1: {of: p1, at: ward, day: 3, account: b1, invoice: i1, entered: desk, reviewed: desk, approved: desk};
                a settlement, the manual case that it paid, and the case's reviews
relationships:  [[p1, CLASHES_AT, shop, {n: 3, llr: 5.0}]]; what a build holds against chance, with the values it found
register:       [{kind: nursing_home, address: a1}]; what the unit itself knows

`p1..p9` stands for p1, p2, … p9, and a list for all of its entries; what a range is given runs beside it, a single
value holds for all. `days: [3, 9]` makes one settlement a day, called `s1@3` and `s1@9`; `s1` then stands for both.
Cards, phones and other identifiers exist because somebody has them. Whatever is derived without a test (who holds which
card, what overlaps, what was bought after a visit) comes from the product's own derivation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from graphaudit.derive.run import read_sql
from graphaudit.records import TABLES
from tests.table_builder import FIRST_MOMENT, Shuffle, as_given, tables_of

Row = dict[str, Any]

_RANGE = re.compile(r"(\D+)(\d+)\.\.\1(\d+)")
_SECTIONS = {"persons", "sites", "doctors", "handlers", "settlements", "cases", "relationships", "register"}
#: What a line of the file may name, and the kind of thing that it names.
_KIND_OF = {
    "of": "person", "person": "person", "at": "site", "card": "card", "doctor": "doctor", "phone": "phone",
    "account": "bank_account", "entered": "handler", "reviewed": "handler", "approved": "handler",
    "household": "household", "address": "address", "employer": "employer", "agent": "agent",
}  # fmt: skip
_SECTION_OF = {"person": "persons", "site": "sites", "doctor": "doctors", "handler": "handlers"}
_CARRIED = ("phone", "address", "household", "bank_account", "agent")
#: What a settlement's line says about the case behind it.
_OF_CASE = ("account", "invoice", "entered", "reviewed", "approved")
#: Relationship with tested values -> its table, and column and kind of either end.
_TESTED = {
    "CLASHES_AT": ("clashes", ("person_no", "person"), ("site_no", "site")),
    "CO_PRESENT": ("co_present", ("person_a", "person"), ("person_b", "person")),
    "FILLED_AT": ("filled_at", ("doctor_no", "doctor"), ("site_no", "site")),
    "SERVES": ("serves", ("handler_no", "handler"), ("person_no", "person")),
}
#: Derived tables that follow from the settlements, in the order in which they need one another.
_FOLLOWING = ("holds", "settlement_doctors", "overlaps", "fills", "filled_by")

#: A tiny world withholds nothing: the coverage of a source that delivers every table and column.
COVERED = frozenset(
    name for table in TABLES for name in (table.name, *(f"{table.name}.{column.name}" for column in table.columns))
)


@dataclass
class TinyWorld:
    """Rows of tables; `numbers` by kind and the key that the file gives; `spans` the settlements behind a key."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    spans: dict[str, list[str]] = field(default_factory=dict)

    def tables(self, shuffle: Shuffle = as_given) -> duckdb.DuckDBPyConnection:
        """Every canonical and derived table; `shuffle` decides the order of the rows written down."""
        connection = tables_of(self.rows, shuffle)
        for name in _FOLLOWING:
            connection.execute(f'INSERT INTO "{name}" BY NAME {read_sql(name)}')
        return connection

    def settlements(self, entry: Any) -> list[str]:
        """The settlements that `entry` (a key, a range or a list of these) stands for."""
        return [day for key in spread(entry) for day in self.spans.get(key, [key])]

    def key(self, kind: str, number: int) -> str:
        """The key behind a number; institutions and pharmacies are both sites."""
        known = self.numbers["site" if kind in {"institution", "pharmacy"} else kind]
        return next(key for key, no in known.items() if no == number)

    def knows(self, key: str) -> bool:
        """True when something is called `key`."""
        return any(key in known for known in self.numbers.values())


def read_world(path: Path) -> TinyWorld:
    """The world described by the YAML file at `path`."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if unknown := sorted(set(content) - _SECTIONS):
        raise ValueError(f"unknown section {unknown[0]}")
    world = TinyWorld()
    things = {kind: dict(_lines(content.get(section, {}))) for kind, section in _SECTION_OF.items()}
    services = dict(_services(world, content))
    _number(world, things, services)
    _rows_of_things(world, things)
    _rows_of_services(world, services)
    _carriers(world, things["person"], services)
    for start, name, end, *values in content.get("relationships", []):
        table, *ends = _TESTED[name]
        _relate(world, table, ends, (start, end), values[0] if values else {})
    world.rows["benign_register"] = [_columns(world, entry) for entry in content.get("register", [])]
    return world


def spread(entry: Any) -> list[Any]:
    """`p1..p3` as [p1, p2, p3], a list as all of its entries, anything else as itself."""
    if isinstance(entry, list):
        return [key for inner in entry for key in spread(inner)]
    match = _RANGE.fullmatch(entry) if isinstance(entry, str) else None
    if match is None:
        return [entry]
    return [f"{match[1]}{number}" for number in range(int(match[2]), int(match[3]) + 1)]


def _lines(section: Any) -> Iterator[tuple[str, Row]]:
    """Every key of a section with what is said about it, ranges spread."""
    for entry, said in section.items() if isinstance(section, dict) else ((entry, None) for entry in section):
        keys = spread(entry)
        properties = {"kind": said} if isinstance(said, str) else said or {}
        for place, key in enumerate(keys):
            yield key, {name: _beside(value, place, len(keys)) for name, value in properties.items()}


def _beside(value: Any, place: int, size: int) -> Any:
    """The part of `value` that belongs to the entry at `place` of a range of `size`."""
    values = spread(value)
    if len(values) not in (1, size):
        raise ValueError(f"{values[0]} … {values[-1]} does not run beside {size} others")
    return values[0] if len(values) == 1 else values[place]


def _services(world: TinyWorld, content: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    """Settlements and cases one by one, every day of `days` for itself."""
    for section in ("settlements", "cases"):
        for entry, said in content.get(section, {}).items():
            properties = {name: value for name, value in said.items() if name != "days"}
            for key, own in _lines({entry: properties}):
                if key in world.spans:
                    raise ValueError(f"{key} is described twice")
                days = said.get("days")
                world.spans[key] = [f"{key}@{day}" for day in days] if days else [key]
                for name, day in zip(world.spans[key], days or [own.get("day", 0)], strict=True):
                    yield name, own | {"day": day, "is_manual": section == "cases"}


def _number(world: TinyWorld, things: Mapping[str, Mapping[str, Row]], services: Mapping[str, Row]) -> None:
    """Numbers in the order of the keys, as a build numbers source ids."""
    keys: dict[str, set[str]] = {kind: set(described) for kind, described in things.items()}
    keys["settlement"] = set(services)
    for said in (*(line for described in things.values() for line in described.values()), *services.values()):
        for name, value in said.items():
            kind = _KIND_OF.get(name)
            if kind is None or value is None:
                continue
            if kind in _SECTION_OF and value not in keys[kind]:
                raise ValueError(f"there is no {kind} {value}")
            keys.setdefault(kind, set()).add(value)
    world.numbers = {kind: {key: no for no, key in enumerate(sorted(known))} for kind, known in keys.items()}


def _rows_of_things(world: TinyWorld, things: Mapping[str, Mapping[str, Row]]) -> None:
    for kind, section in _SECTION_OF.items():
        world.rows[section] = [
            {f"{kind}_no": no, f"{kind}_id": key, **_columns(world, things[kind][key], without=("agent",))}
            for key, no in world.numbers[kind].items()
        ]
    for row in world.rows["handlers"]:
        row.setdefault("kind", "agency")
    for kind in ("card", "employer"):
        world.rows[f"{kind}s"] = [
            {f"{kind}_no": no, f"{kind}_id": key} for key, no in world.numbers.get(kind, {}).items()
        ]
    world.rows["registrations"] = [
        {"person_no": world.numbers["person"][key], "agent_no": world.numbers["agent"][said["agent"]]}
        for key, said in things["person"].items()
        if said.get("agent") is not None
    ]


def _rows_of_services(world: TinyWorld, services: Mapping[str, Row]) -> None:
    settlements, cases, reviews = [], [], []
    for key, said in services.items():
        number = world.numbers["settlement"][key]
        at = FIRST_MOMENT + timedelta(days=said["day"], minutes=said.get("minute", 0))
        settlement = _columns(world, said, without=("day", "stay", "minute", *_OF_CASE))
        settlement |= {"settlement_no": number, "settlement_id": key, "settled_at": at, "end_at": at}
        settlements.append(settlement | {"begin_at": at - timedelta(days=said.get("stay", 0))})
        if said["is_manual"]:
            case = {"case_no": number, "settlement_no": number, "person_no": settlement["person_no"]}
            case |= _columns(world, {name: said.get(name) for name in ("account", "invoice")})
            cases.append(case | {"accepted_by": _no(world, "handler", said.get("entered")), "accepted_at": at})
            for step, name in enumerate(("reviewed", "approved"), start=1):
                if said.get(name) is not None:
                    reviewer = world.numbers["handler"][said[name]]
                    reviews.append({"case_no": number, "step": step, "handler_no": reviewer, "at": at})
    world.rows |= {"settlements": settlements, "manual_cases": cases, "reviews": reviews}


def _carriers(world: TinyWorld, persons: Mapping[str, Row], services: Mapping[str, Row]) -> None:
    """Identifiers with the number of persons who carry each."""
    carried: dict[tuple[str, str], set[str]] = {}
    for person, said in (*persons.items(), *((said["of"], said) for said in services.values())):
        for name, value in said.items():
            if _KIND_OF.get(name) in _CARRIED and value is not None:
                carried.setdefault((_KIND_OF[name], value), set()).add(person)
    world.rows["identifiers"] = [
        {"kind": kind, "no": world.numbers[kind][key], "id": key, "persons": len(persons)}
        for (kind, key), persons in carried.items()
    ]


def _relate(
    world: TinyWorld, table: str, columns: Sequence[tuple[str, str]], entries: Sequence[Any], values: Row
) -> None:
    """One row for every pair of ends, ranges side by side."""
    ends = [spread(entry) for entry in entries]
    size = max(len(keys) for keys in ends)
    for place in range(size):
        numbers = {
            column: world.numbers[kind][_beside(keys, place, size)]
            for (column, kind), keys in zip(columns, ends, strict=True)
        }
        world.rows.setdefault(table, []).append(numbers | values)


def _columns(world: TinyWorld, said: Row, without: Sequence[str] = ()) -> Row:
    """Columns of what was said: keys of things become their numbers, an invoice keeps its own."""
    row: Row = {}
    for name, value in said.items():
        kind = _KIND_OF.get(name)
        if name in without:
            continue
        if kind is not None:
            row[f"{kind}_no"] = _no(world, kind, value)
        else:
            row["invoice_no" if name == "invoice" else name] = value
    return row


def _no(world: TinyWorld, kind: str, key: str | None) -> int | None:
    return None if key is None else world.numbers[kind][key]
