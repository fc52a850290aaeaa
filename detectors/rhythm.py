"""Uses of a regular service by several persons, told apart into the streams of single patients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from detectors.communities import Ints

#: What two uses closer than one patient could bear say against one stream, where a fitting step says 1 for it: strangers
#: on one timetable have two such steps for every meeting.
AGAINST = 2.0


def streams(told: pd.DataFrame, usual: float) -> list[list[int]]:
    """The persons in `told` (person_no, day), parted so that each part could be one patient's `usual` rhythm (days).

    One patient is never treated twice a day, nor sooner than a day short of the rhythm: such meetings part two persons, a
    step of the rhythm from one's use to the other's joins them. Parts grow together as long as more joins than parts.
    """
    uses = told[["person_no", "day"]].drop_duplicates().sort_values(["person_no", "day"])
    persons, at = np.unique(uses["person_no"].to_numpy(np.int64), return_inverse=True)
    days = uses["day"].to_numpy(np.int64)
    apart = np.abs(days[:, None] - days[None, :])
    said = np.where((apart >= usual - 1) & (apart <= usual + 1), 1.0, 0.0) - AGAINST * (apart < usual - 1)
    weight = np.zeros((len(persons), len(persons)))
    np.add.at(weight, (at[:, None], at[None, :]), said)
    np.fill_diagonal(weight, -np.inf)
    return [persons[part].tolist() for part in _grown(weight)]


def _grown(weight: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[Ints]:
    """Parts of 0 … n−1, the two with most between them made one until nothing positive is left; in order of their first."""
    parts: list[list[int]] = [[i] for i in range(len(weight))]
    between = weight.copy()
    while len(parts) > 1:
        a, b = sorted(divmod(int(np.argmax(between)), len(parts)))
        if between[a, b] <= 0:
            break
        between[a] += between[b]
        between[:, a] = between[a]
        between[a, a] = -np.inf
        between = np.delete(np.delete(between, b, axis=0), b, axis=1)
        parts[a] += parts.pop(b)
    return [np.sort(np.asarray(part, np.int64)) for part in parts]
