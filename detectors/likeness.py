"""First groups for a mixture: persons whose purchases are alike in what was bought, where, and when."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import sparse

from detectors.communities import Floats, Ints, PairGraph, consensus, truss

#: γ of the constant Potts model, as a share of the weakest link, in the order in which groups are taken.
RESOLUTIONS = (0.3, 0.15)
#: A site that has more than this of a person's other visits is where that person goes anyway.
OWN_SITE = 0.2
#: What more persons than this have in common says next to nothing about two of them, and would cost their square.
MOST_HOLDERS = 300


def alike(rows: pd.DataFrame, units: Ints, least_units: int, seed: int) -> list[Ints]:
    """Disjoint first groups of at least `least_units` persons who are alike.

    `rows` are purchases with `person`, `site`, `good` and `day` (all from 0) and `own`; `units` are the households by
    person. What two persons share is worth -ln of its share among all persons here: goods, sites that neither goes to
    anyway, and the same site within two days. What so many goods and sites of both could share by luck is taken off. A
    link is worth ln of the number of persons at least: by luck everybody has about one.
    """
    persons = len(units)
    strange = rows[rows["own"] <= OWN_SITE]
    goods, sites = _held(rows, "good", persons), _held(strange, "site", persons)
    meetings = None
    for shift in (0, 1):
        pairs_of_days = rows.assign(cell=rows["site"] * (rows["day"].max() + 2) + (rows["day"] + shift) // 2)
        met = _shared(_held(pairs_of_days, "cell", persons))
        meetings = met if meetings is None else meetings.maximum(met)
    worth = sparse.triu(_shared(goods) + _shared(sites) + meetings, k=1).tocoo()
    a, b = worth.row.astype(np.int64), worth.col.astype(np.int64)
    chances = [np.log(np.maximum(np.asarray(held.sum(axis=1)).ravel(), 1.0)) for held in (goods, sites)]
    value = worth.data - sum(choice[a] + choice[b] for choice in chances)
    kept = (units[a] != units[b]) & (value >= math.log(max(persons, 2)))
    if not kept.any():
        return []
    weakest = float(value[kept].min())
    graph = truss(PairGraph.of(a[kept], b[kept], value[kept]), 1)
    found = [
        group
        for resolution in RESOLUTIONS
        for group in consensus(graph, resolutions=(resolution * weakest,), seeds=tuple(seed + i for i in range(3)))
    ]
    return disjoint(found, least_units)


def disjoint(found: list[Ints], least_units: int) -> list[Ints]:
    """The groups with those left out who are in an earlier one, as long as `least_units` persons remain."""
    taken: set[int] = set()
    kept = []
    for group in found:
        left = [person for person in group.tolist() if person not in taken]
        if len(left) >= least_units:
            kept.append(np.array(left, np.int64))
            taken.update(left)
    return kept


def _held(rows: pd.DataFrame, name: str, persons: int) -> sparse.csr_matrix:
    """Persons × what they hold, each once; columns held by one or by too many are left out."""
    once = rows[["person", name]].drop_duplicates().sort_values(["person", name])
    holders = once.groupby(name)["person"].transform("size")
    once = once[(holders >= 2) & (holders <= MOST_HOLDERS)]
    _, column = np.unique(once[name].to_numpy(np.int64), return_inverse=True)
    width = int(column.max()) + 1 if len(column) else 1
    return sparse.csr_matrix((np.ones(len(once)), (once["person"].to_numpy(), column)), shape=(persons, width))


def _shared(held: sparse.csr_matrix) -> sparse.csr_matrix:
    """Persons × persons: the sum of -ln of the share of all persons over what the two hold both."""
    share: Floats = np.asarray(held.sum(axis=0)).ravel() / held.shape[0]
    return sparse.csr_matrix((held @ sparse.diags(-np.log(np.maximum(share, 1e-12)))) @ held.T)
