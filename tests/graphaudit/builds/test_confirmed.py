"""Confirmed leads are known in a build by the persons that it has."""

from __future__ import annotations

import duckdb
import pytest

from graphaudit.builds.confirmed import numbered_cases
from graphaudit.builds.view import ConfirmedCase
from graphaudit.records import TABLES


@pytest.fixture
def tables():
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(table.ddl)
    connection.execute("INSERT INTO persons (person_no, person_id) SELECT n, 'P-' || n FROM range(5) AS r (n)")
    return connection


def test_cases_are_numbered_and_sorted(tables):
    cases = {
        "L-2": frozenset({("person", "P-4"), ("person", "P-1"), ("institution", "P-2")}),
        "L-1": frozenset({("person", "P-3"), ("person", "gone")}),
    }
    assert numbered_cases(tables, cases) == (ConfirmedCase("L-1", (3,)), ConfirmedCase("L-2", (1, 4)))


def test_cases_of_strangers_are_left_out(tables):
    assert (
        numbered_cases(tables, {"L-1": frozenset({("person", "gone")}), "L-2": frozenset({("pharmacy", "P-1")})}) == ()
    )
