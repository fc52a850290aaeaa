"""Cards on which medicines for lasting diseases are bought now and then, at the same places and times (聚卡购药)."""

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
from detectors.meetings import first_groups
from detectors.mixture import Events, Mixture
from detectors.next_door import weighed
from detectors.purchases import keep_medicines, with_habits
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text


class SampledDrugs:
    """Finds groups of persons who each sample several lasting medicines and do so at common places and days."""

    spec = DetectorSpec(
        id="sampled_drugs",
        version=2,
        pattern="hoarded_cards",
        kind="sampled_drugs",
        title=Text("多人零星购买多种长期用药", "Lasting medicines bought now and then by several persons"),
        question=Text(
            "哪些参保人各自零星购买多种须长期服用的药品，且购买的地点和日期彼此相合？",
            "Which persons each buy several medicines that are taken on and on, but only now and then, at places and on days "
            "that fit together?",
        ),
        status="trial",
        params=(
            Param("least_drugs", 3, "sampled medicines of a person whom a group starts from; two to belong to one"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 4, "days on which members bought where others of them did; fewer are a campaign"),
            Param(
                "least_llr", 6.0, "nats by which a member's purchases fit the group better than the member's own habits"
            ),
            Param("least_log_p", 10.0, "nats by which the group beats chance after the choice of its members"),
        ),
        needs=("settlements.settled_at", "lines.item_code"),
        null_model=Text(
            "每人在平时就诊的机构或全市任一机构、任一日期零星购药，彼此无关；成员的选择按全部可能组合计入。",
            "Everybody samples medicines where he goes anyway or anywhere in the city, on any day, independently of others; "
            "the choice of the members is paid for over all groups of that size.",
        ),
        benign=(
            Text("新近确诊、换药的患者", "patients who were diagnosed lately or changed their medicine"),
            Text("家庭成员互相代购", "families who buy for one another"),
            Text("同一机构的集中义诊、促销", "a campaign at one site"),
            Text("就诊后在最近的药店取药", "prescriptions filled at the pharmacy next door"),
        ),
        misses=(
            Text("按月规律购买的收药人", "buyers who take a medicine every month"),
            Text("只买一种药品的人", "persons who buy one medicine only"),
            Text("没有费用明细的数据", "records without fee lines"),
        ),
        legal_basis=("Order 735 art. 17", "Order 735 art. 19", "Order 735 art. 38(5)", "Order 735 art. 41"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        keep_medicines(build.tables)
        bought = with_habits(build.tables, "sampled_drugs")
        if bought.empty:
            return []
        numbers, person = np.unique(bought["person_no"].to_numpy(np.int64), return_inverse=True)
        groups = _groups(
            bought.assign(person=person),
            units_of(build.tables, numbers),
            least_drugs=int(params["least_drugs"]),
            least_units=int(params["least_units"]),
            least_days=int(params["least_days"]),
            least_llr=float(params["least_llr"]),
            least_log_p=float(params["least_log_p"]),
            seed=build.seed,
        )
        told = Told(self.spec, "card_holder", _text, leading="sampled_drugs", leading_weight=1.5)
        return chosen(build.tables, VISITS, weighed(build.tables, groups), told, least_units=int(params["least_units"]))


def _groups(
    bought: pd.DataFrame,
    units: Ints,
    *,
    least_drugs: int,
    least_units: int,
    least_days: int,
    least_llr: float,
    least_log_p: float,
    seed: int,
) -> list[Chosen]:
    """Groups among the purchases `bought`, whose `person` counts from 0, as do `units`, the households."""
    _, site = np.unique(bought["site_no"].to_numpy(), return_inverse=True)
    day = bought["day"].to_numpy(np.int64)
    rows = bought.assign(site=site, day=day - day.min())
    events = rows.drop_duplicates(["person", "site", "day"])
    seeds = first_groups(events[events["drugs"] >= least_drugs], units, least_units, seed)
    if not seeds:
        return []
    mixture = Mixture(Events(*(events[name].to_numpy() for name in ("person", "site", "day", "own"))))
    groups = []
    for members, total in mixture.settle(seeds, least_llr=least_llr, least_size=least_units):
        log_p = log_choose(len(units), len(members)) - total
        if log_p > -least_log_p:
            continue
        held = rows[rows["person"].isin(members)]
        # what was bought where nobody else of the group was says nothing about the group
        shared = held.groupby("site")["person"].nunique()
        told = held[held["site"].map(shared) >= 2]
        if told["day"].nunique() < least_days:
            continue
        groups.append(Chosen.of(told, log_p, Added(signals=_several(held))))
    return groups


def _several(held: pd.DataFrame) -> tuple[Signal, ...]:
    """How many medicines the members sample on the mean, beyond the two that everybody in question does."""
    drugs = float(held.groupby("person")["drugs"].first().mean())
    return (
        Signal(
            "several_medicines",
            math.log(max(drugs / 2, 1.0)),
            1.0,
            Text(
                f"每人平均零星购买{drugs:.1f}种须长期服用的药品",
                f"{drugs:.1f} medicines for lasting diseases sampled by each on the mean",
            ),
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）各自零星购买多种须长期服用的药品，购买地点与日期彼此相合，"
        f"共{settlements}笔结算、{len(group.days)}个日期。",
        f"{len(group.members)} insured persons of {group.units} households each bought several medicines that are taken on "
        f"and on only now and then, at places and on days that fit together ({settlements} settlements on "
        f"{len(group.days)} dates).",
    )
