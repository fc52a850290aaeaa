"""Relays: courses of one regular service that follow each other from card to card, as one patient's would.

Where a card is used for some weeks before the next one, each looks like an ordinary short course. What gives the group
away is the hand-over: a course ends, the next begins after exactly one step of the service's rhythm, on another
person's card, and the cards come round again; or so many follow each other though whoever needs the service needs it
for long.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from detectors.communities import Ints
from detectors.linked import linked

#: A pause of more than this many usual steps ends a course; a hand-over takes at most the second number of them.
PAUSE, STEP = 2.5, 1.6
#: Who is present for more than this share of the period is a patient of his own.
PRESENT = 0.5
#: Courses beyond the number of persons: a freed place that others take over does not come back to the first.
RETURNS = 2
#: Rows of so many courses that share as many persons as the second number are one patient's: holidays and sick leave
#: of a card's holder break a row, and the same cards go on after it. Their uses together keep the service's rhythm
#: then, but for the breaks: a fifth of the steps at most.
ROW, SHARED, KEPT = 3, 2, 0.8
#: Or so many persons in a row, each for a course this many times shorter than those of the service's other users.
IN_A_ROW, SHORTER = 5, 3.0


def relays(uses: pd.DataFrame, *, least_persons: int) -> Iterator[tuple[Ints, float]]:
    """Yield (persons, log chance) of each relay in `uses`: one service at one site, a row a person and day.

    Null model: the courses of part-time users begin on any day; hand-overs are then a binomial number.
    `uses` needs person_no, day and usual (days between uses).
    """
    rhythm = float(uses["usual"].iloc[0])
    low, high = int(uses["day"].min()), int(uses["day"].max())
    every = courses = courses_of(uses, rhythm)
    share = courses.groupby("person_no")["uses"].transform("sum") * rhythm / max(high - low, 1)
    courses = courses[share < PRESENT].sort_values(["first", "last", "person_no"]).reset_index(drop=True)
    if len(courses) < min(least_persons + RETURNS, IN_A_ROW):
        return
    links = _hand_overs(courses, rhythm)
    window = STEP * rhythm + 0.5
    by_luck = 1.0 - np.exp(-len(courses) * window / max(high - low, 1))
    log_p = float(stats.binom.logsf(len(links) - 1, len(courses), by_luck))
    for rows in _of_one_patient(uses, courses, chains(len(courses), links), rhythm):
        chain = sorted(course for row in rows for course in row)
        persons = np.unique(courses["person_no"].to_numpy()[chain])
        # a row has one hand-over less than courses
        comes_round = len(chain) - len(rows) >= len(persons) - 1 + RETURNS
        in_a_row = any(_cut_short(every, courses.loc[row]) for row in rows)
        if len(persons) >= least_persons and (comes_round or in_a_row):
            yield persons, log_p


def _of_one_patient(
    uses: pd.DataFrame, courses: pd.DataFrame, chains: list[list[int]], rhythm: float
) -> Iterator[list[list[int]]]:
    """`chains`, those that hold the same cards together where all their uses could be one patient's."""
    held = [(number, course) for number, chain in enumerate(chains) if len(chain) >= ROW for course in chain]
    rows = pd.DataFrame(held, columns=["chain", "course"], dtype="int64")
    rows = rows.assign(person_no=courses["person_no"].to_numpy()[rows["course"]])
    together = []
    for numbers in linked(rows, node="chain", by="person_no", least_shared=SHARED):
        persons = rows.loc[rows["chain"].isin(numbers), "person_no"]
        if len(numbers) > 1 and _keeps(uses.loc[uses["person_no"].isin(persons), "day"].to_numpy(np.int64), rhythm):
            together.append(numbers)
    taken = {number for numbers in together for number in numbers}
    yield from ([chains[number] for number in numbers] for numbers in together)
    yield from ([chain] for number, chain in enumerate(chains) if number not in taken)


def _keeps(days: Ints, rhythm: float) -> bool:
    """Whether nearly all steps between `days` are the service's own, a day more or less, and hardly two fall on one day."""
    distinct = np.unique(days)
    fitting = np.abs(np.diff(distinct) - rhythm) <= 1.0
    return len(distinct) >= KEPT * len(days) and bool(fitting.mean() >= KEPT)


def _cut_short(every: pd.DataFrame, chain: pd.DataFrame) -> bool:
    """Whether a chain of many persons has far shorter courses than the service's other users have."""
    others = every[~every["person_no"].isin(chain["person_no"])]
    if chain["person_no"].nunique() < IN_A_ROW or len(others) < IN_A_ROW:
        return False
    own, usual = (float((held["last"] - held["first"]).median()) for held in (chain, others))
    return usual >= SHORTER * own > 0


def courses_of(uses: pd.DataFrame, rhythm: float) -> pd.DataFrame:
    """Courses in `uses` (person_no, day): rows of person_no, first and last day and number of uses, parted by long pauses."""
    rows = uses[["person_no", "day"]].drop_duplicates().sort_values(["person_no", "day"])
    same = rows["person_no"].eq(rows["person_no"].shift())
    new = ~same | (rows["day"].diff() > PAUSE * rhythm + 1)
    courses = rows.groupby(["person_no", new.cumsum().rename("course")])["day"]
    return courses.agg(first="min", last="max", uses="size").reset_index()


def _hand_overs(courses: pd.DataFrame, rhythm: float) -> list[tuple[int, int]]:
    """Index pairs: a course that ends, and the first free one of another person that begins a step later."""
    first, last, person = (courses[name].to_numpy(np.int64) for name in ("first", "last", "person_no"))
    free = np.ones(len(courses), bool)
    links = []
    for ended in np.lexsort((person, last)).tolist():
        gap = first - last[ended]
        open_ = np.flatnonzero(free & (gap > 0) & (gap <= STEP * rhythm + 0.5) & (person != person[ended]))
        if len(open_):
            free[open_[0]] = False
            links.append((ended, int(open_[0])))
    return links


def chains(count: int, links: list[tuple[int, int]]) -> list[list[int]]:
    """The rows that `links` (from one of 0 … count−1 to the next) make, in the order of their first."""
    follows = dict(links)
    begun = set(range(count)) - set(follows.values())
    rows = []
    for start in sorted(begun):
        chain = [start]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        rows.append(chain)
    return rows
