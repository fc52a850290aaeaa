"""The check step: one statement per file types every cell, and says which rows are set aside or at fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loaders.declaration import Field, Kind, Source
from loaders.nhsa.knowledge import Knowledge
from loaders.sources.headers import HeaderMatch

_UNREADABLE = {
    Kind.MONEY: "not an amount",
    Kind.NUMBER: "not a number",
    Kind.TIME: "not a date, or an impossible one",
}
# How a cell is read, in one step or in two (see the macros).
_QUICK = {
    Kind.ID: "quick_id",
    Kind.TEXT: "quick_text",
    Kind.MONEY: "quick_yuan",
    Kind.NUMBER: "quick_number",
    Kind.TIME: "quick_time",
    Kind.FLAG: "quick_flag",
}
_SETTLED = {Kind.MONEY: "settled_fen", Kind.NUMBER: "settled_number", Kind.TIME: "settled_time"}
_DAMAGED = "number damaged by a spreadsheet; export ids as text"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to reject a row: the column that is at fault, the reason, and the condition as SQL.

    The condition speaks of the typed columns and of the cells as they stand in the file (`cell_<field>`).
    `of_cell` says that only a cell of the column can meet it: without the column nothing is to be tried.
    """

    column: str
    reason: str
    when: str
    personal: bool
    of_cell: bool = False


def faults(source: Source) -> tuple[Fault, ...]:
    """All reasons for which a row of `source` is rejected by itself, in the order in which they are tried."""
    found: list[Fault] = []
    for field in source.fields:
        if field.kind is Kind.ID:
            damaged = f"cell_is_damaged(cell_{field.name})"
            found.append(Fault(field.name, _DAMAGED, damaged, field.personal, of_cell=True))
        if field.required:
            found.append(Fault(field.name, "empty", _is_empty(field), field.personal))
        if field.strict:
            found.append(Fault(field.name, _UNREADABLE[field.kind], _is_unread(field), field.personal, of_cell=True))
    for group in source.one_of:
        when = " AND ".join(_is_empty(source.field(name)) for name in group)
        found.append(Fault(group[0], f"empty, and so is {' and '.join(group[1:])}", when, False))
    found += [Fault("", rule.name, rule.when, False) for rule in source.impossible]
    return tuple(found)


def _tidied(field: Field) -> str:
    return f"tidied{'_text' if field.kind in (Kind.TEXT, Kind.CODE) else ''}(cell_{field.name}, $words::VARCHAR[])"


# What was understood is not looked at again: a cell is tidied only where its typed column is null.
def _is_empty(field: Field) -> str:
    typed = "" if field.kind is Kind.CODE else f'"{field.name}" IS NULL AND '
    return f"({typed}{_tidied(field)} IS NULL)"


def _is_unread(field: Field) -> str:
    return f'("{field.name}" IS NULL AND cell_{field.name} IS NOT NULL AND {_tidied(field)} IS NOT NULL)'


def variables(source: Source, knowledge: Knowledge) -> dict[str, dict[str, str]]:
    """Per code table of `source`: name → code, to be set as the engine's variable `names_<table>`."""
    tables = {field.code for field in source.fields if field.kind is Kind.CODE}
    return {f"names_{table}": knowledge.code_table(table).codes_by_name for table in sorted(tables)}


def statement(source: Source, match: HeaderMatch, knowledge: Knowledge, relation: str, cells: Mapping[int, str]) -> str:
    """SELECT that reads, types and checks the rows of `relation`.

    `cells` gives the text expression of each position. Besides the fields a row carries `aside` and `fault`
    (position in the declared rules, null when none applies), the faulty value, `doubts` (bit set) and the columns
    that were blanked. Parameters: those of `relation`, `$file_no`, `$first_line`, `$tolerance`
    and `$words` (the spellings of an empty cell).
    """
    texts, quick, settled = [], [], []
    for field in source.fields:
        position = match.columns.get(field.name)
        twin = match.twins.get(field.name)
        texts.append(f"{cells[position] if position is not None else 'NULL::VARCHAR'} AS cell_{field.name}")
        if twin is not None:
            texts.append(f"tidied_text({cells[twin]}, $words::VARCHAR[]) AS twin_{field.name}")
        delivered = position is not None or twin is not None
        expression = _quick(field, knowledge, twin is not None) if delivered else f"NULL::{field.kind.duckdb_type}"
        quick.append(f'{expression} AS "{field.name}"')
        if delivered and field.kind in _SETTLED:
            settled.append(
                f'{_SETTLED[field.kind]}("{field.name}", cell_{field.name}, $words::VARCHAR[]) AS "{field.name}"'
            )
    reasons = faults(source)
    names = ", ".join(f'"{field.name}"' for field in source.fields)
    values = "".join(
        f" WHEN {number} THEN {_tidied(source.field(fault.column))}"
        for number, fault in enumerate(reasons)
        if fault.column
    )
    blanked = [
        field
        for field in source.fields
        if field.kind in _UNREADABLE and not field.strict and field.name in match.columns
    ]
    listed = ", ".join(f"CASE WHEN {_is_unread(field)} THEN '{field.name}' END" for field in blanked)
    doubts = [f"CASE WHEN {rule.when} THEN {1 << bit} ELSE 0 END" for bit, rule in enumerate(source.doubtful)]
    tried = [
        (number, fault.when)
        for number, fault in enumerate(reasons)
        if not fault.of_cell or fault.column in match.columns
    ]
    return f"""
        SELECT {names}, $file_no::INTEGER AS file_no, $first_line::INTEGER AS first_line, aside, fault,
            {
        f"CASE WHEN fault IS NOT NULL THEN CASE fault{values} END END" if values else "NULL::VARCHAR"
    } AS fault_value,
            ({f"CASE WHEN aside IS NULL AND fault IS NULL THEN {' + '.join(doubts)} ELSE 0 END" if doubts else "0"}
            )::INTEGER AS doubts,
            {
        f"CASE WHEN {' OR '.join(map(_is_unread, blanked))} THEN concat_ws(',', {listed}) END"
        if blanked
        else "NULL::VARCHAR"
    } AS blanked
        FROM (SELECT *, {_first(enumerate(rule.when for rule in source.aside))} AS aside, {_first(tried)} AS fault
            FROM (SELECT *{f" REPLACE ({', '.join(settled)})" if settled else ""}
                FROM (SELECT *, {", ".join(quick)}
                    FROM (SELECT {", ".join(texts)} FROM {relation}))))"""


def _first(conditions: Iterable[tuple[int, str]]) -> str:
    cases = "".join(f" WHEN {condition} THEN {number}" for number, condition in conditions)
    return f"(CASE{cases} END)::SMALLINT" if cases else "NULL::SMALLINT"


def _quick(field: Field, knowledge: Knowledge, has_twin: bool) -> str:
    cell = f"cell_{field.name}"
    if field.kind is Kind.CODE:
        width = knowledge.code_table(field.code).width
        twin = f"twin_{field.name}" if has_twin else "NULL"
        names = f"getvariable('names_{field.code}')"
        code = f"quick_code({cell}, $words::VARCHAR[], {width}, {twin}, {names})"
        return f"coalesce({code}, {names}[{twin}], {twin})" if has_twin else code
    return (
        f"{_QUICK[field.kind]}({cell})"
        if field.kind in _SETTLED
        else f"{_QUICK[field.kind]}({cell}, $words::VARCHAR[])"
    )
