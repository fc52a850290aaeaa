"""Nodes that belong together because they share persons: some in number, or a share of the fewer."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse


def linked(rows: pd.DataFrame, *, node: str, by: str, least_shared: int) -> list[list[int]]:
    """Components of the values of column `node` that share at least `least_shared` values of column `by`.

    Each component ascending, in the order of its first node; a node that shares nothing stands alone.
    """
    pairs = rows[[node, by]].drop_duplicates()
    if pairs.empty:
        return []
    nodes, at = np.unique(pairs[node].to_numpy(), return_inverse=True)
    _, column = np.unique(pairs[by].to_numpy(), return_inverse=True)
    held = sparse.csr_array((np.ones(len(pairs)), (at, column)), shape=(len(nodes), column.max() + 1))
    shared = sparse.csr_array(held @ held.T)
    shared.data[shared.data < least_shared] = 0
    shared.eliminate_zeros()
    count, labels = sparse.csgraph.connected_components(shared, directed=False)
    components: list[list[int]] = [nodes[labels == label].tolist() for label in range(count)]
    return sorted(components, key=lambda members: members[0])


def joined(rows: pd.DataFrame, *, node: str, by: str, least_shared: int, least_share: float) -> list[list[int]]:
    """Sets of the values of column `node` that share more than `least_share` of the smaller one's values of column `by`.

    The two sets that share the largest part of the smaller one are joined first, and what a set has in common with the
    next is asked of the whole of it: a busy node does not chain together those who have but it in common, nor does a
    node of two or three persons that lies between two large sets. `least_share` in (0, 1]. Each set ascending, in the
    order of its first node; a node that shares too little stands alone.
    """
    held: dict[int, set[int]] = {}
    for number, shared_by in rows[[node, by]].drop_duplicates().itertuples(index=False):
        held.setdefault(int(number), set()).add(int(shared_by))
    sets = {number: [number] for number in held}
    shares: dict[tuple[int, int], tuple[float, int]] = {}

    def compare(a: int, b: int) -> None:
        shared = len(held[a] & held[b])
        share = shared / min(len(held[a]), len(held[b]))
        if shared >= least_shared and share > least_share:
            shares[min(a, b), max(a, b)] = (share, shared)

    numbers = sorted(held)
    for place, a in enumerate(numbers):
        for b in numbers[place + 1 :]:
            compare(a, b)
    while shares:
        a, b = min(shares, key=lambda pair: (-shares[pair][0], -shares[pair][1], pair))
        held[a] |= held.pop(b)
        sets[a] = sorted(sets[a] + sets.pop(b))
        shares = {pair: share for pair, share in shares.items() if not {a, b} & set(pair)}
        for other in sets:
            if other != a:
                compare(a, other)
    return sorted(sets.values(), key=lambda members: members[0])
