"""The plain way: what a competent analyst writes in an afternoon with pandas, networkx and python-louvain.

It reads the same folder, puts every record into a graph one at a time, counts who settles within five minutes of
whom at the same site, keeps pairs that met five times, cuts the pair graph into communities and reports those of
three or more.
There is no test against chance, no household, no explanation. It is measured, never used.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

import networkx as nx
import pandas as pd
from community import community_louvain

from tests.benchmarks.sampling import emit

WINDOW = "5min"
TIMES = 5
PERSONS = 3

SETTLEMENT_COLUMNS = [
    "setl_id", "psn_no", "fixmedins_code", "setl_time", "medfee_sumamt", "fund_pay_sumamt", "mdtrt_cert_type",
    "mdtrt_cert_no", "mdtrt_id", "refd_setl_flag", "vali_flag", "opter_id",
]  # fmt: skip


def read(folder: Path, table: str, columns: list[str]) -> pd.DataFrame:
    """All files of one table, the named columns, as text."""
    files = sorted([*folder.glob(f"{table}.csv"), *folder.glob(f"{table}_[0-9]*.csv")])
    return pd.concat([pd.read_csv(file, usecols=columns, dtype=str) for file in files], ignore_index=True)


def settlements(folder: Path) -> pd.DataFrame:
    """Valid settlements that are no refunds, with the doctor of their visit."""
    read_in = read(folder, "setl_d", SETTLEMENT_COLUMNS)
    read_in = read_in[(read_in["vali_flag"] == "1") & (read_in["refd_setl_flag"] != "1")]
    read_in["setl_time"] = pd.to_datetime(read_in["setl_time"], errors="coerce", format="mixed")
    read_in["total"] = pd.to_numeric(read_in["medfee_sumamt"], errors="coerce").fillna(0.0)
    visits = read(folder, "mdtrt_d", ["mdtrt_id", "chfpdr_code"]).drop_duplicates("mdtrt_id")
    return read_in.dropna(subset=["setl_time"]).merge(visits, on="mdtrt_id", how="left")


def graph_of(settled: pd.DataFrame, lines: pd.DataFrame) -> nx.MultiDiGraph:
    """The property graph, one row at a time."""
    graph = nx.MultiDiGraph()
    for row in settled.itertuples(index=False):
        settlement, person, site = ("settlement", row.setl_id), ("person", row.psn_no), ("site", row.fixmedins_code)
        card = ("card", row.mdtrt_cert_type, row.mdtrt_cert_no)
        graph.add_node(settlement, at=row.setl_time, total=row.total)
        graph.add_edge(settlement, person, key="OF_PERSON")
        graph.add_edge(settlement, site, key="SETTLED_AT")
        graph.add_edge(settlement, card, key="PAID_WITH")
        graph.add_edge(person, card, key="HOLDS")
        if isinstance(row.chfpdr_code, str):
            graph.add_edge(settlement, ("doctor", row.chfpdr_code), key="TREATED_BY")
        if isinstance(row.opter_id, str):
            graph.add_edge(settlement, ("handler", row.fixmedins_code, row.opter_id), key="ENTERED_BY")
    for row in lines.itertuples(index=False):
        graph.add_edge(("settlement", row.setl_id), ("drug", row.hilist_code), key="DISPENSED")
    return graph


def pairs_of(settled: pd.DataFrame) -> Counter[tuple[str, str]]:
    """How often two persons settled at one site in the same five minutes."""
    met: Counter[tuple[str, str]] = Counter()
    for _, group in settled.groupby(["fixmedins_code", settled["setl_time"].dt.floor(WINDOW)]):
        persons = sorted(set(group["psn_no"]))
        if len(persons) > 1:
            met.update(combinations(persons, 2))
    return met


def groups_of(met: Counter[tuple[str, str]], seed: int = 0) -> list[list[str]]:
    """Communities of the pairs that met often enough, the heaviest first."""
    graph = nx.Graph()
    for (one, other), times in met.items():
        if times >= TIMES:
            graph.add_edge(one, other, weight=times)
    if not graph:
        return []
    parts: dict[int, list[str]] = {}
    for person, part in community_louvain.best_partition(graph, random_state=seed).items():
        parts.setdefault(part, []).append(person)
    groups = [sorted(group) for group in parts.values() if len(group) >= PERSONS]
    weight = {id(group): graph.subgraph(group).size(weight="weight") for group in groups}
    return sorted(groups, key=lambda group: (-weight[id(group)], group))


def main(folder: str) -> None:
    """Run the whole baseline over `folder` and report its steps."""
    emit("step", name="stage")
    settled = settlements(Path(folder))
    lines = read(Path(folder), "fee_list_d", ["setl_id", "hilist_code"]).dropna()
    lines = lines.drop_duplicates()
    emit("step", name="graph")
    graph = graph_of(settled, lines)
    emit("step", name="derive")
    met = pairs_of(settled)
    emit("step", name="detect")
    groups = groups_of(met)
    emit("step", name="rank")
    totals = settled.groupby("psn_no")["total"].sum()
    leads = [{"persons": group, "total": float(totals.reindex(group).sum())} for group in groups]
    emit(
        "result",
        leads=len(leads),
        largest=max((len(lead["persons"]) for lead in leads), default=0),
        settlements=len(settled),
        nodes=graph.number_of_nodes(),
        edges=graph.number_of_edges(),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
