"""Nodes that belong together because they share persons."""

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
