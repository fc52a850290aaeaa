"""Parquet files as DuckDB views, and what their columns mean together."""

from __future__ import annotations

from pathlib import Path

import duckdb


def add_view(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Register the Parquet file at `path` as view `name`; the name comes from a declaration, never from input."""
    quoted = str(path).replace("'", "''")
    connection.execute(f"""CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM read_parquet('{quoted}')""")


def add_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Define unit_of and km_between.

    unit_of is the number of a person's household, known or probable, which counts once; who has neither is a unit
    alone, and numbers of the three kinds never meet. km_between is the equirectangular distance of two places in
    kilometres, exact enough within a city; NULL when a coordinate is.
    """
    connection.execute(
        """
        CREATE OR REPLACE MACRO unit_of(household_no, probable_household_no, person_no) AS CASE
            WHEN household_no IS NOT NULL THEN CAST(household_no AS BIGINT) * 3
            WHEN probable_household_no IS NOT NULL THEN CAST(probable_household_no AS BIGINT) * 3 + 1
            ELSE CAST(person_no AS BIGINT) * 3 + 2
        END
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE MACRO km_between(latitude, longitude, other_latitude, other_longitude) AS 111.2 * sqrt(
            pow(latitude - other_latitude, 2)
            + pow((longitude - other_longitude) * cos(radians((latitude + other_latitude) / 2)), 2)
        )
        """
    )
