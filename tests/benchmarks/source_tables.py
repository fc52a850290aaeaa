"""The source tables of a city as text columns in DuckDB: all that the simple methods are given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

#: Medical types of stays (ordinary, for childbirth) and of purchases at pharmacies; the rest are visits.
STAYS = ("21", "22", "23", "24", "52")
PURCHASE = "41"

SETTLED = f"""
CREATE TEMP TABLE settled AS
SELECT s.setl_id, s.mdtrt_id, s.psn_no, s.fixmedins_code AS site, try_cast(s.setl_time AS TIMESTAMP) AS settled_at,
    coalesce(try_cast(s.medfee_sumamt AS DOUBLE), 0) AS total, s.mdtrt_cert_type || '-' || s.mdtrt_cert_no AS card,
    CASE WHEN s.med_type IN {STAYS} THEN 'stay' WHEN s.med_type = '{PURCHASE}' THEN 'purchase' ELSE 'visit' END AS kind
FROM setl_d AS s
WHERE s.vali_flag = '1' AND s.refd_setl_flag IS DISTINCT FROM '1' AND try_cast(s.setl_time AS TIMESTAMP) IS NOT NULL
"""


@contextmanager
def source_tables(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with a view for each CSV table of `folder`, and `settled`: valid settlements that are no refunds."""
    connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "2GB"})
    try:
        for table, files in files_of(folder).items():
            # a view cannot take its file names as parameters; they are those found in the folder
            names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
            connection.execute(
                f'CREATE VIEW "{table}" AS SELECT * FROM read_csv([{names}], all_varchar = true, header = true)'
            )
        connection.execute(SETTLED)
        yield connection
    finally:
        connection.close()


def files_of(folder: Path) -> dict[str, list[Path]]:
    """The CSV files of each table, by table name; a table written in blocks has several, numbered."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.csv")):
        stem, _, number = file.stem.rpartition("_")
        table = stem if number.isdigit() and len(number) < 4 and stem else file.stem
        found.setdefault(table, []).append(file)
    return found
