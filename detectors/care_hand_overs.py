"""Hand-overs by themselves: short courses of one thing that begin a step after another card's course has ended.

Where several patients are treated over one pool of cards, their merged days keep no rhythm (care_cells.py), and where few
take the thing at all there is nobody to hold them against (care_streams.py). What remains is that courses which have
nothing to do with each other follow each other at exactly the step that each card keeps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from detectors.care_relays import IN_A_ROW, RETURNS, ROW, SHORTER, chains, courses_of
from detectors.communities import Ints
from detectors.groups import read_sql
from detectors.ordered_care import doctor_days

#: Days by which a hand-over may miss the step.
NEAR = 1
#: Uses in a cell, and the share of steps within a person that keep the one before: care_hand_overs.sql leaves others out.
LEAST_USES, LEAST_FIT = 12, 0.6
#: A course of so many uses is a patient's own, however it begins: lent cards are used for a few weeks.
OWN = 12


def hand_overs(
    tables: duckdb.DuckDBPyConnection, *, least_persons: int, least_log_p: float
) -> Iterator[tuple[pd.DataFrame, float]]:
    """Yield (uses, log chance) of each group of cards on which one doctor's courses of one thing follow each other.

    Null model: courses begin on any of the days on which the doctor works at the site; those that begin a step after one
    has ended, a day more or less, are then a binomial number. The choice of the cell is paid for. As the next patient may
    take a place that has become free, the cards must come round again, or each be used far shorter than others need it.
    `ordered_care` must stand.
    """
    asked = {"least_persons": least_persons, "least_uses": LEAST_USES, "least_fit": LEAST_FIT}
    uses = tables.execute(read_sql("care_hand_overs"), asked).df()
    if uses.empty:
        return
    choices = math.log(uses["cells"].iloc[0])
    active = doctor_days(tables, uses)
    for key, cell in uses.groupby(["item_code", "site_no", "doctor_no"], sort=True):
        for persons, chance in _pools(cell, active[key[1:]]):
            if len(persons) >= least_persons and chance + choices <= -least_log_p:
                yield cell[cell["person_no"].isin(persons)], chance + choices


def _pools(cell: pd.DataFrame, active: Ints) -> Iterator[tuple[Ints, float]]:
    """The cards of a cell whose courses follow each other, and the log chance of so many hand-overs."""
    usual = float(cell["usual"].iloc[0])
    courses = courses_of(cell, usual)
    courses = courses[courses["uses"] < OWN].sort_values(["first", "last", "person_no"]).reset_index(drop=True)
    if len(courses) < IN_A_ROW + RETURNS:
        return
    first, last, person = (courses[name].to_numpy(np.int64) for name in ("first", "last", "person_no"))
    # each course has its own step; what was used once has the usual one
    own = np.where(courses["uses"] > 1, (last - first) / np.maximum(courses["uses"].to_numpy() - 1, 1), usual)
    due = last + np.rint(own).astype(np.int64)
    links = _links(first, due, person)
    # the last course of all has nobody to be followed by
    ends = due <= int(active[-1])
    within = np.searchsorted(active, due + NEAR, "right") - np.searchsorted(active, due - NEAR, "left")
    by_luck = 1.0 - np.exp(-len(courses) * within[ends] / max(len(active), 1))
    if not ends.any() or not links:
        return
    log_p = float(stats.binom.logsf(len(links) - 1, int(ends.sum()), float(by_luck.mean())))
    rows = [row for row in chains(len(courses), links) if len(row) >= ROW]
    held = sorted(course for row in rows for course in row)
    persons = np.unique(person[held])
    comes_round = len(held) - len(rows) >= len(persons) - 1 + RETURNS
    if rows and (comes_round or _cut_short(cell, courses.loc[held])):
        yield persons, max(log_p, -700.0)


def _cut_short(cell: pd.DataFrame, held: pd.DataFrame) -> bool:
    """Whether many cards have far shorter courses than the city's users of the thing."""
    own = float((held["last"] - held["first"]).median())
    known = int(cell["users"].iloc[0]) >= IN_A_ROW + held["person_no"].nunique()
    return known and held["person_no"].nunique() >= IN_A_ROW and float(cell["span"].iloc[0]) >= SHORTER * own > 0


def _links(first: Ints, due: Ints, person: Ints) -> list[tuple[int, int]]:
    """Index pairs: a course, and the free one of another person that begins nearest to when its next use was due."""
    free = np.ones(len(first), bool)
    links = []
    for ended in np.lexsort((person, due)).tolist():
        near = np.flatnonzero(free & (np.abs(first - due[ended]) <= NEAR) & (person != person[ended]))
        if len(near):
            best = int(near[np.argmin(np.abs(first[near] - due[ended]))])
            free[best] = False
            links.append((ended, best))
    return links
