"""That each person of a regular service has one course of the own, at even steps, while others have theirs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from detectors.care_relays import courses_of
from graphaudit.findings import BenignCause, Text

#: What courses of everybody's own explain at the most.
EXPLAINS = 0.9
#: Uses of a course at the least, and the share of its steps that keep its middle one, a day more or less.
LEAST_USES, EVEN = 6, 0.6


def own_courses(told: pd.DataFrame) -> BenignCause:
    """The innocent cause for uses of one service (person_no, day).

    One patient on many cards leaves courses that come round or follow each other; patients have one each, and theirs run
    side by side. What counts is the share of persons with one even course, as far as the courses overlap.
    """
    uses = told[["person_no", "day"]].drop_duplicates().sort_values(["person_no", "day"])
    # the step of persons, not of all dates together
    usual = float(uses.groupby("person_no")["day"].diff().median())
    courses = courses_of(told, usual if usual > 0 else 1.0)
    single = courses.groupby("person_no").filter(lambda own: len(own) == 1 and own["uses"].iloc[0] >= LEAST_USES)
    even = [person for person in single["person_no"] if _is_even(told.loc[told["person_no"] == person, "day"])]
    persons = told["person_no"].nunique()
    spans = courses[courses["person_no"].isin(even)].sort_values("first")
    total = float((spans["last"] - spans["first"] + 1).sum())
    covered = len(
        {day for first, last in zip(spans["first"], spans["last"], strict=True) for day in range(first, last + 1)}
    )
    side_by_side = min(1.0, 2 * (1 - covered / total)) if total else 0.0
    return BenignCause(
        "own_steps",
        EXPLAINS * len(even) / persons * side_by_side,
        Text(
            f"{persons}人中{len(even)}人各有一个间隔均匀的完整疗程，且彼此同时进行",
            f"{len(even)} of {persons} persons have one course of evenly spaced dates each, side by side",
        ),
    )


def _is_even(dates: pd.Series[int]) -> bool:
    steps = np.diff(np.unique(dates.to_numpy(np.int64)))
    return bool((np.abs(steps - np.median(steps)) <= 1).mean() >= EVEN)
