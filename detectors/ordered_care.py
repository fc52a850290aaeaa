"""What doctors ordered for outpatients, and on which days each doctor worked: what courses of treatment are read from."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import duckdb
import numpy as np
import pandas as pd

from detectors.communities import Ints
from detectors.groups import read_sql


@contextmanager
def ordered_care(tables: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The temporary table `ordered_care` of detectors/sql stands meanwhile: to make it reads every line of the city."""
    tables.execute(f"CREATE OR REPLACE TEMP TABLE ordered_care AS {read_sql('ordered_care')}")
    try:
        yield
    finally:
        tables.execute("DROP TABLE ordered_care")


def doctor_days(tables: duckdb.DuckDBPyConnection, uses: pd.DataFrame) -> dict[tuple[Hashable, ...], Ints]:
    """The days of each doctor at each site in `uses` (site_no, doctor_no), sorted, by (site, doctor)."""
    asked = uses[["site_no", "doctor_no"]].drop_duplicates()
    pairs = {"sites": asked["site_no"].tolist(), "doctors": asked["doctor_no"].tolist()}
    days = tables.execute(read_sql("care_days"), pairs).df()
    return {key: held["day"].to_numpy(np.int64) for key, held in days.groupby(["site_no", "doctor_no"])}
