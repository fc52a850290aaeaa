"""Persons who keep buying more of lasting medicines than they can use, at outlets that they share (超量购药、倒卖药品)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_choose, log_tail
from detectors.communities import Ints
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql, units_of
from detectors.likeness import OWN_SITE, alike, disjoint
from detectors.peers import fit
from detectors.purchases import mixture_of, numbered, resale_prone, with_habits
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Two sites make a first group when the chance of so many common buyers, after all pairs tried, is at most e to this:
#: the mixture decides, and a seed too many costs nothing but its time.
LOG_SEED = 3.0
#: Fewer common buyers of two sites than this are never taken to be expected.
LEAST_EXPECTED = 0.05
#: What makes peers of two purchases: medicine, main disease, age and months since the person's first purchase, in bands.
PEERS = ("item_code", "disease", "age", "months")
#: What is held is counted in so many parts of a usual purchase: ten days of a month's.
PARTS = 3
#: Four usual purchases beside the one just made count as the most: a heap tells no more of peers for being higher.
MOST_COUNTED = 4 * PARTS
#: First groups that are tried, so that the time stays in bounds.
MOST_SEEDS = 200


class OverSupply:
    """Finds groups of persons who, on several days each, bought far beyond use at outlets and of drugs they share."""

    spec = DetectorSpec(
        id="over_supply",
        version=2,
        pattern="drug_resale",
        kind="over_supply",
        title=Text(
            "多人在相同机构反复超量购药", "Lasting medicines bought beyond use by several persons at the same outlets"
        ),
        question=Text(
            "哪些参保人多次购买长期用药后手中药量远超他人用量，且购药机构、药品和日期彼此相合？",
            "Which persons are left, time and again, with far more of a lasting medicine than others who take it, and bought it "
            "at outlets, of a list and on days that fit together?",
        ),
        status="trial",
        params=(
            Param("usual", 0.9, "share of peers' purchases that leave no more than is usual; what is rarer tells"),
            Param(
                "planned_days",
                84,
                "days that a long prescription or a registered plan may hand out at once (twelve weeks)",
            ),
            Param("least_own_days", 2, "days with such purchases; one is a journey or a holiday"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 6, "days on which a group bought; fewer are a campaign"),
            Param(
                "least_llr", 6.0, "nats by which a member's purchases fit the group better than the member's own habits"
            ),
            Param("least_log_p", 20.0, "nats by which the group beats chance after the choice of its members"),
        ),
        needs=("settlements.settled_at", "lines.item_code", "lines.quantity"),
        null_model=Text(
            "剩余药量超出同类患者常见范围的购药，药品按此类购药的总体比例，地点为平时就诊机构或全市此类购药的任一机构，日期任意，彼此"
            "无关；成员的选择按全部可能组合计入。常见范围由负二项模型给出：均值为药品、主要诊断、年龄段和已用药月数的因子之积，离散度"
            "取各药品矩估计的中位数。",
            "Who buys beyond use buys in the proportions of all such purchases, where he goes anyway or where such purchases "
            "are made in the city, on any day, independently of others; the choice of the members is paid for over all groups "
            "of that size. Beyond use is what is rare in a negative-binomial model of peers: the mean is a product of factors "
            "for the medicine, the main disease, the age and the months of taking it, drawn towards the city's and bounded; "
            "the spread is the median, over the medicines, of its estimates by moments.",
        ),
        benign=(
            Text("每次长处方用完后再开的患者", "patients on long prescriptions who return when these are used"),
            Text("加量用药的患者", "patients whose dose was raised"),
            Text("出行或节日前备药", "stocking up before a journey or a holiday"),
            Text("结伴购药的邻居、养老院老人", "neighbours who go together, and nursing homes"),
            Text("家庭成员互相代购", "families who buy for one another"),
            Text("更换医院后重新开药", "patients who begin anew at another hospital"),
            Text("普遍开长处方的机构", "an outlet that gives long prescriptions to its own patients"),
            Text("需要更多药量的疾病或年龄", "a disease or an age that needs more of the medicine"),
        ),
        misses=(
            Text("单独一人的超量购药", "a single person, however much is bought"),
            Text("总在同一时间一起购药的人", "buyers who keep coming together, whom co-presence is asked about"),
            Text("用量与常人相近的倒卖", "resale in amounts that patients use"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 19", "Order 735 art. 38(2)(5)", "Order 735 art. 41(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        bought = _beyond_peers(build.tables, params)
        if bought.empty:
            return []
        rows, numbers = numbered(bought)
        units = units_of(build.tables, numbers)
        told = Told(self.spec, "buyer", _text, leading="over_supply", leading_weight=1.5)
        groups = [_chosen(rows, group, log_p) for group, log_p in _groups(rows, units, params, build.seed)]
        return chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"]))


def _beyond_peers(tables: duckdb.DuckDBPyConnection, params: Mapping[str, Value]) -> pd.DataFrame:
    """Purchases that leave more than peers hold: of the medicine, the disease, the age and the months of taking it."""
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE stock AS {read_sql('over_supply_stock')}",
        {"parts": PARTS, "most_counted": MOST_COUNTED},
    )
    cells = tables.execute(read_sql("over_supply_cells")).df()
    model = fit(cells, PEERS)
    limits = {
        **{name: cells[name].tolist() for name in PEERS},
        "peers_hold": (1 + model.means / PARTS).tolist(),
        "least_rare": model.least_rare(float(params["usual"])).tolist(),
    }
    tables.execute(f"CREATE OR REPLACE TEMP TABLE limits AS {read_sql('over_supply_limits')}", limits)
    given = {name: int(params[name]) for name in ("planned_days", "least_own_days")}
    bought = with_habits(tables, "over_supply", given)
    tables.execute("DROP TABLE stock")
    tables.execute("DROP TABLE limits")
    return bought


def _groups(rows: pd.DataFrame, units: Ints, params: Mapping[str, Value], seed: int) -> list[tuple[Ints, float]]:
    """Groups by number of their persons in `rows`, each with the log of a bound on its chance."""
    least_units = int(params["least_units"])
    seeds = disjoint([*alike(rows, units, least_units, seed), *_at_two_sites(rows, least_units)], least_units)
    if not seeds:
        return []
    mixture = mixture_of(rows)
    groups = []
    for members, total in mixture.settle(seeds, least_llr=float(params["least_llr"]), least_size=least_units):
        log_p = log_choose(len(units), len(members)) - total
        days = rows.loc[rows["person"].isin(members), "day"].nunique()
        if log_p <= -float(params["least_log_p"]) and days >= int(params["least_days"]):
            groups.append((members, log_p))
    return groups


def _at_two_sites(rows: pd.DataFrame, least: int) -> list[Ints]:
    """Those who bought at both of two sites that few go to both of, the least expected pair of sites first.

    So many common buyers are expected as the sites' numbers of buyers and the persons' numbers of sites bring about.
    """
    strange = rows[rows["own"] <= OWN_SITE].drop_duplicates(["person", "site"])
    shape = (int(rows["person"].max()) + 1, int(rows["site"].max()) + 1)
    ones = np.ones(len(strange))
    held = sparse.csc_matrix((ones, (strange["person"].to_numpy(), strange["site"].to_numpy())), shape=shape)
    common = sparse.triu(held.T @ held, k=1).tocoo()
    by_site, by_person = (np.asarray(held.sum(axis=axis)).ravel() for axis in (0, 1))
    if not len(common.data):
        return []
    ties = float((by_person * (by_person - 1)).sum() / by_person.sum() ** 2)
    expected = np.maximum(by_site[common.row] * by_site[common.col] * ties, LEAST_EXPECTED)
    tail = log_tail(common.data, expected)
    pairs = math.log(max(shape[1] * (shape[1] - 1) / 2, 1.0))
    order = np.lexsort((common.col, common.row, tail))
    order = order[(common.data[order] >= least) & (tail[order] + pairs <= LOG_SEED)][:MOST_SEEDS]
    return [
        np.intersect1d(held[:, common.row[pair]].indices, held[:, common.col[pair]].indices).astype(np.int64)
        for pair in order
    ]


def _chosen(rows: pd.DataFrame, members: Ints, log_p: float) -> Chosen:
    held = rows[rows["person"].isin(members)]
    times, peers = float(held["times_usual"].median()), float(held["peers_hold"].median())
    own = Signal(
        "beyond_use",
        math.log(max(times, 1.0)),
        1.0,
        Text(
            f"购药后手中药量的中位数为常用一次购药量的{times:.1f}倍，同药、同病、同龄的患者为{peers:.1f}倍",
            f"what was held after buying is {times:.1f} times a usual purchase, at the median; peers of the same medicine, "
            f"disease and age hold {peers:.1f}",
        ),
    )
    return Chosen.of(held, log_p, Added(signals=(own, *resale_prone(held))))


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）多次购买长期用药，购药后手中药量远超该药常见用量，药品、地点与日期"
        f"彼此相合，共{settlements}笔结算、{len(group.days)}个日期。",
        f"{len(group.members)} insured persons of {group.units} households bought, time and again, more of lasting medicines "
        f"than others use, alike in drugs, places and days ({settlements} settlements on {len(group.days)} dates).",
    )
