"""Rhythm by itself: one doctor's orders of one thing, over several cards, at the steps of a single patient.

Where a service is regular for many, a group is held against them (care_streams.py). Physiotherapy, injections and wound
care are regular for a few only; there the merged days speak for themselves: strangers do not keep a step together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from detectors.care_relays import relays
from detectors.chance import log_choose
from detectors.communities import Ints
from detectors.groups import read_sql
from detectors.ordered_care import doctor_days

#: Days by which a step may miss the usual one, and the same as a share of it.
NEAR_DAYS, NEAR_SHARE = 1.0, 0.2
#: Fewer uses have no rhythm, and with fewer steps of the usual length it is none: care_cells.sql leaves them out.
LEAST_USES, LEAST_FIT = 12, 0.6


def rhythms(
    tables: duckdb.DuckDBPyConnection, *, least_persons: int, least_log_p: float
) -> Iterator[tuple[pd.DataFrame, float]]:
    """Yield (uses, log chance) of each group of persons who together keep one step at one doctor's.

    Null model: the uses fall on any of the doctor's days at the site, independently; the choice of the cell is paid for.
    The cards must change hands as care_relays asks, so that one patient and a few passers-by are no group. `ordered_care`
    must stand.
    """
    asked = {"least_persons": least_persons, "least_uses": LEAST_USES, "least_fit": LEAST_FIT}
    uses = tables.execute(read_sql("care_cells"), asked).df()
    if uses.empty:
        return
    choices = math.log(uses["cells"].iloc[0])
    active = doctor_days(tables, uses)
    for key, cell in uses.groupby(["item_code", "site_no", "doctor_no"], sort=True):
        usual = float(cell["usual"].iloc[0])
        for persons, _ in relays(cell, least_persons=least_persons):
            told = cell[cell["person_no"].isin(persons)]
            log_p = steps_by_luck(np.unique(told["day"].to_numpy(np.int64)), active[key[1:]], usual) + choices
            if log_p <= -least_log_p:
                yield told, log_p


def steps_by_luck(days: Ints, active: Ints, usual: float) -> float:
    """Log chance that so many steps between `days` (sorted) are near `usual`, were they drawn from the days `active`."""
    near = max(NEAR_DAYS, NEAR_SHARE * usual)
    steps = np.diff(days)
    fitting = int((np.abs(steps - usual) <= near).sum())
    if not fitting:
        return 0.0
    share = _fitting_share(active, len(days), usual, near)
    return max(float(stats.binom.logsf(fitting - 1, len(steps), share)), -700.0)


def _fitting_share(active: Ints, drawn: int, usual: float, near: float) -> float:
    """The share of fitting steps to expect when `drawn` of the days `active` are taken without regard to each other."""
    n = len(active)
    expected = 0.0
    # two days that lie k apart in the list follow each other when none of the k - 1 between them is drawn
    for k in range(1, n - drawn + 2):
        apart = active[k:] - active[:-k]
        if int(apart.min()) > usual + near:
            break
        follow = math.exp(log_choose(n - k - 1, drawn - 2) - log_choose(n, drawn))
        expected += float((np.abs(apart - usual) <= near).sum()) * follow
    return min(expected / (drawn - 1), 1.0)
