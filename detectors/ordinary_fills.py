"""Purchases after visits that are as ordinary as everybody's and cost the same: an innocent cause (随诊购药无异常)."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from detectors.chance import log_tail_of_mixture
from detectors.fill_prices import price_above_peers, prices
from detectors.groups import read_sql, settlements_of
from graphaudit.findings import BenignCause, Text

CAUSE = "ordinary_fills"

#: Share of all visits at least as odd for the patient as what counts as an odd purchase.
ODD_P = 0.15
#: Share of the evidence that is explained where the purchases are no odder than others': a doctor may still send patients
#: to a friend's pharmacy, but nobody is given what somebody else needs, and nobody pays for it.
EXPLAINS = 0.8
#: … and what is left of that where the pharmacy sells dearer to these patients than others sell.
LEFT_BY_DEARNESS = 0.3
#: A doctor's patients are new to their medicines more often, or less, than others': a third of the rate either way
#: (variance = m + 0.1 m²).
SPREAD = 0.1
#: Nats by which odd purchases beat the others' rate: up to the first they are nothing unusual, from the second on nothing
#: is explained.
USUAL, STANDS_OUT = 3.0, 6.0
#: A price of so many times the other pharmacies' is told in the text of a price.
DEAR_RATIO = 1.5


def measured(
    tables: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[int]]
) -> dict[int, tuple[int, int, float, bool]]:
    """Per group of settlement numbers, by its place: purchases after visits, odd ones, nats, and whether they were dear.

    The nats are those by which odd purchases are more than at the rate of the city's other purchases after visits. Groups
    without such purchases are left out.
    """
    with settlements_of(tables, groups):
        rows = tables.execute(read_sql("ordinary_fills"), {"odd_p": ODD_P}).df()
    if rows.empty:
        return {}
    known = prices(tables, rows["purchase_no"].tolist())
    return {int(str(group)): _measured(of_group, known) for group, of_group in rows.groupby("group_no", sort=True)}


def _measured(rows: pd.DataFrame, known: pd.DataFrame) -> tuple[int, int, float, bool]:
    """One group's row, from its purchases and all purchases' prices."""
    purchases, odd = len(rows), int(rows["is_odd"].sum())
    all_purchases, all_odd = int(rows["all_purchases"].iloc[0]), int(rows["all_odd"].iloc[0])
    # one purchase more of each kind: few others make no certainty
    rate = (all_odd - odd + 1) / (all_purchases - purchases + 2)
    nats = -log_tail_of_mixture(odd, purchases * rate, SPREAD)
    is_dear = bool(price_above_peers(known, rows["purchase_no"].tolist(), DEAR_RATIO))
    return purchases, odd, float(nats), is_dear


def ordinary_fills(purchases: int, odd: int, nats: float, is_dear: bool) -> BenignCause:
    """The cause, from a group's row of `measured`."""
    usual = min(max((STANDS_OUT - nats) / (STANDS_OUT - USUAL), 0.0), 1.0)
    return BenignCause(
        CAUSE,
        round(EXPLAINS * usual * (LEFT_BY_DEARNESS if is_dear else 1.0), 4),
        Text(
            f"就诊后的{purchases}笔购药中{odd}笔对患者本人反常（超出其他随诊购药的比率{nats:.1f}奈特），"
            + ("价格高于其他药店" if is_dear else "价格与其他药店相当"),
            f"{odd} of the {purchases} purchases after visits are odd for the patient ({nats:.1f} nats beyond the rate of "
            + "others'), at "
            + ("dearer prices than" if is_dear else "the prices of")
            + " other pharmacies",
        ),
    )
