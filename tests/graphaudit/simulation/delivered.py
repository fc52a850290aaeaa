"""A simulated city as it was delivered: its files as tables, its truth as tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

#: Settlements that are no refunds, with what the visit behind them says. `ring` is null for honest ones.
VISITS = """
CREATE TABLE visits AS
SELECT s.setl_id, s.mdtrt_id, s.psn_no AS person, s.fixmedins_code AS site, s.med_type, s.vali_flag = '0' AS void,
       CAST(s.setl_time AS TIMESTAMP) AS moment, CAST(m.begntime AS TIMESTAMP) AS begins,
       CAST(m.endtime AS TIMESTAMP) AS ends,
       CAST(s.setl_time AS DATE) AS day, CAST(s.medfee_sumamt AS DECIMAL(16, 2)) AS total,
       s.mdtrt_cert_type AS card_type, s.mdtrt_cert_no AS card_no, s.opter_id AS operator,
       m.chfpdr_code AS doctor, m.tel, m.dscg_maindiag_code AS diagnosis, s.pay_loc, r.ring, r.pattern
FROM setl_d s JOIN mdtrt_d m USING (mdtrt_id) LEFT JOIN ring_settlements r USING (setl_id)
WHERE s.refd_setl_flag = '0'
"""


class Delivered:
    """Every table of the folder under its own name, all columns text, plus `visits` and the truth's four tables."""

    def __init__(self, folder: Path, truth: dict[str, Any]) -> None:
        self.folder = folder
        self.truth = truth
        self._database = duckdb.connect(config={"threads": 2})
        for name in self.tables():
            files = sorted(str(file) for file in folder.glob(f"{name}*.*") if _table(file) == name)
            self._database.execute(_reading(name, files[0]), [files])
        self._load("rings", "ring, pattern", [(r["id"], r["pattern"]) for r in truth["rings"]])
        self._load(
            "ring_members",
            "ring, pattern, type, id, role",
            [(r["id"], r["pattern"], m["type"], m["id"], m["role"]) for r in truth["rings"] for m in r["members"]],
        )
        self._load(
            "ring_settlements",
            "ring, pattern, setl_id",
            [(r["id"], r["pattern"], s) for r in truth["rings"] for s in r["settlements"]],
        )
        self._load(
            "honest_members",
            "honest, class, type, id, role",
            [(g["id"], g["class"], m["type"], m["id"], m["role"]) for g in truth["benign"] for m in g["members"]],
        )
        self._database.execute(VISITS)

    def tables(self) -> list[str]:
        """Names of the delivered tables."""
        return sorted({_table(file) for file in self.folder.iterdir()})

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._database.execute(sql, list(values)).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        """The single value of a query."""
        ((value,),) = self.rows(sql, *values)
        return value

    def column(self, sql: str, *values: Any) -> list[Any]:
        """The first column of a query."""
        return [row[0] for row in self.rows(sql, *values)]

    def rings(self, pattern: str) -> list[dict[str, Any]]:
        """The rings of one pattern; there is at least one."""
        found = [ring for ring in self.truth["rings"] if ring["pattern"] == pattern]
        assert found, pattern
        return found

    def groups(self, name: str) -> list[dict[str, Any]]:
        """The honest groups of one class; there is at least one."""
        found = [group for group in self.truth["benign"] if group["class"] == name]
        assert found, name
        return found

    def _load(self, name: str, columns: str, rows: Sequence[tuple[str, ...]]) -> None:
        declared = ", ".join(f"{column.strip()} VARCHAR" for column in columns.split(","))
        self._database.execute(f"CREATE TABLE {name} ({declared})")
        unnested = ", ".join(f"unnest(${n + 1}::VARCHAR[])" for n in range(len(columns.split(","))))
        if rows:
            self._database.execute(f"INSERT INTO {name} SELECT {unnested}", [list(c) for c in zip(*rows, strict=True)])


def _table(file: Path) -> str:
    """The table that a file belongs to: parts are numbered with three digits."""
    stem, _, number = file.stem.rpartition("_")
    return stem if len(number) == 3 and number.isdigit() else file.stem


def _reading(name: str, example: str) -> str:
    if example.endswith(".parquet"):
        return f"CREATE TABLE {name} AS SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet($1)"
    return f"CREATE TABLE {name} AS SELECT * FROM read_csv($1, all_varchar = true, header = true)"


def ids(group: dict[str, Any], kind: str, role: str | None = None) -> list[str]:
    """Ids of a group's members of one type, in one role if given."""
    return [m["id"] for m in group["members"] if m["type"] == kind and role in (None, m["role"])]
