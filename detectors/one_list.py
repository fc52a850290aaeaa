"""Persons who alone in the city sample one list of lasting medicines for unlike diseases (按单收药)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_choose
from detectors.communities import Ints
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, units_of
from detectors.likeness import alike
from detectors.next_door import weighed
from detectors.purchases import keep_medicines, mixture_of, numbered, resale_prone, with_habits
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: A medicine that this share of the members bought is on their list: nobody buys all of what is ordered.
ON_LIST = 0.5
#: Medicines for so many diseases make a list: one disease has its own combinations, and all its patients buy them.
LEAST_DISEASES = 2


class OneList:
    """Finds groups whose members sample one list of medicines for unlike diseases that hardly anybody else combines."""

    spec = DetectorSpec(
        id="one_list",
        version=1,
        pattern="drug_resale",
        kind="one_list",
        title=Text(
            "多人零星购买同一份不同病种用药清单", "One list of medicines for unlike diseases, bought now and then"
        ),
        question=Text(
            "哪些参保人零星购买同一份由不同病种长期用药组成的清单，全市几乎无他人如此搭配，且购药地点和日期彼此相合？",
            "Which persons buy, now and then, one list of lasting medicines for unlike diseases that hardly anybody else in "
            "the city combines, at places and on days that fit together?",
        ),
        status="trial",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 4, "days on which a group bought; fewer are a campaign"),
            Param(
                "least_llr", 6.0, "nats by which a member's purchases fit the group better than the member's own habits"
            ),
            Param("least_log_p", 20.0, "nats by which the group beats chance after the choice of its members"),
            Param(
                "least_on_list",
                0.6,
                "share of the members' sampled medicines that are on the list; who fetches his own has others too",
            ),
            Param(
                "least_closed",
                0.5,
                "share of the group among all who combine medicines of the list; what others combine as well is an illness",
            ),
        ),
        needs=("settlements.settled_at", "settlements.diagnosis_code", "lines.item_code"),
        null_model=Text(
            "每人零星购买不同病种的药品时，药品按此类购药的总体比例，地点为平时就诊机构或全市任一机构，日期任意，彼此无关；成员的选择"
            "按全部可能组合计入。",
            "Who samples medicines for unlike diseases buys them in the proportions of all such purchases, where he goes anyway "
            "or anywhere in the city, on any day, independently of others; the choice of the members is paid for over all "
            "groups of that size.",
        ),
        benign=(
            Text("同一疾病的联合用药", "medicines that are combined for one disease"),
            Text("常见合并症患者", "patients of diseases that often go together"),
            Text("结伴各购所需的熟人", "acquaintances who go together and fetch their own medicines"),
            Text("家庭成员互相代购", "families who buy for one another"),
            Text("就诊后在最近的药店取药", "prescriptions filled at the pharmacy next door"),
        ),
        misses=(
            Text("清单只含一个病种的药品", "lists for one disease only"),
            Text("按月规律购买的收药人", "buyers who take a medicine every month"),
            Text("没有诊断编码或费用明细的数据", "records without diagnoses or fee lines"),
        ),
        legal_basis=("Order 735 art. 19", "Order 735 art. 38(5)", "Order 735 art. 41(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        keep_medicines(build.tables)
        bought = with_habits(build.tables, "one_list")
        if bought.empty:
            return []
        rows, numbers = numbered(bought)
        groups = weighed(build.tables, _groups(rows, units_of(build.tables, numbers), params, build.seed))
        # the same purchases may show as sampled or foreign medicines: one reason, counted once
        told = Told(self.spec, "buyer", _text, leading="sampled_drugs", leading_weight=1.5)
        return chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"]))


def _groups(rows: pd.DataFrame, units: Ints, params: Mapping[str, Value], seed: int) -> list[Chosen]:
    """Groups with a list of their own among the purchases `rows`, as `numbered` gives them; `units` by person."""
    least_units = int(params["least_units"])
    seeds = alike(rows, units, least_units, seed)
    if not seeds:
        return []
    goods = rows.drop_duplicates(["person", "good"])
    groups = []
    for members, total in mixture_of(rows).settle(seeds, least_llr=float(params["least_llr"]), least_size=least_units):
        log_p = log_choose(len(units), len(members)) - total
        held = rows[rows["person"].isin(members)]
        if log_p > -float(params["least_log_p"]) or held["day"].nunique() < int(params["least_days"]):
            continue
        own = goods[goods["person"].isin(members)]
        by_good = own.groupby("good").size()
        listed = by_good.index[by_good >= ON_LIST * len(members)]
        on_list = float(own["good"].isin(listed).mean())
        combining, others = _who_combines(goods[goods["good"].isin(listed)], members)
        closed = combining / max(combining + others, 1)
        # of one disease alone nobody combines the unlike, in the group or outside it
        if on_list < float(params["least_on_list"]) or combining == 0 or closed < float(params["least_closed"]):
            continue
        signals = (_closed(combining, others, len(listed)), *resale_prone(held))
        groups.append(Chosen.of(held, log_p, Added(signals=signals)))
    return groups


def _who_combines(goods: pd.DataFrame, members: Ints) -> tuple[int, int]:
    """How many of `members`, and how many others, have medicines for several diseases among `goods`."""
    diseases = goods.groupby("person")["disease"].nunique()
    combining = diseases.index[diseases >= LEAST_DISEASES].to_numpy(np.int64)
    inside = int(np.isin(combining, members).sum())
    return inside, len(combining) - inside


def _closed(combining: int, others: int, medicines: int) -> Signal:
    return Signal(
        "list_of_their_own",
        math.log1p(combining) * combining / (combining + others),
        1.0,
        Text(
            f"清单含{medicines}种药品；成员中{combining}人搭配购买其中不同病种的药品，全市其他人中为{others}人",
            f"a list of {medicines} medicines; {combining} of the members combine those for unlike diseases, and {others} "
            "others in the city do",
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）零星购买同一份由不同病种长期用药组成的清单，地点与日期彼此相合，"
        f"共{settlements}笔结算、{len(group.days)}个日期。",
        f"{len(group.members)} insured persons of {group.units} households bought, now and then, one list of lasting medicines "
        f"for unlike diseases, at places and on days that fit together ({settlements} settlements on {len(group.days)} "
        "dates).",
    )
