"""Cases that passed the desks of an office as all cases do: an innocent cause of shared payees (经办人员无异常集中)."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
from scipy import stats

from detectors.groups import read_sql, settlements_of
from graphaudit.findings import BenignCause, Text

CAUSE = "passed_desks"

#: Share of the evidence that is explained where no handler took more of the cases than of the office's others: somebody
#: files for neighbours, or makes claims up, but nobody at the agency need have a hand in it.
EXPLAINS = 0.65
#: Nats by which one handler's part of the cases beats chance, the choice of the handler paid for: up to the first nothing
#: stands out, from the second on a desk does and nothing is explained.
USUAL, STANDS_OUT = 3.0, 6.0


def measured(tables: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[int]]) -> dict[int, tuple[int, float]]:
    """Per group of settlement numbers, by its place: its cases at an office, and the nats by which one desk stands out.

    Groups without cases whose handlers' office is known are left out.
    """
    with settlements_of(tables, groups):
        desks = tables.execute(read_sql("passed_desks")).df()
    if desks.empty:
        return {}
    tail = stats.binom.logsf(desks["taken"] - 1, desks["passed"], np.minimum(desks["share"], 1.0))
    desks["nats"] = np.maximum(-tail - np.log(desks["desks"]), 0.0)
    top = desks.groupby("group_no").agg(passed=("passed", "max"), nats=("nats", "max"))
    return {int(group): (int(passed), float(nats)) for group, passed, nats in top.itertuples()}


def passed_desks(cases: int, nats: float) -> BenignCause:
    """The cause, from a group's row of `measured`."""
    usual = min(max((STANDS_OUT - nats) / (STANDS_OUT - USUAL), 0.0), 1.0)
    return BenignCause(
        CAUSE,
        round(EXPLAINS * usual, 4),
        Text(
            f"{cases}件案件在各经办人之间的分布与本经办点其他案件相近（最集中者超出偶然{nats:.1f}奈特）",
            f"{cases} cases fell to the office's handlers as its other cases did (the most frequent one beats chance by "
            f"{nats:.1f} nats)",
        ),
    )
