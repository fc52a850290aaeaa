"""The check step: one statement per file types every cell, and says which rows are set aside or at fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loaders.declaration import Field, Kind, Source
from loaders.nhsa.knowledge import Knowledge
from loaders.sources.headers import HeaderMatch

_UNREADABLE = {
    Kind.MONEY: "not an amount",
    Kind.NUMBER: "not a number",
    Kind.TIME: "not a date, or an impossible one",
}
_DAMAGED = "number damaged by a spreadsheet; export ids as text"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to reject a row: the column that is at fault, the reason, and the condition as SQL."""

    column: str
    reason: str
    when: str
    personal: bool


def faults(source: Source) -> tuple[Fault, ...]:
    """All reasons for which a row of `source` is rejected by itself, in the order in which they are tried."""
    found: list[Fault] = []
    for field in source.fields:
        raw, typed = f"raw_{field.name}", f'"{field.name}"'
        if field.kind is Kind.ID:
            found.append(Fault(field.name, _DAMAGED, f"is_damaged({raw})", field.personal))
        if field.required:
            found.append(Fault(field.name, "empty", f"{raw} IS NULL", field.personal))
        if field.strict:
            when = f"{raw} IS NOT NULL AND {typed} IS NULL"
            found.append(Fault(field.name, _UNREADABLE[field.kind], when, field.personal))
    for group in source.one_of:
        when = f"coalesce({', '.join(f'raw_{name}' for name in group)}) IS NULL"
        found.append(Fault(group[0], f"empty, and so is {' and '.join(group[1:])}", when, False))
    found += [Fault("", rule.name, rule.when, False) for rule in source.impossible]
    return tuple(found)


def variables(source: Source, knowledge: Knowledge) -> dict[str, dict[str, str]]:
    """Per code table of `source`: name → code, to be set as the engine's variable `names_<table>`."""
    tables = {field.code for field in source.fields if field.kind is Kind.CODE}
    return {f"names_{table}": knowledge.code_table(table).codes_by_name for table in sorted(tables)}


def statement(source: Source, match: HeaderMatch, knowledge: Knowledge, relation: str, cells: Mapping[int, str]) -> str:
    """SELECT that reads, types and checks the rows of `relation`.

    `cells` gives the text expression of each position. Besides the fields a row carries `aside` and `fault`
    (position in the declared rules, null when none applies), the faulty value, `doubts` (bit set) and the columns
    that were blanked. Parameters: those of `relation`, `$file_no`, `$first_line`, `$tolerance`.
    """
    raw, typed = [], []
    for field in source.fields:
        position = match.columns.get(field.name)
        twin = match.twins.get(field.name)
        raw.append(f"{_cell(field, cells[position]) if position is not None else 'NULL::VARCHAR'} AS raw_{field.name}")
        if twin is not None:
            raw.append(f"tidy_text({cells[twin]}) AS twin_{field.name}")
        delivered = position is not None or twin is not None
        expression = _typed(field, knowledge, twin is not None) if delivered else "NULL"
        typed.append(f'({expression})::{field.kind.duckdb_type} AS "{field.name}"')
    ranged = [f'in_range("{field.name}") AS "{field.name}"' for field in source.fields if field.kind is Kind.TIME]
    reasons = faults(source)
    names = ", ".join(f'"{field.name}"' for field in source.fields)
    values = "".join(f" WHEN {number} THEN raw_{fault.column}" for number, fault in enumerate(reasons) if fault.column)
    blanks = [
        f"CASE WHEN raw_{field.name} IS NOT NULL AND \"{field.name}\" IS NULL THEN '{field.name}' END"
        for field in source.fields
        if field.kind in _UNREADABLE and not field.strict and field.name in match.columns
    ]
    doubts = [
        f"CASE WHEN aside IS NULL AND fault IS NULL AND ({rule.when}) THEN {1 << bit} ELSE 0 END"
        for bit, rule in enumerate(source.doubtful)
    ]
    return f"""
        SELECT {names}, $file_no::INTEGER AS file_no, $first_line::INTEGER AS first_line, aside, fault,
            {f"CASE fault{values} END" if values else "NULL::VARCHAR"} AS fault_value,
            ({" + ".join(doubts) or "0"})::INTEGER AS doubts,
            {f"nullif(concat_ws(',', {', '.join(blanks)}), '')" if blanks else "NULL::VARCHAR"} AS blanked
        FROM (SELECT *, {_first([rule.when for rule in source.aside])} AS aside,
                {_first([fault.when for fault in reasons])} AS fault
            FROM (SELECT *{f" REPLACE ({', '.join(ranged)})" if ranged else ""}
                FROM (SELECT *, {", ".join(typed)}
                    FROM (SELECT {", ".join(raw)} FROM {relation}))))"""


def _first(conditions: list[str]) -> str:
    cases = "".join(f" WHEN {condition} THEN {number}" for number, condition in enumerate(conditions))
    return f"(CASE{cases} END)::SMALLINT" if cases else "NULL::SMALLINT"


def _cell(field: Field, text: str) -> str:
    return f"tidy_text({text})" if field.kind in (Kind.TEXT, Kind.CODE) else f"tidy({text})"


def _typed(field: Field, knowledge: Knowledge, has_twin: bool) -> str:
    raw = f"raw_{field.name}"
    if field.kind is Kind.ID:
        return f"as_id({raw})"
    if field.kind is Kind.MONEY:
        return f"as_fen({raw})"
    if field.kind is Kind.NUMBER:
        return f"as_number({raw})"
    if field.kind is Kind.TIME:
        return f"as_time({raw})"
    if field.kind is Kind.FLAG:
        return f"as_flag({raw})"
    if field.kind is Kind.CODE:
        width = knowledge.code_table(field.code).width
        twin = f"twin_{field.name}" if has_twin else "NULL"
        return f"code_or_name(as_code({raw}, {width}), {twin}, getvariable('names_{field.code}'))"
    return raw
