"""Communities at large: persons and providers that belong together and spend more than their like (Leiden or Louvain)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from detectors.base import DetectorSpec, Param, Value
from detectors.communities import Ints, PairGraph, communities
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql, units_of
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: More persons than this are a neighbourhood.
MOST_PERSONS = 200
#: Log of the excess from which a person is named.
LEAST_RATIO = math.log(1.2)
#: Yuan × 100 that keep small amounts from making large ratios.
SMALL_FEN = 10_000


class PersonSiteCommunities:
    """Finds communities of the person–provider graph whose excess money and exclusivity hold in days not used to find them."""

    spec = DetectorSpec(
        id="person_site_communities",
        version=1,
        pattern="unexplained",
        kind="costly_community",
        title=Text("参保人与机构构成的高费用社群", "Communities of persons and providers with excess money"),
        question=Text(
            "哪些参保人与少数机构结成社群，其费用持续高于年龄、性别、诊断、机构级别与月份相同者，并主要发生在这些机构？",
            "Which persons form a community with a few providers, where they go for most of their care and pay, time and again, "
            "more than others of their age, sex, diagnosis group, level of provider and month?",
        ),
        status="trial",
        channel="exploration",
        params=(
            Param("share_of_pairs", 0.05, "share of persons' ties to a site, the costliest ones, that make the graph"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_exclusivity", 0.3, "share of the members' settlements that is made at the community's sites"),
            Param("least_log_p", 6.0, "nats by which the excess of the other half of the time beats chance"),
            Param("resolution", 1.0, "of modularity; more makes smaller communities"),
            Param("method", "leiden_modularity", "leiden_modularity or louvain, both by modularity"),
        ),
        needs=("settlements.settled_at", "settlements.total_fen"),
        null_model=Text(
            "社群由双数的两周找出，费用超出部分用单数的两周检验：各成员的超出与其在其他机构的超出相比应无差别；社群的个数已计入。",
            "Communities are found in every second fortnight and tested in the others: there the members' excess at the "
            "community's sites is the same as at other sites; the number of communities is paid for.",
        ),
        benign=(
            Text("病情确实较重的慢性病患者", "chronically ill patients who need more"),
            Text("收费较高的专科", "a speciality that costs more"),
            Text("养老机构、家庭", "nursing homes, families"),
        ),
        misses=(
            Text("费用正常的团伙", "rings that pay what is usual"),
            Text("不足几次的短期聚集", "short gatherings of a few visits"),
        ),
        legal_basis=("Order 735 art. 24",),
        references=("Traag et al., From Louvain to Leiden, Sci. Rep. 2019",),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("site_excess")).df()
        if rows.empty:
            return
        least_units = int(params["least_units"])
        graph, sites = _costly_ties(rows[rows["half"] == 0], float(params["share_of_pairs"]))
        found = communities(
            graph, resolution=float(params["resolution"]), seed=build.seed, method=str(params["method"])
        )
        tested = list(_tested(rows, found, sites))
        kept = [
            each
            for each in tested
            if each.log_p + math.log(len(tested)) <= -float(params["least_log_p"])
            and each.exclusivity >= float(params["least_exclusivity"])
            and len(np.unique(units_of(build.tables, each.persons))) >= least_units
        ]
        told = Told(self.spec, "person", _text, leading="costly_community")
        groups = _chosen(build.tables, kept, math.log(max(len(tested), 1)))
        yield from chosen(build.tables, VISITS, groups, told, least_units=least_units)


@dataclass(frozen=True, slots=True)
class _Community:
    """Numbers of persons and sites, the shares that the ones are to the others, and the log chance of the excess."""

    persons: Ints
    sites: Ints
    exclusivity: float
    dependence: float
    ratio: float
    log_p: float


def _costly_ties(rows: pd.DataFrame, share: float) -> tuple[PairGraph, int]:
    """The costliest ties of persons to sites, a site being numbered after all persons, and the number of the first site."""
    first = int(rows["person_no"].max()) + 1
    repeated = rows[rows["n"] >= 2]
    if not len(repeated):
        return PairGraph.of([], [], []), first
    excess = repeated["paid_fen"] - repeated["usual_fen"]
    costly = excess > max(float(np.quantile(excess, 1 - share)), 0.0)
    held = repeated[costly]
    return PairGraph.of(held["person_no"], held["site_no"] + first, np.log1p(excess[costly] / SMALL_FEN)), first


def _tested(rows: pd.DataFrame, found: list[Ints], first: int) -> Iterator[_Community]:
    """Communities with persons and sites, judged by the half of the time that did not make them."""
    other = rows[rows["half"] == 1]
    site_paid = other.groupby("site_no")["paid_fen"].sum()
    by_person = other.groupby("person_no").indices
    for group in found:
        persons, sites = group[group < first], group[group >= first] - first
        if not len(sites) or not 2 < len(persons) <= MOST_PERSONS:
            continue
        places = [by_person[person] for person in persons.tolist() if person in by_person]
        if len(places) < 3:
            continue
        held = other.iloc[np.concatenate(places)]
        there = held["site_no"].isin(sites)
        ratios = _ratio(held[there]).sub(_ratio(held[~there]), fill_value=0.0)
        ratios = ratios[ratios.index.isin(held.loc[there, "person_no"])]
        if len(ratios) < 3:
            continue
        t = float(ratios.mean() / (max(float(ratios.std()), 0.3) / math.sqrt(len(ratios))))
        paid_there = float(held.loc[there, "paid_fen"].sum())
        yield _Community(
            # who spends no more there than elsewhere belongs to the place, not to the group
            persons=ratios.index.to_numpy(np.int64)[ratios.to_numpy() > LEAST_RATIO],
            sites=np.asarray(sites, np.int64),
            exclusivity=float(held.loc[there, "n"].sum() / held["n"].sum()),
            dependence=paid_there / max(float(site_paid.reindex(sites).sum()), 1.0),
            ratio=float(ratios.mean()),
            log_p=float(stats.t.logsf(t, len(ratios) - 1)),
        )


def _ratio(rows: pd.DataFrame) -> pd.Series[float]:
    """Per person, log of what was paid against what is usual."""
    summed = rows.groupby("person_no")[["paid_fen", "usual_fen"]].sum()
    ratio = (summed["paid_fen"] + SMALL_FEN) / (summed["usual_fen"] + SMALL_FEN)
    return pd.Series(np.log(ratio.to_numpy(np.float64)), index=ratio.index)


def _chosen(tables: duckdb.DuckDBPyConnection, kept: list[_Community], log_tests: float) -> list[Chosen]:
    if not kept:
        return []
    triples = [
        (number, int(person), int(site))
        for number, each in enumerate(kept)
        for person in each.persons
        for site in each.sites
    ]
    groups, persons, sites = (list(column) for column in zip(*triples, strict=True))
    rows = tables.execute(
        read_sql("site_community_settlements"), {"groups": groups, "persons": persons, "sites": sites}
    ).df()
    result = []
    for _, held in rows.groupby("group_no", sort=True):
        each = kept[int(held["group_no"].iloc[0])]
        result.append(Chosen.of(held, each.log_p + log_tests, Added(signals=_signals(each))))
    return result


def _signals(each: _Community) -> tuple[Signal, ...]:
    percent = round((math.exp(each.ratio) - 1) * 100)
    return (
        Signal(
            "excess_money",
            max(each.ratio, 0.0),
            2.0,
            Text(
                f"成员在这些机构的费用相对同类的超出，比其在其他机构高{percent}%",
                f"members' fees there are, against their like, {percent}% above their fees at other sites",
            ),
        ),
        Signal(
            "exclusivity",
            each.exclusivity * math.sqrt(each.dependence),
            2.0,
            Text(
                f"成员{each.exclusivity:.0%}的结算发生在这些机构，占这些机构费用的{each.dependence:.0%}",
                f"{each.exclusivity:.0%} of the members' settlements are made there, {each.dependence:.0%} of what these sites are paid",
            ),
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）与少数机构构成社群，费用持续高于同类，共{settlements}笔结算。",
        f"{len(group.members)} insured persons of {group.units} households form a community with a few providers and keep "
        f"paying more than their like there ({settlements} settlements).",
    )
