"""Meetings of a day count once, however many visits the two persons have on it."""

from __future__ import annotations

import duckdb
import pytest

from graphaudit.derive.run import read_sql

_BY_DEFINITION = """
SELECT person_a, person_b, count(DISTINCT day) AS days
FROM (
    SELECT a.person_no AS person_a, b.person_no AS person_b, a.day
    FROM co_visits AS a JOIN co_visits AS b
        ON b.site_no = a.site_no AND b.day = a.day AND a.person_no < b.person_no
       AND abs(b.minute - a.minute) <= a.window_minutes
)
GROUP BY person_a, person_b HAVING count(DISTINCT day) >= 2 ORDER BY ALL
"""


@pytest.fixture
def crowded() -> duckdb.DuckDBPyConnection:
    """Sixty persons at two quiet sites and a busy one, many of them several times a day."""
    connection = duckdb.connect()
    connection.execute(
        """CREATE TABLE settlements AS SELECT
            (hash(i) % 60)::INTEGER AS person_no, (hash(i, 1) % 3)::INTEGER AS site_no,
            (hash(i, 2) % 12)::INTEGER AS day, (hash(i, 3) % 1440)::INTEGER AS minute,
            true AS is_event, false AS is_manual, 'outpatient' AS kind
        FROM range(1500) AS r(i)"""
    )
    connection.execute(
        """CREATE TABLE site_windows AS
        SELECT * FROM (VALUES (0, 1440), (1, 1440), (2, 40)) AS w(site_no, window_minutes)"""
    )
    for name in ("co_events", "crowded_cells", "co_visits"):
        connection.execute(f"CREATE TABLE {name} AS {read_sql(name)}")
    return connection


@pytest.mark.parametrize("shards", [1, 4])
def test_the_meetings_of_a_day_count_once(crowded: duckdb.DuckDBPyConnection, shards: int) -> None:
    expected = crowded.execute(_BY_DEFINITION).fetchall()
    crowds = crowded.execute(
        "SELECT count(*) FILTER (only_one), count(*) FILTER (NOT only_one) FROM co_visits"
    ).fetchone()

    pairs = [
        pair
        for shard in range(shards)
        for pair in crowded.execute(read_sql("pair_days"), {"shard": shard, "shards": shards}).fetchall()
    ]

    assert crowds is not None
    assert min(crowds) > 100
    assert len(expected) > 500
    assert sorted(pairs) == expected
