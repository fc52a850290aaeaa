"""That everybody comes at even steps of the own: in one course each, side by side, or on whatever dates a desk sees."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from detectors.care_relays import courses_of
from graphaudit.findings import BenignCause, Text

CAUSE = "own_steps"

#: What even steps of everybody's own explain at the most: courses and refills are settled in a row, as gathered cards are.
EXPLAINS = 0.9
#: Dates of one person at the least, for steps between them to be even or not.
LEAST_DATES = 4
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
        CAUSE,
        EXPLAINS * len(even) / persons * side_by_side,
        Text(
            f"{persons}人中{len(even)}人各有一个间隔均匀的完整疗程，且彼此同时进行",
            f"{len(even)} of {persons} persons have one course of evenly spaced dates each, side by side",
        ),
    )


def own_steps(held: pd.DataFrame) -> BenignCause:
    """The innocent cause for visits (person_no, day): as far as more steps are even than random dates would make."""
    even = expected = steps = 0.0
    for _, dates in held.groupby("person_no")["day"]:
        days = np.unique(dates.to_numpy(np.int64))
        if len(days) < LEAST_DATES:
            continue
        gaps = np.diff(days)
        usual = float(np.median(gaps))
        near = max(1.0, 0.1 * usual)
        even += float((np.abs(gaps - usual) <= near).sum())
        # steps between random dates fall off evenly from day to day; the middle one is near itself
        rest = 1 - 1 / max(float(gaps.mean()), 1.0)
        first, last = math.ceil(usual - near), math.floor(usual + near)
        expected += min(1 + (len(gaps) - 1) * (rest ** (max(first, 1) - 1) - rest**last), len(gaps))
        steps += len(gaps)
    share = max(0.0, (even - expected) / max(steps - expected, 0.05 * steps)) if steps else 0.0
    return BenignCause(
        CAUSE,
        EXPLAINS * min(share, 1.0),
        Text(
            f"各人两次之间的间隔大多相等（{even / max(steps, 1):.0%}，随机日期应为{expected / max(steps, 1):.0%}）",
            f"each member's own dates are evenly spaced ({even / max(steps, 1):.0%} of the steps; random dates: "
            f"{expected / max(steps, 1):.0%})",
        ),
    )


def _is_even(dates: pd.Series[int]) -> bool:
    steps = np.diff(np.unique(dates.to_numpy(np.int64)))
    return bool((np.abs(steps - np.median(steps)) <= 1).mean() >= EVEN)
