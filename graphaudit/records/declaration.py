"""How a canonical table is declared: columns with type, unit and a sentence of meaning."""

from __future__ import annotations

from dataclasses import dataclass

from graphaudit.errors import SchemaError

DUCKDB_TYPES = frozenset({"VARCHAR", "INTEGER", "BIGINT", "SMALLINT", "DOUBLE", "BOOLEAN", "TIMESTAMP", "DATE"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    `kind` is a DuckDB type; `unit` is set where a number has one (fen, days, minutes, persons);
    `required` forbids nulls; `pseudonym` marks a keyed pseudonym of a personal identifier;
    `personal` marks a value that may only be read by a caller allowed to see personal data.
    """

    name: str
    kind: str
    about: str
    unit: str = ""
    required: bool = False
    pseudonym: bool = False
    personal: bool = False

    def __post_init__(self) -> None:
        if self.kind not in DUCKDB_TYPES:
            raise SchemaError(f"column {self.name}: unknown type {self.kind}")
        if not self.about:
            raise SchemaError(f"column {self.name}: a sentence of meaning is required")


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table: name, key columns, columns in order, and what a row is.

    `restricted` tables hold source identifiers and names; they are readable by the owner only and
    are opened for an export or a reveal, never by a detector.
    """

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    restricted: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise SchemaError(f"table {self.name}: a column is declared twice")
        missing = [name for name in self.key if name not in names]
        if missing:
            raise SchemaError(f"table {self.name}: key column {missing[0]} is not declared")

    def column(self, name: str) -> Column:
        """The column called `name`; SchemaError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise SchemaError(f"table {self.name} has no column {name}")

    @property
    def ddl(self) -> str:
        """CREATE TABLE text for DuckDB."""
        body = ", ".join(f'"{column.name}" {column.kind}' for column in self.columns)
        return f'CREATE TABLE "{self.name}" ({body})'
