"""How a source table is declared: its columns, the rules that set rows aside, and what it feeds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graphaudit.errors import SchemaError


class Kind(StrEnum):
    """What a cell holds, which decides how it is read, checked and masked."""

    ID = "id"  # an opaque identifier: never a number
    CODE = "code"  # a value of a code table, padded to the table's width
    TEXT = "text"
    MONEY = "money"  # yuan in the source, fen after the check
    NUMBER = "number"
    TIME = "time"  # a date, with or without a time of day
    FLAG = "flag"

    @property
    def duckdb_type(self) -> str:
        """Type of the checked column."""
        return _DUCKDB_TYPES.get(self, "VARCHAR")


_DUCKDB_TYPES = {Kind.MONEY: "BIGINT", Kind.NUMBER: "DOUBLE", Kind.TIME: "TIMESTAMP", Kind.FLAG: "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class Field:
    """One column that is read from a source table.

    `code` names the code table of a CODE; `required` rejects a row whose cell is empty;
    `strict` rejects a row whose cell cannot be understood (otherwise the cell becomes blank and is counted);
    `personal` values are always masked in rejects and messages; `aliases` are further headers of this table
    only (the alias map holds those that mean the same everywhere).
    """

    name: str
    kind: Kind
    zh: str
    code: str = ""
    required: bool = False
    strict: bool = False
    personal: bool = False
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is Kind.CODE) != bool(self.code):
            raise SchemaError(f"field {self.name}: a code field names its code table, and only such a field does")


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule over the checked columns of one row; `when` is SQL."""

    name: str
    zh: str
    when: str


@dataclass(frozen=True, slots=True)
class Source:
    """One table of the source folder.

    `key` is unique: equal rows of one key are set aside as duplicates, differing ones are rejected.
    `one_of` are groups of fields of which each row needs at least one. `aside` sets rows aside, `impossible`
    rejects them, `doubtful` only counts them. `produces` names the canonical tables that the rows end up in.
    """

    name: str
    zh: str
    fields: tuple[Field, ...]
    produces: tuple[str, ...]
    key: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    aside: tuple[Rule, ...] = ()
    impossible: tuple[Rule, ...] = ()
    doubtful: tuple[Rule, ...] = ()
    mandatory: bool = False

    def __post_init__(self) -> None:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise SchemaError(f"source {self.name}: a field is declared twice")
        for name in (*self.key, *(name for group in self.one_of for name in group)):
            if name not in names:
                raise SchemaError(f"source {self.name}: field {name} is not declared")

    def field(self, name: str) -> Field:
        """The field called `name`; SchemaError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise SchemaError(f"source {self.name} has no field {name}")


INVALID = Rule("invalid flag", "无效标志", "vali_flag IS NOT NULL AND NOT vali_flag")
VALI_FLAG = Field("vali_flag", Kind.FLAG, "有效标志")


def ident(
    name: str, zh: str, *, required: bool = False, personal: bool = False, aliases: tuple[str, ...] = ()
) -> Field:
    """An identifier."""
    return Field(name, Kind.ID, zh, required=required, personal=personal, aliases=aliases)


def code(name: str, zh: str, table: str = "", *, aliases: tuple[str, ...] = ()) -> Field:
    """A value of the code table `table`, which is called like the column unless said otherwise."""
    return Field(name, Kind.CODE, zh, code=table or name, aliases=aliases)


def text(name: str, zh: str, *, personal: bool = False, aliases: tuple[str, ...] = ()) -> Field:
    """Free text."""
    return Field(name, Kind.TEXT, zh, personal=personal, aliases=aliases)


def money(name: str, zh: str, *, required: bool = False, aliases: tuple[str, ...] = ()) -> Field:
    """An amount in yuan; a row whose amount is not a number is rejected."""
    return Field(name, Kind.MONEY, zh, required=required, strict=True, aliases=aliases)


def number(name: str, zh: str, *, strict: bool = False, aliases: tuple[str, ...] = ()) -> Field:
    """A number without a unit of money."""
    return Field(name, Kind.NUMBER, zh, strict=strict, aliases=aliases)


def time(name: str, zh: str, *, strict: bool = False, required: bool = False, aliases: tuple[str, ...] = ()) -> Field:
    """A date, with or without a time of day."""
    return Field(name, Kind.TIME, zh, strict=strict, required=required, aliases=aliases)


def flag(name: str, zh: str) -> Field:
    """A yes-or-no column."""
    return Field(name, Kind.FLAG, zh)
