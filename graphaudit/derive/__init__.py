"""Edge tables that joins over time and place can tell: one named .sql file each, run in DuckDB."""

from graphaudit.derive.run import derive
from graphaudit.derive.tables import DERIVED

__all__ = ["DERIVED", "derive"]
