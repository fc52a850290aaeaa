"""A lasting medicine fetched in turn on several cards whose holders show no disease that needs it (冒名购药)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_choose, log_tail
from detectors.communities import Ints
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, units_of
from detectors.likeness import alike
from detectors.next_door import weighed
from detectors.purchases import keep_medicines, mixture_of, numbered, resale_prone, with_habits
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text
from graphaudit.leads import own_medicines

#: Households that buy a medicine, for it to be one of the group's.
LEAST_BUYERS = 3
#: Two purchases at most so many days apart are made for one occasion.
NEAR = 1
#: The null moves purchases by so many weeks at most: weekdays on which a doctor is there, and busy months, stay.
WEEKS = 8
#: What is expected of pairs is never less, so that few purchases make no certainty.
LEAST_PAIRS = 1.0


class DrugStreams:
    """Finds groups of persons on whose cards a medicine of somebody else seems to be fetched, a few at a time."""

    spec = DetectorSpec(
        id="drug_streams",
        version=1,
        pattern="impersonation",
        kind="drug_stream",
        title=Text("同一长期用药分散在多人凭证上", "A lasting medicine fetched in turn on several persons' cards"),
        question=Text(
            "哪些参保人除购药外并无相应疾病的记录，却在同一两日、相同机构反复购买同一种长期用药？",
            "Which persons, of whose disease nothing but the purchases tells, keep buying the same lasting medicine within a "
            "day of each other at the same outlets?",
        ),
        status="trial",
        params=(
            Param(
                "most_share", 0.03, "share of all persons who take a medicine; of more usual ones neighbours have many"
            ),
            Param("least_units", 3, "fewer households have private reasons"),
            Param(
                "least_occasions",
                16,
                "occasions on which the group bought; who fetch a month's supply together come thirteen times a year",
            ),
            Param(
                "least_on_list",
                0.5,
                "share of the members' purchases that are of medicines common to the group; who fetches his own has others",
            ),
            Param(
                "least_llr", 6.0, "nats by which a member's purchases fit the group better than the member's own habits"
            ),
            Param("least_log_p", 20.0, "nats by which the group beats chance after the choice of its members"),
            Param(
                "least_same_day",
                7.0,
                "nats by which purchases of one medicine coincide beyond those moved by weeks, after the groups tried",
            ),
        ),
        needs=("settlements.settled_at", "settlements.diagnosis_code", "lines.item_code"),
        null_model=Text(
            "每人购药的药品按此类购药的总体比例，地点为平时就诊机构或全市任一机构，日期任意，彼此无关；成员的选择按全部可能组合计入。"
            "此外，一日之内购买同一药品的两人对数服从泊松分布，均值为将各人购药整体移动一至八周后的对数。取两个概率中较大者。",
            "Everybody buys in the proportions of all such purchases, where he goes anyway or anywhere in the city, on any day, "
            "independently of others; the choice of the members is paid for over all groups of that size. Besides, pairs of "
            "persons who buy the same medicine within a day are a Poisson number with the mean that one finds when each "
            "person's purchases are moved by one to eight weeks. The larger of both chances counts.",
        ),
        benign=(
            Text("新近确诊、按期复购的患者", "patients who fell ill lately and refill each in his own time"),
            Text("同一医师出诊日就诊的患者", "patients of a doctor who is there on one day of the week"),
            Text(
                "每月结伴购药的邻居、代多位老人购药的熟人",
                "neighbours who go together, or one who buys for several, every month",
            ),
            Text("紧缺药品到货日集中购买", "patients of a scarce medicine who come when it arrives"),
            Text("养老院等共同住址", "nursing homes"),
            Text("家庭成员互相代购", "families who buy for one another"),
        ),
        misses=(
            Text("次数不多或固定于每周同一天的系列", "series of few occasions, or on one weekday of every week"),
            Text("常见慢性病的用药", "medicines for diseases that everybody has"),
            Text("持证人本有该病", "holders who have the disease themselves"),
            Text("没有诊断编码或费用明细的数据", "records without diagnoses or fee lines"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 17", "Order 735 art. 40(1)", "Order 735 art. 41(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        keep_medicines(build.tables)
        bought = with_habits(build.tables, "drug_streams", {"most_share": float(params["most_share"])})
        if bought.empty:
            return []
        rows, numbers = numbered(bought)
        groups = weighed(build.tables, _groups(rows, units_of(build.tables, numbers), params, build.seed))
        # the same purchases may show as sampled or foreign medicines: one reason, counted once
        told = Told(
            self.spec,
            "card_owner",
            _text,
            leading="sampled_drugs",
            leading_weight=1.5,
            # a series that stays on a card for a while comes back to it; who takes his own keeps to no other's days
            never=frozenset({own_medicines.CAUSE}),
        )
        return chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"]))


def _groups(rows: pd.DataFrame, units: Ints, params: Mapping[str, Value], seed: int) -> list[Chosen]:
    """Groups that buy the same medicines on the same days among the purchases `rows`, as `numbered` gives them."""
    least_units = int(params["least_units"])
    seeds = alike(rows, units, least_units, seed)
    if not seeds:
        return []
    settled = mixture_of(rows).settle(seeds, least_llr=float(params["least_llr"]), least_size=least_units)
    groups = []
    for members, total in settled:
        log_p = log_choose(len(units), len(members)) - total
        held = rows[rows["person"].isin(members)]
        buyers = held.assign(unit=units[held["person"]]).groupby("good")["unit"].nunique()
        told = held[held["good"].isin(buyers.index[buyers >= LEAST_BUYERS])]
        if log_p > -float(params["least_log_p"]) or len(told) < float(params["least_on_list"]) * len(held):
            continue
        days = np.unique(told["day"].to_numpy(np.int64))
        occasions = 1 + int((np.diff(days) > NEAR).sum()) if len(days) else 0
        if occasions < int(params["least_occasions"]):
            continue
        pairs, expected = same_day_pairs(told)
        tail = float(log_tail(np.array([pairs]), np.array([expected]))[0])
        by_luck = tail + math.log(len(settled))
        if by_luck <= -float(params["least_same_day"]):
            signals = (_same_day(pairs, expected), *resale_prone(told))
            groups.append(Chosen.of(told, max(log_p, by_luck), Added(signals=signals)))
    return groups


def same_day_pairs(told: pd.DataFrame) -> tuple[int, float]:
    """How many pairs of persons bought one good at most NEAR days apart, and how many would be.

    The mean number of pairs that lie whole weeks apart, up to WEEKS, is what would be: who keeps a refill calendar, or comes
    on a doctor's weekday, meets others as often in other weeks. `told` needs person, good and day (from any day).
    """
    once = told.drop_duplicates(["person", "good", "day"])
    first, last = int(once["day"].min()), int(once["day"].max())
    shifts = np.arange(-WEEKS, WEEKS + 1)
    counts = np.zeros(len(shifts))
    for _, of_good in once.groupby("good", sort=True):
        day, person = (of_good[name].to_numpy(np.int64) for name in ("day", "person"))
        a, b = np.triu_indices(len(day), 1)
        apart = (day[a] - day[b])[person[a] != person[b]]
        counts += (np.abs(apart[:, None] - 7 * shifts[None, :]) <= NEAR).sum(axis=0)
    # moved purchases that leave the period cannot meet any; a short one has few weeks to move by
    within = 1 - 7 * np.abs(shifts) / (last - first + 1)
    usable = (shifts != 0) & (within >= 0.5)
    expected = float((counts[usable] / within[usable]).mean()) if usable.any() else math.inf
    return int(counts[WEEKS]), max(expected, LEAST_PAIRS)


def _same_day(pairs: int, expected: float) -> Signal:
    return Signal(
        "same_medicine_same_day",
        math.log(pairs / expected),
        1.5,
        Text(
            f"有{pairs}对不同成员的购药为同一药品且相隔不超过一日；将购药日期移动整数周后平均为{expected:.1f}对",
            f"{pairs} pairs of members' purchases are of one medicine and at most a day apart; {expected:.1f} when the dates are "
            "moved by whole weeks, on the mean",
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）除购药外并无相应疾病的记录，却在相同机构、相近日期反复购买相同的长期"
        f"用药，共{settlements}笔结算、{len(group.days)}个日期。",
        f"{len(group.members)} insured persons of {group.units} households, of whose diseases nothing but these purchases tells, "
        f"kept buying the same lasting medicines at common outlets about the same days ({settlements} settlements on "
        f"{len(group.days)} dates).",
    )
