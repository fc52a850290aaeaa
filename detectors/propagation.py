"""Around confirmed leads: persons who share sites, doctors, phones, accounts and cards with them beyond their surroundings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse

from detectors.base import DetectorSpec, Param, Skipped, Value
from detectors.communities import Floats, Ints, PairGraph, communities
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql, units_of
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Share of a person's rank that comes from the neighbours; two or three steps away it is as good as nothing.
DAMPING = 0.5
SWEEPS = 8
#: Draws of other seeds; the smallest p-value is one in so many and one.
DRAWS = 39
#: Persons taken into groups, the nearest first, and how near they are at least.
MOST_PERSONS, LEAST_LIFT, LEAST_Z = 200, 1.5, 3.0
#: One companion of one seed is very near; a group is strong by how many it has, not by one such.
MOST_Z = 5.0
#: What more persons share than this says nothing of any two of them.
CROWD = 500
RESOLUTION = 0.2


class Propagation:
    """Finds groups of persons near to confirmed leads: personalised BiRank, each person compared with the surroundings."""

    spec = DetectorSpec(
        id="propagation",
        version=1,
        pattern="unexplained",
        kind="near_confirmed",
        title=Text("与已确认线索关联紧密的人员", "Persons closely linked to confirmed leads"),
        question=Text(
            "哪些参保人通过机构、医师、电话、账户、凭证与已确认线索的人员相连，紧密程度超出其所处环境？",
            "Which persons are linked to those of confirmed leads by sites, doctors, phones, accounts and cards more closely "
            "than their surroundings explain?",
        ),
        status="trial",
        channel="exploration",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("most_p", 0.05, "share of drawn seeds around which as strong a group is found"),
        ),
        needs=("settlements.settled_at",),
        null_model=Text(
            "以同一常去机构、就诊次数相近的其他参保人代替已确认人员作为起点，重复全部步骤。",
            "Confirmed persons are replaced by others who mostly go to the same site about as often, and every step is repeated.",
        ),
        benign=(
            Text("同一社区的邻居、同一医师的患者", "neighbours, and patients of the same doctor"),
            Text("已确认人员的家属", "families of confirmed persons"),
        ),
        misses=(
            Text("与已确认线索毫无共同点的团伙", "groups that share nothing with a confirmed lead"),
            Text("尚无已确认线索时的一切", "everything, as long as no lead is confirmed"),
        ),
        legal_basis=("Order 735 art. 24",),
        references=("He et al., BiRank: Towards Ranking on Bipartite Graphs, TKDE 2017",),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        confirmed = sorted({person for case in build.confirmed for person in case.persons})
        if not confirmed:
            raise Skipped(Text("尚无已确认的线索", "no lead has been confirmed yet"))
        links = _Links.of(build.tables)
        seeds = np.flatnonzero(np.isin(links.persons, confirmed))
        if not len(seeds):
            raise Skipped(
                Text("已确认线索的人员在本次数据中没有结算", "nobody of a confirmed lead has settlements in this build")
            )
        units = units_of(build.tables, links.persons)
        groups = _groups(links, seeds, units, int(params["least_units"]), float(params["most_p"]), build.seed)
        told = Told(self.spec, "person", _text, leading="near_confirmed", leading_weight=1.0)
        yield from chosen(
            build.tables, VISITS, _chosen(build.tables, links, groups), told, least_units=int(params["least_units"])
        )


@dataclass(frozen=True, slots=True)
class _Links:
    """Persons (rows) against what they share (columns): `weight` ln(1 + times), `kind` and `no` of each column."""

    persons: Ints
    weight: sparse.csr_array
    kind: Ints
    no: Ints
    #: what persons may be drawn for each other: the same usual site and about as many settlements
    like: Ints

    @classmethod
    def of(cls, tables: duckdb.DuckDBPyConnection) -> _Links:
        rows = tables.execute(read_sql("propagation_links")).fetchnumpy()
        kind, no, n = (np.asarray(rows[name], np.int64) for name in ("kind", "no", "n"))
        persons, row = np.unique(np.asarray(rows["person_no"], np.int64), return_inverse=True)
        shared, column = np.unique(kind * (int(no.max()) + 1) + no, return_inverse=True)
        weight = sparse.csr_array((np.log1p(n), (row, column)), shape=(len(persons), len(shared)))
        at_site = kind == 0
        total = np.bincount(row[at_site], weights=n[at_site], minlength=len(persons))
        order = np.lexsort((no[at_site], -n[at_site], row[at_site]))
        first = order[np.flatnonzero(np.diff(row[at_site][order], prepend=-1))]
        usual = np.full(len(persons), -1, np.int64)
        usual[row[at_site][first]] = no[at_site][first]
        like = np.unique(usual * 64 + np.log2(1 + total).astype(np.int64), return_inverse=True)[1]
        return cls(persons, weight, shared // (int(no.max()) + 1), shared % (int(no.max()) + 1), like.astype(np.int64))

    @property
    def degree(self) -> Ints:
        """How many persons share each column."""
        return np.bincount(self.weight.indices, minlength=len(self.no)).astype(np.int64)

    def normalised(self) -> sparse.csr_array:
        """D_p^-1/2 · A · D_e^-1/2, the bipartite graph of BiRank."""
        rows, columns = (np.asarray(self.weight.sum(axis=axis)).ravel() for axis in (1, 0))
        left, right = (sparse.diags_array(1.0 / np.sqrt(np.maximum(each, 1e-9))) for each in (rows, columns))
        return sparse.csr_array(left @ self.weight @ right)


@dataclass(frozen=True, slots=True)
class _Near:
    """A group near to the cases: rows of its persons, their lifts, and the p-value of so strong a group."""

    rows: Ints
    lift: Floats
    p: float


def _groups(links: _Links, seeds: Ints, units: Ints, least_units: int, most_p: float, seed: int) -> list[_Near]:
    random = np.random.default_rng(seed)
    drawn = [seeds, *(_drawn(links.like, seeds, random) for _ in range(DRAWS))]
    graph = links.normalised()
    back = sparse.csr_array(graph.T)
    usual = _rank(graph, back, np.full((len(links.persons), 1), 1.0 / len(links.persons)))
    start = np.zeros((len(links.persons), len(drawn)))
    for column, rows in enumerate(drawn):
        start[:, column] = np.bincount(rows, minlength=len(start)) / len(rows)
    lift = np.log(np.maximum(_rank(graph, back, start) / usual, 1e-9))
    # nobody of a case is a result, nor drawn seeds of their own draw
    found = [
        _found(links, lift, column, np.union1d(rows, seeds), units, least_units, seed)
        for column, rows in enumerate(drawn)
    ]
    strongest = np.array([max((total for _, total in each), default=0.0) for each in found[1:]])
    result = []
    for rows, total in found[0]:
        p = (1 + int((strongest >= total).sum())) / (1 + DRAWS)
        if p <= most_p:
            result.append(_Near(rows, lift[rows, 0], p))
    return result


def _drawn(like: Ints, seeds: Ints, random: np.random.Generator) -> Ints:
    """For each seed another person of the same usual site and number of settlements; the seed where there is no other."""
    order = np.argsort(like, kind="stable")
    begin, end = np.searchsorted(like[order], like[seeds]), np.searchsorted(like[order], like[seeds], side="right")
    return np.asarray(order[begin + (random.random(len(seeds)) * (end - begin)).astype(np.int64)], np.int64)


def _rank(graph: sparse.csr_array, back: sparse.csr_array, start: Floats) -> Floats:
    rank = start
    for _ in range(SWEEPS):
        rank = DAMPING * (graph @ (back @ rank)) + (1 - DAMPING) * start
    return np.asarray(rank, np.float64)


def _found(
    links: _Links, lift: Floats, column: int, without: Ints, units: Ints, least_units: int, seed: int
) -> list[tuple[Ints, float]]:
    """Groups of the persons who are nearer to the seeds of `column` than to other seeds, with how strong each is."""
    others = np.delete(lift, column, axis=1)
    # medians: a draw that hits one of a group by luck must not make the group look usual
    centre = np.median(others, axis=1)
    spread = np.maximum(1.4826 * np.median(np.abs(others - centre[:, None]), axis=1), 0.1)
    z = (lift[:, column] - centre) / spread
    near = (lift[:, column] >= math.log(LEAST_LIFT)) & (z >= LEAST_Z)
    near[without] = False
    rows = np.flatnonzero(near)
    rows = np.sort(rows[np.lexsort((rows, -z[rows]))][:MOST_PERSONS])
    if len(rows) < least_units:
        return []
    held = links.weight[rows]
    degree = links.degree
    narrow = (degree > 1) & (degree <= CROWD)
    worth = np.where(narrow, np.log(len(links.persons) / np.maximum(degree, 1)), 0.0)
    has = sparse.csr_array((np.ones(held.nnz), held.indices, held.indptr), shape=held.shape)
    pairs = sparse.coo_array(sparse.triu(has @ sparse.diags_array(worth) @ has.T, k=1))
    apart = (units[rows[pairs.row]] != units[rows[pairs.col]]) & (pairs.data > 0)
    graph = PairGraph.of(pairs.row[apart], pairs.col[apart], pairs.data[apart] / max(math.log(len(links.persons)), 1.0))
    result = []
    for group in communities(graph, resolution=RESOLUTION, seed=seed):
        members = rows[group]
        if len(np.unique(units[members])) >= least_units:
            result.append((members, float(np.minimum(z[members], MOST_Z).sum())))
    return result


def _chosen(tables: duckdb.DuckDBPyConnection, links: _Links, groups: list[_Near]) -> list[Chosen]:
    """Each group with the settlements by which its persons are linked to one another."""
    if not groups:
        return []
    parts: list[list[int]] = [[], [], [], []]
    for number, group in enumerate(groups):
        held = sparse.coo_array(links.weight[group.rows])
        shared = np.bincount(held.col, minlength=held.shape[1])
        crowd = links.degree
        # what at least two of the group share, and not everybody
        for row, column in sorted(zip(held.row.tolist(), held.col.tolist(), strict=True)):
            if shared[column] >= 2 and crowd[column] <= CROWD:
                link = (number, int(links.persons[group.rows[row]]), int(links.kind[column]), int(links.no[column]))
                for part, value in zip(parts, link, strict=True):
                    part.append(value)
    names = ("groups", "persons", "kinds", "nos")
    rows: pd.DataFrame = tables.execute(read_sql("propagation_settlements"), dict(zip(names, parts, strict=True))).df()
    result = []
    for _, told in rows.groupby("group_no", sort=True):
        group = groups[int(told["group_no"].iloc[0])]
        mean = float(group.lift.mean())
        signal = Signal(
            "lift_by_confirmed",
            round(max(mean, 0.0), 6),
            3.0,
            Text(
                f"与已确认线索的关联为随机起点的{math.exp(mean):.1f}倍",
                f"{math.exp(mean):.1f} times as close to confirmed leads as to persons anywhere",
            ),
        )
        result.append(Chosen.of(told, math.log(group.p), Added(signals=(signal,))))
    return result


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）与已确认线索的人员共用机构、医师、电话、账户或凭证，"
        f"紧密程度超出其所处环境，涉及{settlements}笔结算。",
        f"{len(group.members)} insured persons of {group.units} households share sites, doctors, phones, accounts or cards "
        f"with persons of confirmed leads more closely than their surroundings do ({settlements} settlements).",
    )
