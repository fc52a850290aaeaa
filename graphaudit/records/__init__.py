"""Canonical tables of one build: what every loader delivers and every later stage reads."""

from graphaudit.records.declaration import Column, Table
from graphaudit.records.tables import TABLES, table

__all__ = ["TABLES", "Column", "Table", "table"]
