"""Stays that exist on paper: shared beds, days without charges, copied bills, holders seen elsewhere (挂床、虚假住院)."""

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

INDICATORS: dict[str, Text] = {
    "bed": Text("{n}次住院的床位同时登记给他人", "the bed of {n} stays was given to somebody else on the same nights"),
    "bare": Text("{n}次住院多数日期没有费用明细", "{n} stays have no charges on most of their days"),
    "uncared": Text(
        "{n}次住院多数夜晚未收床位、护理等逐日费用", "{n} stays have no charges for bed or care for most nights"
    ),
    "copied": Text("{n}次住院的账单与他人完全相同", "{n} stays have exactly the bill of another person"),
    "away": Text("{n}次住院期间本人在别处就诊或购药", "during {n} stays the person was treated or bought elsewhere"),
}

#: Marks that have one cause stand for one kind: a bill without a day's charges has few days as well.
KINDS: tuple[tuple[str, ...], ...] = (("bed",), ("bare", "uncared"), ("copied",), ("away",))
#: Bounds of a person's nights in all stays together, between which persons are held against one another.
NIGHTS = (30, 90)


class PaperStays:
    """Finds doctors of an institution with too many patients whose stays carry several marks of a stay on paper."""

    spec = DetectorSpec(
        id="paper_stays",
        version=3,
        pattern="sham_stay",
        kind="paper_stays",
        title=Text("住院缺少在院痕迹", "Stays that leave no trace of a patient"),
        question=Text(
            "哪些机构、哪名医师的多名患者反复出现床位重叠、多日无费用或无床位护理费、账单雷同、住院期间在别处就诊？",
            "Which doctor of which institution has several patients whose stays show again and again: a bed given to two, "
            "days without charges or nights without bed and care, a bill equal to another person's, visits elsewhere meanwhile?",
        ),
        status="trial",
        params=(
            Param("least_score", 4.5, "nats over a person's stays: two indicators that are rare elsewhere"),
            Param("least_units", 3, "one or two families have private reasons"),
            Param("least_log_p", 3.0, "nats by which the number of such persons beats the other doctors' rate"),
            Param(
                "daily_coverage",
                0.9,
                "share of a house's stays half of whose nights a charge covers, at the middle one of most houses, "
                "for it to be due day by day: charges left out by mistake are fewer",
            ),
            Param(
                "own_coverage",
                0.5,
                "the same share at the stay's own house: what it seldom charges is not its way of charging",
            ),
        ),
        needs=("settlements.begin_at", "settlements.end_at"),
        null_model=Text(
            "一名医师的此类患者数服从以其他医师比率为均值的泊松分布。",
            "Such patients come to one doctor of an institution as a Poisson number at the rate of the other doctors.",
        ),
        benign=(
            Text("加床、转床登记滞后", "extra beds and late registration of a change of bed"),
            Text("请假离院、家属代购", "leave from the ward, relatives fetching drugs"),
            Text(
                "单病种路径的相同账单、打包收费（按同诊断其他机构的比率、单项打包价剔除）",
                "equal bills of one clinical path, packages charged at one price (by the rate of other houses for the "
                "diagnosis; bills of one price say nothing of days)",
            ),
            Text("日间病房、家庭病床", "day wards, beds at home"),
            Text(
                "整家机构数据缺失（按机构自身比率剔除）",
                "a feed fault of a whole institution (left out by its own rate)",
            ),
        ),
        misses=(
            Text("只缺一种逐日费用（如只缺护理费）的情形", "one kind of daily charge left out alone, such as nursing"),
            Text(
                "费用逐日补录且床位不重叠的虚假住院",
                "sham stays with a bed of their own and charges made up for every day",
            ),
            Text("每家机构只有一两户的情形", "one or two households at an institution"),
            Text("所有患者都只有同一种痕迹的情形", "patients who all show one and the same kind of mark only"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(1)", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        shares = {name: float(params[name]) for name in ("daily_coverage", "own_coverage")}
        stays = build.tables.execute(read_sql("paper_stays"), shares).df()
        groups = _groups(stays, float(params["least_score"]), float(params["least_log_p"]))
        told = Told(
            self.spec,
            "patient",
            _text,
            further=stay_signals,
            leading="paper_stays",
            leading_weight=2.0,
        )
        return chosen(build.tables, STAYS, groups, told, least_units=int(params["least_units"]))


def _groups(stays: pd.DataFrame, least_score: float, least_log_p: float) -> list[Chosen]:
    """Persons whose stays are marked again and again, where one doctor of an institution has too many of them."""
    if stays.empty:
        return []
    worths = stays[list(INDICATORS)].add_prefix("worth_")
    marks = (stays[list(INDICATORS)] > 0).astype("int64")
    stays = stays.assign(**marks).join(worths)
    stays = stays.assign(marks=marks.sum(axis=1), is_marked=marks.any(axis=1))
    of_person = stays.groupby("person_no")
    again = (of_person["is_marked"].sum() >= 2) | (of_person["marks"].max() >= 2)
    core = again.index[again & (of_person["score"].sum() >= least_score)]
    # one kind of mark alone has a cause of its own (a full ward, a clinical path, a relative who buys drugs): it makes
    # nobody's cell stand out, but in a cell that does, the mark of most makes a member
    held_by = of_person[list(INDICATORS)].max()
    kinds = sum(held_by[list(names)].max(axis=1) for names in KINDS)
    firm = held_by.index[(kinds >= 2) & held_by.index.isin(core)]
    stays = stays.assign(
        is_core=stays["person_no"].isin(core),
        is_firm=stays["person_no"].isin(firm),
        cell=stays.groupby(["site_no", "doctor_no"]).ngroup(),
    )
    cells = _cells(stays)
    expected = cells["expected"].clip(lower=0.1)
    log_p = pd.Series(log_tail(cells["core"], expected) + math.log(len(cells)), index=cells.index)
    standing = cells.index[(log_p <= -least_log_p) & (cells["core"] >= 3)]
    told = stays[stays["is_core"] & stays["cell"].isin(standing)]
    groups = []
    for linked_cells in linked(told, node="cell", by="person_no", least_shared=2):
        held = told[told["cell"].isin(linked_cells) & told["is_marked"]]
        held = held[held["person_no"].isin(_of_one_kind(held))]
        signals = tuple(
            Signal(
                f"paper_stays.{name}",
                math.log1p(int(held[name].sum())),
                1.0,
                Text(text.zh.format(n=int(held[name].sum())), text.en.format(n=int(held[name].sum()))),
            )
            for name, text in INDICATORS.items()
            if held[name].sum() >= 2
        )
        groups.append(Chosen.of(held, float(log_p[linked_cells].sum()), Added(signals=signals)))
    return sorted(groups, key=lambda group: group.settlements)


def _cells(stays: pd.DataFrame) -> pd.DataFrame:
    """Per cell its firm persons (`core`), and how many there would be at the rate of all others with as many nights.

    Who lies for months has more occasions for every mark: persons are held against those who lie about as long.
    """
    nights = stays.groupby("person_no")["nights"].transform("sum")
    seen = stays.assign(long=np.searchsorted(NIGHTS, nights)).drop_duplicates(["cell", "person_no"])
    # a patient of several doctors does not speak for the others
    every = seen.drop_duplicates("person_no")
    rate = (every["is_firm"].sum() + 1) / (len(every) + 1)
    of_all = every.groupby("long")["is_firm"].agg(["size", "sum"])
    of_cell = seen.groupby(["cell", "long"])["is_firm"].agg(["size", "sum"]).reset_index()
    all_n, all_firm = (of_all[name].reindex(of_cell["long"]).to_numpy() for name in ("size", "sum"))
    of_cell["expected"] = of_cell["size"] * (all_firm - of_cell["sum"] + rate) / (all_n - of_cell["size"] + 1)
    return of_cell.groupby("cell").agg(core=("sum", "sum"), expected=("expected", "sum"))


def _of_one_kind(held: pd.DataFrame) -> pd.Index:
    """Persons of a group: those with several kinds of marks, and those who bear the mark that tells most of the group.

    A doctor may serve two groups at once; who bears but the mark of the other group does not belong to this one.
    """
    persons = held.groupby("person_no")
    firm = persons["is_firm"].any()
    worths = persons[[f"worth_{name}" for name in INDICATORS]].max()
    telling = worths[firm].sum().round(6).idxmax()
    return worths.index[firm | (worths[telling] > 0)]


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}次住院缺少在院痕迹。",
        f"{settlements} stays of {len(group.members)} insured persons of {group.units} households leave few traces of a "
        "patient in the house.",
    )
