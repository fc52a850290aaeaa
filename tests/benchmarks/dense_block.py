"""The densest block of persons and providers that greedy peeling finds (FRAUDAR, Hooi et al. 2016)."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from math import log


def densest_block(edges: Iterable[tuple[int, int]]) -> set[int]:
    """Providers of the block with the largest mean suspiciousness; an edge weighs 1 / ln(providers' persons + 5).

    Removes the node with the least weight left, again and again, and keeps the best state on the way.
    """
    pairs = sorted(set(edges))
    degree = Counter(provider for _, provider in pairs)
    neighbours: dict[tuple[str, int], list[tuple[tuple[str, int], float]]] = {}
    for person, provider in pairs:
        weight = 1.0 / log(degree[provider] + 5)
        neighbours.setdefault(("person", person), []).append((("provider", provider), weight))
        neighbours.setdefault(("provider", provider), []).append((("person", person), weight))
    left = {node: sum(weight for _, weight in ends) for node, ends in neighbours.items()}
    total = sum(left.values()) / 2
    heap = [(weight, node) for node, weight in left.items()]
    heapq.heapify(heap)
    removed: list[tuple[str, int]] = []
    best, best_at = total / len(left), 0
    while heap:
        weight, node = heapq.heappop(heap)
        if node not in left or weight != left[node]:
            continue
        total -= left.pop(node)
        removed.append(node)
        for other, edge in neighbours[node]:
            if other in left:
                left[other] -= edge
                heapq.heappush(heap, (left[other], other))
        if left and total / len(left) > best:
            best, best_at = total / len(left), len(removed)
    gone = set(removed[:best_at])
    return {number for kind, number in neighbours if kind == "provider" and (kind, number) not in gone}
