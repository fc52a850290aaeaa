"""Communities: deterministic, order-free, dense enough, and equal to the oracle where there is one."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from detectors.communities import PairGraph, communities, consensus, truss


def cliques(count: int, size: int, seed: int = 0, noise: int = 0) -> PairGraph:
    generator = np.random.default_rng(seed)
    pairs = [(c * size + i, c * size + j) for c in range(count) for i in range(size) for j in range(i)]
    pairs += [tuple(p) for p in generator.choice(count * size, (noise, 2)) if p[0] != p[1]]
    unique = sorted({(min(p), max(p)) for p in pairs})
    a, b = zip(*unique, strict=True)
    return PairGraph.of(a, b, np.ones(len(a)))


def as_sets(groups):
    return {frozenset(group.tolist()) for group in groups}


@pytest.mark.parametrize("method", ["leiden", "louvain"])
def test_separate_cliques_are_found_by_both_methods(method):
    groups = communities(cliques(8, 6), resolution=0.5 if method == "leiden" else 1.0, seed=1, method=method)
    assert as_sets(groups) == {frozenset(range(c * 6, c * 6 + 6)) for c in range(8)}


@pytest.mark.parametrize("method", ["leiden", "louvain"])
def test_edge_order_leaves_no_trace(method):
    graph = cliques(12, 7, seed=3, noise=60)
    expected = communities(graph, resolution=0.3, seed=5, method=method)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(graph))
        shuffled = PairGraph.of(graph.b[order], graph.a[order], graph.weight[order])
        again = communities(shuffled, resolution=0.3, seed=5, method=method)
        assert [g.tolist() for g in again] == [g.tolist() for g in expected]


def test_leiden_modularity_is_at_least_that_of_louvain():
    graph = cliques(10, 8, seed=2, noise=80)
    network = nx.Graph(zip(graph.a.tolist(), graph.b.tolist(), strict=True))
    louvain = communities(graph, resolution=1.0, seed=1, method="louvain")
    potts = communities(graph, resolution=0.3, seed=1)

    def modularity(groups):
        rest = set(network) - set().union(*as_sets(groups))
        return nx.community.modularity(network, [*as_sets(groups), *({node} for node in rest)])

    assert modularity(potts) >= modularity(louvain) - 0.02


def test_groups_are_at_least_as_dense_as_the_resolution():
    graph = cliques(6, 9, seed=4, noise=150)
    known = set(zip(graph.a.tolist(), graph.b.tolist(), strict=True))
    for group in communities(graph, resolution=0.5, seed=0):
        members = group.tolist()
        inside = sum((a, b) in known for i, b in enumerate(members) for a in members[:i])
        assert inside >= 0.5 * len(members) * (len(members) - 1) / 2


def test_truss_keeps_triangles_and_drops_chains_and_stars():
    pairs = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (5, 6), (5, 7), (5, 8)]
    a, b = zip(*pairs, strict=True)
    kept = truss(PairGraph.of(a, b, np.ones(len(a))), 1)
    assert list(zip(kept.a.tolist(), kept.b.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]


def test_truss_agrees_with_networkx():
    graph = cliques(5, 6, seed=6, noise=90)
    network = nx.Graph(zip(graph.a.tolist(), graph.b.tolist(), strict=True))
    kept = truss(graph, 2)
    assert set(zip(kept.a.tolist(), kept.b.tolist(), strict=True)) == {
        (min(edge), max(edge)) for edge in nx.k_truss(network, 4).edges
    }


def test_consensus_returns_each_group_once_largest_first():
    groups = consensus(cliques(6, 5, noise=10), resolutions=(0.25, 0.5), seeds=(0, 1, 2))
    assert len(as_sets(groups)) == len(groups)
    sizes = [len(group) for group in groups]
    assert sizes == sorted(sizes, reverse=True)
    assert {frozenset(range(c * 5, c * 5 + 5)) for c in range(6)} <= as_sets(groups)


def test_an_empty_graph_has_no_communities():
    empty = PairGraph.of([], [], [])
    assert communities(empty, resolution=0.5, seed=0) == []
    assert len(truss(empty, 1)) == 0


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="unknown method"):
        communities(cliques(2, 4), resolution=0.5, seed=0, method="guess")
