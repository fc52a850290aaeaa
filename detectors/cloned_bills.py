"""Bills of stays that clone one another over several households of one institution (医疗项目雷同)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detectors.admissions import STAYS, stay_signals
from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.linked import linked
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text


class ClonedBills:
    """Finds households whose stays at one institution have nearly one bill, where such stays have it nowhere else."""

    spec = DetectorSpec(
        id="cloned_bills",
        version=1,
        pattern="sham_stay",
        kind="cloned_bills",
        title=Text("多户住院账单项目与数量雷同", "Bills of several households' stays that clone one another"),
        question=Text(
            "哪些机构有四户以上的住院账单项目与数量几乎相同，而同诊断、同住院天数的账单在其他机构并不如此？",
            "At which institution do stays of four households and more have nearly one bill, item by item and quantity by "
            "quantity, where stays of like diagnosis and length are not so alike elsewhere?",
        ),
        status="trial",
        params=(
            Param("least_alike", 0.85, "two of a dozen items may differ: clones are touched up by hand"),
            Param("least_items", 6, "a few items are alike by necessity"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_peers", 3, "houses that treat the diagnosis as well: fewer tell no usual likeness"),
            Param(
                "prior", 50, "pairs of bills: so many must be seen elsewhere before the diagnosis outweighs the city"
            ),
            Param(
                "most_met", 50, "different bills of a house that share two rare entries: what more share is no rarity"
            ),
            Param("least_log_p", 3.0, "nats by which the group beats the peers, after the choice of the bill"),
        ),
        needs=("settlements.begin_at", "settlements.end_at", "settlements.diagnosis_code", "lines.item_code"),
        null_model=Text(
            "与某一账单雷同的家庭数服从泊松分布，均值取同诊断、同天数账单在其他机构的雷同程度，"
            "或该机构其他诊断的雷同程度，取较大者；对账单的选择取并集界。",
            "Households whose bill is like a given one come as a Poisson number; the mean is told by how alike bills of "
            "the diagnosis and length are at other institutions, or bills of the institution's other diagnoses, whichever "
            "is more. A union bound pays for the choice of the bill.",
        ),
        benign=(
            Text("临床路径：同诊断账单各机构皆雷同", "clinical paths: bills of the diagnosis are alike at all houses"),
            Text("按病种或打包收费", "prices by diagnosis group or package"),
            Text("透析、化疗疗程：同一人的多次住院", "courses of dialysis or chemotherapy: one person's stays"),
            Text("新生儿、日间手术等短住院", "newborns, day surgery and other short stays"),
            Text("医嘱套餐：该机构各诊断账单皆雷同", "order sets: bills of the house are alike in all diagnoses"),
            Text("仅个别机构开展的诊疗", "care that few houses offer"),
        ),
        misses=(
            Text("逐项编造、互不雷同的账单", "bills that were each made up afresh"),
            Text("项目少于六种或住院不足两夜", "fewer than six items or two nights"),
            Text("少数机构才有的诊断", "diagnoses that few houses treat"),
            Text(
                "全市多数机构一同套用的模板，或一家机构各诊断通用的模板",
                "a template used at most houses of the city, or in all diagnoses of one house",
            ),
        ),
        legal_basis=("Order 735 art. 20", "Order 735 art. 40(2)(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        given = {
            name: params[name]
            for name in ("least_alike", "least_items", "least_units", "least_peers", "prior", "most_met")
        }
        rows = build.tables.execute(read_sql("cloned_bills"), given).df()
        groups = _groups(rows, int(params["least_units"]), float(params["least_log_p"]))
        told = Told(self.spec, "patient", _text, further=stay_signals, leading="cloned_bills", leading_weight=1.5)
        return chosen(build.tables, STAYS, groups, told, least_units=int(params["least_units"]))


def _groups(rows: pd.DataFrame, least_units: int, least_log_p: float) -> list[Chosen]:
    """Bills that more households hold than chance would bring, with those like them; by shared households, one group."""
    if rows.empty:
        return []
    stays = rows.drop_duplicates("settlement_no")
    stays = stays.assign(template=stays["bill"].map(_templates(rows)))
    cells = stays.drop_duplicates(["template", "category", "length"])
    found = stays.groupby("template").agg(k=("unit_no", "nunique"), looked_at=("looked_at", "first"))
    found["expected"] = cells.groupby("template")["expected"].sum()
    # one bill was chosen, and the others are like it
    found["log_p"] = log_tail(found["k"] - 1, found["expected"]) + np.log(found["looked_at"])
    stands = found[(found["k"] >= least_units) & (found["log_p"] <= -least_log_p)]
    told = stays[stays["template"].isin(stands.index)]
    groups = []
    for templates in linked(told, node="template", by="unit_no", least_shared=2):
        held = told[told["template"].isin(templates)]
        log_p = float(stands.loc[templates, "log_p"].sum())
        groups.append(Chosen.of(held, log_p, Added(signals=(_alike(held, len(templates)),))))
    return sorted(groups, key=lambda group: group.settlements)


def _templates(rows: pd.DataFrame) -> dict[int, int]:
    """The template of each bill: of its neighbours, itself among them, the one with most households that is left.

    Chains of bills that are each a little unlike the next have no common template: who is like the ends need not be
    like one another.
    """
    edges = rows[["bill", "other", "households"]].drop_duplicates(["bill", "other"]).sort_values(["bill", "other"])
    order = edges.drop_duplicates("bill").sort_values(["households", "bill"], ascending=[False, True])["bill"].tolist()
    bills, starts = np.unique(edges["bill"].to_numpy(), return_index=True)
    ends = dict(zip(bills.tolist(), np.split(edges["other"].to_numpy(), starts[1:]), strict=True))
    template: dict[int, int] = {}
    for bill in order:
        if bill not in template:
            template |= {other: bill for other in ends[bill].tolist() if other not in template}
    return template


def _alike(held: pd.DataFrame, templates: int) -> Signal:
    stays, equal = len(held), int(held.duplicated("bill", keep=False).sum())
    return Signal(
        "bills_cloned",
        math.log1p(stays),
        1.0,
        Text(
            f"{stays}次住院只有{templates}种账单，其中{equal}次与他次完全相同，其余仅个别项目或数量不同",
            f"{stays} stays have {templates} bills between them: {equal} equal another's exactly, the others differ in a few "
            "items or quantities",
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}次住院账单项目与数量几乎相同。",
        f"{settlements} stays of {len(group.members)} insured persons of {group.units} households have nearly the same bill, "
        "item by item and quantity by quantity.",
    )
