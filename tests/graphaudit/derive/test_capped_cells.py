"""A crowded cell is named and scanned by the minute; nothing is cut in silence, and memory stays bounded."""

from __future__ import annotations

import duckdb
import pytest

from graphaudit.builds.manifest import Manifest
from graphaudit.builds.report import build_report, crowded_windows, readable_report
from graphaudit.derive.run import pairs_among, read_sql

CROWD = 5000


@pytest.fixture
def busy() -> duckdb.DuckDBPyConnection:
    """Five thousand persons in one hour of a site on each of four days, two of them always in the same minute.

    The limit on memory is far below what joining each with each (50 million pairs) would take.
    """
    connection = duckdb.connect(config={"memory_limit": "250MB", "threads": 1, "temp_directory": ""})
    connection.execute(
        """CREATE TABLE settlements AS SELECT
            p::INTEGER AS person_no, 0 AS site_no, d::INTEGER AS day,
            CASE WHEN p < 2 THEN 600 + d ELSE 600 + hash(p, d) % 60 END::INTEGER AS minute,
            true AS is_event, false AS is_manual, 'outpatient' AS kind
        FROM range($crowd) AS r(p), (VALUES (3), (17), (29), (58)) AS w(d)""",
        {"crowd": CROWD},
    )
    connection.execute(
        "CREATE TABLE persons AS SELECT DISTINCT person_no, 1 AS household_no FROM settlements WHERE false"
    )
    connection.execute("INSERT INTO persons SELECT DISTINCT person_no, NULL FROM settlements")
    connection.execute("ALTER TABLE persons ADD COLUMN probable_household_no INTEGER")
    connection.execute(f"CREATE TABLE site_windows AS {read_sql('site_windows')}")
    return connection


def test_a_crowded_window_is_scanned_by_the_minute_within_little_memory(busy):
    assert busy.execute("SELECT window_minutes FROM site_windows").fetchone() == (15,)
    for name in ("co_events", "crowded_cells", "co_visits"):
        busy.execute(f"CREATE TABLE {name} AS {read_sql(name)}")
    crowded = busy.execute("SELECT day, persons, left_out FROM crowded_cells ORDER BY ALL").fetchall()
    pairs = busy.execute(
        f"SELECT person_a, person_b, days FROM ({read_sql('pair_days')}) WHERE days = 4",
        {"shard": 0, "shards": 1},
    ).fetchall()
    assert {day for day, _, _ in crowded} == {3, 17, 29, 58}
    assert sum(persons for _, persons, _ in crowded) == 4 * CROWD
    assert not any(left_out for _, _, left_out in crowded)
    assert (0, 1, 4) in pairs


def test_a_crowd_without_a_clock_or_in_one_minute_is_left_out_and_counted(busy):
    busy.execute("UPDATE settlements SET minute = NULL WHERE day = 3")
    busy.execute("UPDATE settlements SET minute = 600 WHERE day = 17")
    busy.execute(f"CREATE OR REPLACE TABLE site_windows AS {read_sql('site_windows')}")
    with pairs_among(busy, read_sql("co_events")):
        crowded = busy.execute("SELECT day, persons, left_out FROM crowded_cells ORDER BY ALL").fetchall()
    assert crowded == [(3, CROWD, CROWD), (17, CROWD, CROWD), (29, CROWD, 0), (58, CROWD, 0)]


def test_the_derivation_keeps_the_capped_cells(city):
    connection = city([{"person_no": n, "minute": None, "has_clock": False} for n in range(401)])
    assert connection.execute("SELECT site_no, persons, left_out FROM capped_cells").fetchall() == [(0, 401, 401)]
    assert connection.execute("SELECT count(*) FROM co_present").fetchone() == (0,)


def test_the_build_report_names_them(whole_city, tmp_path):
    connection = whole_city([{"person_no": n, "minute": None, "has_clock": False} for n in range(401)])
    (tmp_path / "tables").mkdir()
    connection.execute(f"COPY sites TO '{tmp_path}/tables/sites.parquet'")
    report = build_report(Manifest("B-1", "now", "folder", "f", "c", {}), None, [], capped=crowded_windows(tmp_path))
    assert report["capped"] == [{"site": "H0", "day": "2026-01-05", "from": "00:00", "persons": 401, "left_out": 401}]
    assert "H0 on 2026-01-05 from 00:00: 401 persons, 401 left out" in readable_report(report, "")
