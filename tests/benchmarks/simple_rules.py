"""What simple methods would hand over on the same records, as leads that `evaluate` can score.

Two of them: pairs that met often, cut by Louvain, and the published rule for groups who visit together (five minutes,
five times a year, three persons, then the largest clique). Both look at settlements only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from tests.benchmarks.baseline_pandas import groups_of, pairs_of, settlements
from tests.benchmarks.simple_leads import Group, ranked

WINDOW_SECONDS = 300
TIMES = 5
PERSONS = 3
MOST_PERSONS_OF_A_SITE = 50_000

#: Both methods read the same city one after the other.
_settled = lru_cache(maxsize=1)(settlements)


def louvain_leads(folder: Path) -> list[dict[str, Any]]:
    """Communities of pairs that settled together five times, the heaviest first."""
    settled = _settled(folder)
    return _leads(settled, groups_of(pairs_of(settled)))


def rule_leads(folder: Path) -> list[dict[str, Any]]:
    """The published rule, its groups ordered by how often their pairs met on average, then by size."""
    settled = _settled(folder)
    met: Counter[tuple[str, str]] = Counter()
    for batch in _batches(settled):
        met.update(combinations(batch, 2))
    graph = nx.Graph()
    graph.add_weighted_edges_from((one, other, times) for (one, other), times in sorted(met.items()) if times >= TIMES)
    graph.remove_nodes_from([person for person in list(graph) if graph.degree(person) < PERSONS - 1])
    groups = []
    for component in nx.connected_components(graph):
        members = sorted(component) if len(component) == PERSONS else _largest_clique(graph.subgraph(component))
        if len(members) >= PERSONS:
            groups.append(members)
    return _leads(settled, sorted(groups, key=lambda group: (-_mean_weight(graph, group), -len(group), group)))


def _batches(settled: pd.DataFrame) -> Iterator[list[str]]:
    """Persons of each anchored window: the first settlement opens five minutes, the next one outside opens the next."""
    ordered = settled.sort_values(["fixmedins_code", "setl_time", "setl_id"])
    for _, site in ordered.groupby("fixmedins_code", sort=True):
        persons = site["psn_no"].to_numpy()
        if len(set(persons)) > MOST_PERSONS_OF_A_SITE:
            continue
        seconds = site["setl_time"].to_numpy().astype("datetime64[s]").astype(np.int64)
        start = 0
        while start < len(seconds):
            end = int(np.searchsorted(seconds, seconds[start] + WINDOW_SECONDS, side="right"))
            batch = sorted(set(persons[start:end]))
            if len(batch) > 1:
                yield batch
            start = end


def _largest_clique(graph: nx.Graph) -> list[str]:
    return min((sorted(clique) for clique in nx.find_cliques(graph)), key=lambda clique: (-len(clique), clique))


def _mean_weight(graph: nx.Graph, group: list[str]) -> float:
    return float(graph.subgraph(group).size(weight="weight")) / (len(group) * (len(group) - 1) / 2)


def _leads(settled: pd.DataFrame, groups: list[list[str]]) -> list[dict[str, Any]]:
    """Groups as leads: members, and the settlements they have at the site they share most."""
    by_person = settled.groupby("psn_no")
    found = []
    for group in groups:
        theirs = pd.concat([by_person.get_group(person) for person in group])
        site = theirs["fixmedins_code"].mode().min()
        there = theirs.loc[theirs["fixmedins_code"] == site, "setl_id"]
        found.append(Group.of_persons("hoarded_cards", group, there))
    return ranked(found)
