"""First groups for a mixture: communities of persons whose events met at one site about a day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from detectors.communities import Ints, PairGraph, consensus, truss
from detectors.likeness import disjoint
from detectors.mixture import WINDOW

#: γ of the constant Potts model for the first groups, in the order in which they are taken.
RESOLUTIONS = (0.3, 0.2, 0.1)
#: More persons at one site about one day are a campaign or a fault of the feed, and make no pairs.
MOST_AT_ONCE = 60


def first_groups(events: pd.DataFrame, units: Ints, least_units: int, seed: int) -> list[Ints]:
    """Disjoint first groups of at least `least_units` persons: communities of those who bought at one site about a day."""
    at_once = events.groupby(["site", "day"])["person"].transform("nunique")
    events = events.loc[at_once <= MOST_AT_ONCE, ["person", "site", "day"]]
    pairs = []
    for shift in range(WINDOW + 1):
        met = events.merge(events.assign(day=events["day"] - shift), on=["site", "day"], suffixes=("_a", "_b"))
        met = met[met["person_a"] != met["person_b"]]
        one, other = (met[f"person_{end}"].to_numpy(np.int64) for end in ("a", "b"))
        pairs.append(
            pd.DataFrame({"low": np.minimum(one, other), "high": np.maximum(one, other), "day": met["day"].to_numpy()})
        )
    met = pd.concat(pairs)
    met = met[units[met["low"].to_numpy()] != units[met["high"].to_numpy()]]
    counted = met.groupby(["low", "high"])["day"].nunique().reset_index()
    graph = truss(PairGraph.of(counted["low"], counted["high"], counted["day"]), 1)
    # the finest first: what belongs together is united later, what does not can no longer be parted
    found = [
        group
        for resolution in RESOLUTIONS
        for group in consensus(graph, resolutions=(resolution,), seeds=tuple(seed + i for i in range(3)))
    ]
    return disjoint(found, least_units)
