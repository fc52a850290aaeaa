"""Communities of a sparse pair graph: Leiden with the constant Potts model, or Louvain modularity as the alternative.

The only module that imports python-louvain (its package is called `community`). Leiden's answer depends on the
order of its edges, so edges are numbered and sorted here before either method sees them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import graspologic_native
import networkx as nx
import numpy as np
import numpy.typing as npt
from community import community_louvain
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

METHODS = ("leiden", "leiden_modularity", "louvain")


@dataclass(frozen=True, slots=True)
class PairGraph:
    """Undirected pairs a < b with a weight each, sorted by (a, b); nodes are numbers of the canonical tables."""

    a: Ints
    b: Ints
    weight: Floats

    @classmethod
    def of(cls, a: npt.ArrayLike, b: npt.ArrayLike, weight: npt.ArrayLike) -> PairGraph:
        """Sort the ends of each pair and the pairs themselves; input order leaves no trace."""
        left, right = np.asarray(a, np.int64), np.asarray(b, np.int64)
        low, high = np.minimum(left, right), np.maximum(left, right)
        order = np.lexsort((high, low))
        return cls(low[order], high[order], np.asarray(weight, np.float64)[order])

    def __len__(self) -> int:
        return len(self.a)

    def compact(self) -> tuple[sparse.csr_array, Ints]:
        """Symmetric adjacency over the nodes that occur, and the number of each row (ascending)."""
        nodes, inverse = np.unique(np.concatenate([self.a, self.b]), return_inverse=True)
        rows, columns = inverse[: len(self)], inverse[len(self) :]
        size = len(nodes)
        half = sparse.coo_array((self.weight, (rows, columns)), shape=(size, size))
        return sparse.csr_array(half + half.T), nodes

    def keep(self, mask: npt.NDArray[np.bool_]) -> PairGraph:
        """The pairs where `mask` is true, in the same order."""
        return PairGraph(self.a[mask], self.b[mask], self.weight[mask])


def truss(graph: PairGraph, triangles: int) -> PairGraph:
    """Drop pairs that close fewer than `triangles` triangles until all others do (k-truss, k = triangles + 2)."""
    while len(graph):
        adjacency, nodes = graph.compact()
        adjacency.data[:] = 1.0
        support = sparse.csr_array(adjacency @ adjacency).multiply(adjacency).tocsr()
        rows, columns = np.searchsorted(nodes, graph.a), np.searchsorted(nodes, graph.b)
        enough = np.asarray(support[rows, columns]).ravel() >= triangles
        if enough.all():
            break
        graph = graph.keep(enough)
    return graph


def communities(graph: PairGraph, *, resolution: float, seed: int, method: str = "leiden") -> list[Ints]:
    """Groups of at least two nodes, each sorted, the list sorted by first node.

    With `leiden` the resolution is the constant Potts model's γ: groups are at least that dense (weights count as
    multiplicity). With `louvain` and `leiden_modularity` it is the resolution of modularity, whose limit merges small
    groups in large graphs.
    """
    if not len(graph):
        return []
    if method == "louvain":
        labels, nodes = _louvain(graph, resolution, seed)
    elif method in ("leiden", "leiden_modularity"):
        labels, nodes = _leiden(graph, resolution, seed, by_modularity=method == "leiden_modularity")
    else:
        raise ValueError(f"unknown method {method!r}: use one of {METHODS}")
    order = np.lexsort((nodes, labels))
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    groups = [group for group in np.split(nodes[order], cuts) if len(group) > 1]
    return sorted(groups, key=lambda group: int(group[0]))


def _leiden(graph: PairGraph, resolution: float, seed: int, *, by_modularity: bool) -> tuple[Ints, Ints]:
    adjacency, nodes = graph.compact()
    adjacency.sort_indices()
    _, assignment = graspologic_native.leiden_csr(
        adjacency.indptr.astype(np.int64),
        adjacency.indices.astype(np.int32),
        adjacency.data.astype(np.float64),
        len(nodes),
        resolution=resolution,
        randomness=0.001,
        iterations=3,
        use_modularity=by_modularity,
        seed=seed,
    )
    labels = np.full(len(nodes), -1, np.int64)
    labels[np.fromiter(assignment.keys(), np.int64)] = np.fromiter(assignment.values(), np.int64)
    return labels, nodes


def _louvain(graph: PairGraph, resolution: float, seed: int) -> tuple[Ints, Ints]:
    network: nx.Graph[int] = nx.Graph()
    pairs = zip(graph.a.tolist(), graph.b.tolist(), graph.weight.tolist(), strict=True)
    network.add_weighted_edges_from(pairs)
    # python-louvain's resolution is the inverse of the usual γ
    partition = community_louvain.best_partition(network, resolution=1.0 / resolution, random_state=seed)
    nodes = np.array(sorted(partition), np.int64)
    return np.array([partition[int(node)] for node in nodes], np.int64), nodes


def consensus(
    graph: PairGraph, *, resolutions: Sequence[float], seeds: Sequence[int], method: str = "leiden", share: float = 0.8
) -> list[Ints]:
    """Groups that keep together: for each resolution, pairs co-grouped in at least `share` of the seeds.

    Returns the distinct groups over all resolutions, largest first, then by first node; nested groups of different
    resolutions are all kept, for the caller to choose between.
    """
    found: dict[tuple[int, ...], Ints] = {}
    if not len(graph):
        return []
    runs = [(resolution, seed) for resolution in resolutions for seed in seeds]
    # Leiden runs outside the interpreter's lock, so runs go on beside each other; each has its own seed
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        together = list(
            pool.map(
                lambda run: _together(graph, communities(graph, resolution=run[0], seed=run[1], method=method)), runs
            )
        )
    for number in range(len(resolutions)):
        of_seeds = together[number * len(seeds) : (number + 1) * len(seeds)]
        stable = graph.keep(np.sum(of_seeds, axis=0) >= share * len(seeds))
        if len(stable):
            adjacency, nodes = stable.compact()
            count, labels = sparse.csgraph.connected_components(adjacency, directed=False)
            order = np.argsort(labels, kind="stable")
            for group in np.split(nodes[order], np.flatnonzero(np.diff(labels[order])) + 1):
                if count and len(group) > 2:
                    found.setdefault(tuple(group.tolist()), group)
    return sorted(found.values(), key=lambda group: (-len(group), int(group[0])))


def _together(graph: PairGraph, groups: Sequence[Ints]) -> npt.NDArray[np.bool_]:
    """Which pairs of `graph` have both ends in one group of a partition."""
    label = np.full(int(graph.b.max()) + 1, -1, np.int64)
    for number, group in enumerate(groups):
        label[group] = number
    return np.asarray((label[graph.a] == label[graph.b]) & (label[graph.a] >= 0))
