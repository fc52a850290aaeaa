"""FRAUDAR (Hooi et al., KDD 2016): the densest block of persons × visits, columns weighted against hubs, repeated.

Our own implementation. Rows are persons, columns are days of a site, an edge is a visit. An edge into a column of
degree d is worth 1 / log(d + 5), so that a crowd at a busy clinic counts less; the block is the set of rows and
columns with the highest worth per node. Removing the node that is worth least, again and again, passes through a
block at least half as dense as the densest. Its edges are then taken out, and the search is repeated.
"""

from __future__ import annotations

import heapq
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from tests.benchmarks.simple_leads import Group, ranked
from tests.benchmarks.source_tables import source_tables

BLOCKS = 12
PERSONS = 3
DAMPING = 5

Ints = npt.NDArray[np.int64]

VISITS = """
SELECT DISTINCT dense_rank() OVER (ORDER BY psn_no) - 1 AS person,
    dense_rank() OVER (ORDER BY site, settled_at::DATE) - 1 AS place, psn_no
FROM settled ORDER BY person, place
"""


def leads(folder: Path) -> list[dict[str, Any]]:
    """The persons of each block, in the order in which the blocks are found."""
    with source_tables(folder) as tables:
        columns = tables.execute(VISITS).fetchnumpy()
    names = dict(zip(columns["person"].tolist(), columns["psn_no"].tolist(), strict=True))
    found = dense_blocks(columns["person"], columns["place"], blocks=BLOCKS)
    return ranked(Group.of_persons("hoarded_cards", (names[row] for row in rows.tolist())) for rows, _ in found)


def dense_blocks(rows: npt.ArrayLike, columns: npt.ArrayLike, *, blocks: int) -> list[tuple[Ints, Ints]]:
    """Up to `blocks` blocks as (rows, columns), each sorted; those of fewer than three rows are passed over.

    `rows` and `columns` number the ends of each edge from 0; an edge given twice counts once.
    """
    row, column = np.asarray(rows, np.int64), np.asarray(columns, np.int64)
    edges = np.unique(np.stack([row, column], axis=1), axis=0) if len(row) else np.zeros((0, 2), np.int64)
    found = []
    for _ in range(blocks):
        if not len(edges):
            break
        inside_rows, inside_columns = densest(edges)
        taken = np.isin(edges[:, 0], inside_rows) & np.isin(edges[:, 1], inside_columns)
        edges = edges[~taken]
        if len(inside_rows) >= PERSONS:
            found.append((inside_rows, inside_columns))
    return found


def densest(edges: Ints) -> tuple[Ints, Ints]:
    """The block that greedy removal passes through with the highest worth per node; ties go to the larger block."""
    row_names, row = np.unique(edges[:, 0], return_inverse=True)
    column_names, column = np.unique(edges[:, 1], return_inverse=True)
    size = len(row_names) + len(column_names)
    worth = 1.0 / np.log(np.bincount(column)[column] + DAMPING)
    half = sparse.coo_array((worth, (row, column + len(row_names))), shape=(size, size))
    graph = sparse.csr_array(half + half.T)
    starts, ends, worths = graph.indptr.tolist(), graph.indices.tolist(), graph.data.tolist()
    left: list[float] = np.asarray(graph.sum(axis=1)).ravel().tolist()
    heap = [(value, node) for node, value in enumerate(left)]
    heapq.heapify(heap)
    gone = [False] * size
    total, best, best_at = sum(left) / 2, -1.0, 0
    order: list[int] = []
    while len(order) < size:
        density = total / (size - len(order))
        if density > best + 1e-12:
            best, best_at = density, len(order)
        value, node = heapq.heappop(heap)
        while gone[node] or value > left[node]:
            value, node = heapq.heappop(heap)
        gone[node] = True
        order.append(node)
        total -= left[node]
        for place in range(starts[node], starts[node + 1]):
            other = ends[place]
            if not gone[other]:
                left[other] -= worths[place]
                heapq.heappush(heap, (left[other], other))
    inside = np.sort(np.array(order[best_at:], dtype=np.int64))
    rows = inside[inside < len(row_names)]
    return row_names[rows], column_names[inside[inside >= len(row_names)] - len(row_names)]
