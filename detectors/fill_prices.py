"""What purchases cost against the same drugs at the other pharmacies of the city in the same month."""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from detectors.chance import log_tail
from detectors.groups import read_sql
from graphaudit.findings import Signal, Text

#: So much of the peers' sales is dearer than what counts as dear, by its definition.
DEAR_SHARE = 0.05
#: Nats by which dear purchases beat that share and the pharmacies' other customers: nothing is said of less.
LEAST_LOG_P = 5.0


def prices(tables: duckdb.DuckDBPyConnection, purchases: Sequence[int]) -> pd.DataFrame:
    """Per purchase that can be compared, by number: ratio to the peers' median, is_dear, others, others_dear."""
    tables.execute("CREATE OR REPLACE TEMP TABLE told_purchases (purchase_no INTEGER)")
    tables.execute(
        "INSERT INTO told_purchases SELECT DISTINCT unnest($numbers)", {"numbers": sorted(set(purchases)) or [-1]}
    )
    found = tables.execute(read_sql("fill_prices")).df()
    tables.execute("DROP TABLE told_purchases")
    return found


def price_above_peers(known: pd.DataFrame, purchases: Sequence[int], ratio: float) -> tuple[Signal, ...]:
    """The signal of the same name where more of `purchases` are dear than among all peers and all other customers there.

    `known` comes from `prices`; purchases at more than `ratio` times the peers' median are counted in the text.
    """
    held = known[known["purchase_no"].isin(purchases)]
    n, dear = len(held), int(held["is_dear"].sum())
    # a shop that is dear to everybody has its price for everybody
    usual = (held["others_dear"] + DEAR_SHARE) / (held["others"] + 1)
    expected = float(np.maximum(usual, DEAR_SHARE).sum())
    if not n or dear <= expected or float(log_tail(dear, expected)) > -LEAST_LOG_P:
        return ()
    middle, far = float(held["ratio"].median()), int((held["ratio"] > ratio).sum())
    return (
        Signal(
            "price_above_peers",
            math.log1p(dear) * dear / n,
            1.5,
            Text(
                f"可比的{n}笔购药中{dear}笔高于同月其他药店同一药品95%的售价（按他人比率预期{expected:.1f}笔），"
                f"中位数为其他药店中位价的{middle:.2f}倍，{far}笔超过{ratio:g}倍",
                f"{dear} of {n} comparable purchases cost more than 95% of the other pharmacies' sales of the same drug in the "
                f"month ({expected:.1f} expected at everybody else's rate); the middle one {middle:.2f} times their median, "
                f"{far} above {ratio:g} times",
            ),
        ),
    )
