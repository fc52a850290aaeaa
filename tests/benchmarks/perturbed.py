"""A city's source folder once more, with records lost, clocks disturbed, households unknown, or the last days missing.

Chances are drawn from a hash of the record's own id and a seed, so the same city is disturbed in the same way every
time, whatever the order of its rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from tests.benchmarks.source_tables import files_of

SEED = 20

LOST_SHARE = 0.2
UNKNOWN_HOUSEHOLDS = 0.3
NOISE_SECONDS = 15 * 60

#: Columns that carry a clock, moved together for everything that belongs to one visit.
CLOCKS = (
    "setl_time", "begntime", "endtime", "fee_ocur_time", "sel_retn_time", "opt_time", "crte_time",
)  # fmt: skip

#: When a row of a table that belongs to no settlement came to be.
ENTERED = {
    "fixmedins_sign_b": "sign_in_time",
    "fixmedins_paus_d": "begntime",
    "cent_manl_reim_reg_d": "crte_time",
    "cent_manl_reim_reg_evt_c": "crte_time",
    "biz_gen_chk_d": "opt_time",
    "med_dfr_d": "fin_acen_time",
    "opsp_reg_d": "begndate",
    "psn_fix_reg_d": "begndate",
}

#: From a connection, a table and its columns to the query of its new rows; None where nothing changes.
Change = Callable[[duckdb.DuckDBPyConnection, str, list[str]], str | None]


def lost_records(folder: Path, out: Path) -> None:
    """A fifth of the settlements lost, with all rows that belong to them; a refund goes with its original."""
    with _opened(folder) as tables:
        key = "coalesce(nullif(init_setl_id, ''), setl_id)"
        tables.execute(f"CREATE TEMP TABLE lost AS SELECT setl_id, mdtrt_id FROM setl_d WHERE {_chance(key)} < $share",
                       {"share": LOST_SHARE})  # fmt: skip
        _mark_lost(tables)
        _write(tables, folder, out, _without_lost)


def disturbed_clocks(folder: Path, out: Path) -> None:
    """Every visit moved by up to fifteen minutes either way, with all that belongs to it; dates stay."""
    with _opened(folder) as tables:
        _write(tables, folder, out, _moved)


def unknown_households(folder: Path, out: Path) -> None:
    """The number of three household books in ten blanked for all their persons."""
    with _opened(folder) as tables:
        _write(tables, folder, out, _without_books)


def cut(folder: Path, out: Path, until: date) -> None:
    """The city as it was known before the day `until`: rows settled or entered later are not there yet."""
    with _opened(folder) as tables:
        tables.execute("CREATE TEMP TABLE lost AS SELECT setl_id, mdtrt_id FROM setl_d WHERE setl_time >= $until",
                       {"until": until.isoformat()})  # fmt: skip
        _mark_lost(tables)

        def change(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> str | None:
            entered = ENTERED.get(table)
            if entered in columns:
                # the day is a date of this program, never text from a file
                return f"SELECT * FROM \"{table}\" WHERE {entered} IS NULL OR {entered} < '{until.isoformat()}'"
            return _without_lost(connection, table, columns)

        _write(tables, folder, out, change)


#: What is shown, by the words of the report.
PERTURBATIONS: dict[str, Callable[[Path, Path], None]] = {
    "a fifth of the settlements lost": lost_records,
    "clocks off by up to 15 minutes": disturbed_clocks,
    "three in ten households unknown": unknown_households,
}


def last_day(folder: Path) -> date:
    """The day of the last settlement."""
    with _opened(folder) as tables:
        row = tables.execute("SELECT max(try_cast(setl_time AS TIMESTAMP))::DATE FROM setl_d").fetchone()
    assert row is not None
    day: date = row[0]
    return day


def _opened(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "2GB"})
    for table, files in files_of(folder).items():
        names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        connection.execute(
            f'CREATE VIEW "{table}" AS SELECT * FROM read_csv([{names}], all_varchar = true, header = true)'
        )
    return connection


def _chance(key: str) -> str:
    """SQL for a number in [0, 1) that depends on `key` and the seed only."""
    return f"(md5_number_lower({key} || '{SEED}') % 1000000) / 1000000.0"


def _mark_lost(tables: duckdb.DuckDBPyConnection) -> None:
    """Besides settlements, the visits of which nothing is left, and what hangs on them: cases, steps, payments."""
    tables.execute(
        """
        CREATE TEMP TABLE lost_visits AS
        SELECT mdtrt_id FROM lost WHERE mdtrt_id IS NOT NULL
        EXCEPT SELECT mdtrt_id FROM setl_d ANTI JOIN lost USING (setl_id)
        """
    )
    known = set(_tables(tables))
    for name, query in (
        ("lost_cases", "SELECT med_fee_reg_id FROM cent_manl_reim_reg_d SEMI JOIN lost_visits USING (mdtrt_id)"),
        ("lost_steps", "SELECT evtsn FROM cent_manl_reim_reg_evt_c SEMI JOIN lost_visits USING (mdtrt_id)"),
    ):
        there = {"lost_cases": "cent_manl_reim_reg_d", "lost_steps": "cent_manl_reim_reg_evt_c"}[name] in known
        tables.execute(f"CREATE TEMP TABLE {name} AS {query if there else 'SELECT NULL::VARCHAR AS none WHERE false'}")


def _without_lost(_: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> str | None:
    for column, lost, name in (
        ("setl_id", "lost", "setl_id"),
        ("mdtrt_id", "lost_visits", "mdtrt_id"),
        ("evt_inst_id", "lost_steps", "evtsn"),
        ("souc_sn", "lost_cases", "med_fee_reg_id"),
    ):
        if column in columns:
            return f'SELECT t.* FROM "{table}" AS t ANTI JOIN {lost} AS l ON l.{name} = t.{column}'
    return None


def _moved(_: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> str | None:
    visit = next((name for name in ("mdtrt_id", "mdtrt_sn") if name in columns), None)
    clocks = [name for name in CLOCKS if name in columns]
    if visit is None or not clocks:
        return None
    shift = f"to_seconds(cast(({_chance(visit)} * 2 - 1) * {NOISE_SECONDS} AS BIGINT))"
    moved = ", ".join(
        f"CASE WHEN length({name}) > 10 THEN coalesce(strftime(try_cast({name} AS TIMESTAMP) + {shift}, "
        f"'%Y-%m-%d %H:%M:%S'), {name}) ELSE {name} END AS {name}"
        for name in clocks
    )
    return f'SELECT * REPLACE ({moved}) FROM "{table}"'


def _without_books(_: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> str | None:
    if "resdbook_no" not in columns:
        return None
    known = f"CASE WHEN {_chance('resdbook_no')} >= {UNKNOWN_HOUSEHOLDS} THEN resdbook_no END"
    return f'SELECT * REPLACE ({known} AS resdbook_no) FROM "{table}"'


def _tables(tables: duckdb.DuckDBPyConnection) -> list[str]:
    return sorted(
        row[0] for row in tables.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    )


def _write(tables: duckdb.DuckDBPyConnection, folder: Path, out: Path, change: Change) -> None:
    """Write changed tables as Parquet and link the others as they are."""
    out.mkdir(parents=True)
    for table, files in files_of(folder).items():
        columns = [row[0] for row in tables.execute(f'DESCRIBE "{table}"').fetchall()]
        query = change(tables, table, columns)
        if query is None:
            for file in files:
                os.link(file, out / file.name)
        else:
            target = str(out / f"{table}.parquet").replace("'", "''")
            tables.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
