"""Purchases of medicines that tell of a group: who takes what, where a person goes anyway, numbered for a mixture."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from detectors.communities import Ints
from detectors.groups import read_sql
from detectors.mixture import Events, Goods, Mixture
from graphaudit.findings import Signal, Text

#: The temporary tables of `keep_medicines`; later ones read earlier ones.
_MEDICINES = ("medicines_used", "medicines_by_person", "medicines_regular", "medicines_sampled")


def numbered(bought: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """`bought` with `person`, `site`, `good` and `day` counting from 0, and the person_no of each person."""
    numbers, person = np.unique(bought["person_no"].to_numpy(np.int64), return_inverse=True)
    _, site = np.unique(bought["site_no"].to_numpy(), return_inverse=True)
    _, good = np.unique(bought["item_code"].to_numpy(str), return_inverse=True)
    day = bought["day"].to_numpy(np.int64)
    return bought.assign(person=person, site=site, good=good, day=day - day.min()), numbers


def keep_medicines(tables: duckdb.DuckDBPyConnection) -> None:
    """Who takes which medicines, how regularly: the temporary tables medicines_… of detectors/sql stand from now on.

    Several detectors read them, so they are made once a connection. Medicines and diseases go by number in them (ENUM),
    which keeps some 40 bytes a purchased medicine and compares far faster than text.
    """
    for name in ("medicine", "disease"):
        # names come from these tuples, never from input
        tables.execute(f"CREATE TYPE IF NOT EXISTS {name} AS ENUM ({read_sql(f'medicines_{name}_codes')})")
    for name in _MEDICINES:
        tables.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS {read_sql(name)}")


def with_habits(
    tables: duckdb.DuckDBPyConnection, name: str, params: Mapping[str, Any] = MappingProxyType({})
) -> pd.DataFrame:
    """The purchases that the query `name` of detectors/sql gives, with `own`, in the order of their columns.

    Its columns begin with person_no, settlement_no, site_no, day; `own` in [0, 1] is the share of the site in the
    person's other visits.
    """
    tables.execute(f"CREATE OR REPLACE TEMP TABLE bought AS {read_sql(name)}", dict(params))
    try:
        return tables.execute(read_sql("purchases_with_habits")).df()
    finally:
        tables.execute("DROP TABLE bought")


def mixture_of(rows: pd.DataFrame) -> Mixture:
    """The mixture that tells groups apart by where, when and what was bought; `rows` as `numbered` gives them, with `own`."""
    events = rows.drop_duplicates(["person", "site", "day"])
    goods = rows.drop_duplicates(["person", "good"])
    return Mixture(
        Events(*(events[name].to_numpy() for name in ("person", "site", "day", "own"))),
        Goods(goods["person"].to_numpy(), goods["good"].to_numpy()),
    )


def resale_prone(held: pd.DataFrame) -> tuple[Signal, ...]:
    """The share of a group's medicines, each person's once, on the list of those often resold; nothing when none is."""
    prone = float(held.drop_duplicates(["person", "good"])["resale_prone"].mean())
    if prone <= 0:
        return ()
    text = Text(f"其中{prone:.0%}在易倒卖药品清单上", f"{prone:.0%} of them on the list of drugs that are often resold")
    return (Signal("resale_prone", prone, 0.5, text),)
