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
from detectors.linked import joined
from detectors.paper_members import KINDS, LEAST_FIRM, RECURRING, alike, apart, of_one_kind
from detectors.repeated_marks import marked_again
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

#: Bounds of a person's nights in all stays together, between which persons are held against one another.
NIGHTS = (30, 90)


class PaperStays:
    """Finds doctors of an institution with too many patients whose stays carry several marks of a stay on paper."""

    spec = DetectorSpec(
        id="paper_stays",
        version=4,
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
                "least_share",
                0.5,
                "share of the smaller one's persons that two doctors' groups have in common, and more, to be one: most of "
                "the one are in the other",
            ),
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
            "一名医师的此类患者数服从以其他医师比率为均值的泊松分布；单一痕迹须在另一机构另一医师处或因另一疾病再现，"
            "与他处、该机构不再现者及该医师其他患者的比率相比，无痕迹的住院计为反证。",
            "Such patients come to one doctor of an institution as a Poisson number at the rate of the other doctors. One kind "
            "of mark alone counts where it comes back with another doctor at another house or for another illness, by its "
            "odds against its rate elsewhere, in the house and among the doctor's others; stays without it count against.",
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
            Text(
                "安宁疗护等每人一次、不收逐日费用的住院（同一痕迹不再现不计）",
                "hospice and other stays without daily charges, one a person (a mark that does not come back does not count)",
            ),
        ),
        misses=(
            Text("只缺一种逐日费用（如只缺护理费）的情形", "one kind of daily charge left out alone, such as nursing"),
            Text(
                "费用逐日补录且床位不重叠的虚假住院",
                "sham stays with a bed of their own and charges made up for every day",
            ),
            Text("每家机构只有一两户的情形", "one or two households at an institution"),
            Text(
                "所有患者只有同一种痕迹，且总在同一医师处、因同一疾病住院",
                "patients who show one kind of mark only, always with one doctor and for one illness",
            ),
            Text(
                "同在几名医师处、痕迹也相同的两个团伙（合为一条线索）",
                "two groups with the same doctors and the same marks (told as one)",
            ),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(1)", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        shares = {name: float(params[name]) for name in ("daily_coverage", "own_coverage")}
        stays = build.tables.execute(read_sql("paper_stays"), shares).df()
        groups = _groups(
            stays, float(params["least_score"]), float(params["least_log_p"]), float(params["least_share"])
        )
        told = Told(
            self.spec,
            "patient",
            _text,
            further=stay_signals,
            leading="paper_stays",
            leading_weight=2.0,
        )
        return chosen(build.tables, STAYS, groups, told, least_units=int(params["least_units"]))


def _groups(stays: pd.DataFrame, least_score: float, least_log_p: float, least_share: float) -> list[Chosen]:
    """Persons whose stays are marked again and again, where one doctor of an institution has too many of them."""
    if stays.empty:
        return []
    worths = stays[list(INDICATORS)].add_prefix("worth_")
    marks = (stays[list(INDICATORS)] > 0).astype("int64")
    stays = stays.assign(**marks).join(worths)
    of_kind = pd.concat([marks[list(names)].max(axis=1) for names in KINDS], axis=1)
    stays = stays.assign(marks=of_kind.sum(axis=1), is_marked=marks.any(axis=1))
    of_person = stays.groupby("person_no")
    again = (of_person["is_marked"].sum() >= 2) | (of_person["marks"].max() >= 2)
    core = again.index[again & (of_person["score"].sum() >= least_score)]
    # one kind of mark alone has a cause of its own (a full ward, a clinical path, a relative who buys drugs): it makes
    # nobody's cell stand out unless it comes back where that cause would not
    held_by = of_person[list(INDICATORS)].max()
    kinds = sum(held_by[list(names)].max(axis=1) for names in KINDS)
    one_kind = marked_again(stays, RECURRING, least_score)
    firm = held_by.index[((kinds >= 2) & held_by.index.isin(core)) | held_by.index.isin(one_kind)]
    stays = stays.assign(
        is_core=stays["person_no"].isin(core.union(one_kind)),
        is_firm=stays["person_no"].isin(firm),
        cell=stays.groupby(["site_no", "doctor_no"]).ngroup(),
    )
    cells = _cells(stays)
    expected = cells["expected"].clip(lower=0.1)
    tail = pd.Series(log_tail(cells["core"], expected), index=cells.index)
    log_p = tail + math.log(len(cells))
    # a doctor chosen among all must stand out against the choice; one whom a standing group leads to, by itself
    near = cells.index[(tail <= -least_log_p) & (cells["core"] >= LEAST_FIRM)]
    standing = cells.index[(log_p <= -least_log_p) & (cells["core"] >= LEAST_FIRM)]
    told = stays[stays["is_firm"] & stays["cell"].isin(near)]
    sets = joined(told, node="cell", by="person_no", least_shared=2, least_share=least_share)
    sets = [cells_of for cells_of in sets if standing.isin(cells_of).any()]
    groups = []
    for held in apart(stays, sets):
        parts = list(of_one_kind(held[held["person_no"].isin(alike(held, stays))]))
        for part in parts:
            # a doctor's firm persons speak for the group, but for those who are of another
            others = {person for other in parts if other is not part for person in other["person_no"]}
            shown = held[held["is_firm"] & held["cell"].isin(standing) & ~held["person_no"].isin(others)]
            core_of = shown.groupby("cell")["person_no"].nunique()
            chance = log_tail(core_of.to_numpy(), expected[core_of.index].to_numpy()) + math.log(len(cells))
            groups.append(Chosen.of(part, float(np.minimum(chance, 0.0).sum()), Added(signals=_signals(part))))
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


def _signals(held: pd.DataFrame) -> tuple[Signal, ...]:
    counts = {name: int(held[name].sum()) for name in INDICATORS}
    return tuple(
        Signal(
            f"paper_stays.{name}",
            math.log1p(counts[name]),
            1.0,
            Text(text.zh.format(n=counts[name]), text.en.format(n=counts[name])),
        )
        for name, text in INDICATORS.items()
        if counts[name] >= 2
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}次住院缺少在院痕迹。",
        f"{settlements} stays of {len(group.members)} insured persons of {group.units} households leave few traces of a "
        "patient in the house.",
    )
