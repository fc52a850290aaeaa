"""Patients who lie with one doctor again and again, each time for another illness (频繁住院)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detectors.admissions import STAYS, stay_signals
from detectors.base import DetectorSpec, Param, Value
from detectors.chance import Floats, log_tail_of_mixture
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.linked import linked
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Doctors furthest above the city's rate do not tell how much honest doctors differ.
TRIMMED = 0.1


class FrequentStays:
    """Finds doctors several of whose patients come back for illnesses that have nothing to do with one another."""

    spec = DetectorSpec(
        id="frequent_stays",
        version=1,
        pattern="sham_stay",
        kind="frequent_stays",
        # one doctor's patients may be of several groups: as a tested finding it made one lead of them
        channel="exploration",
        title=Text(
            "多人在同一医师处因不同疾病反复住院",
            "Several patients of one doctor in hospital again and again, each time for another illness",
        ),
        question=Text(
            "哪些机构、哪名医师有多名不同家庭的患者反复住院且每次疾病类目不同，超过其他医师之间的差异所能解释的程度？",
            "Which doctor of which institution has several patients of different households who are in hospital again and "
            "again, each time for an illness of another category, beyond what doctors differ by?",
        ),
        status="trial",
        params=(
            Param("least_persons", 3, "one or two are frail, or unlucky"),
            Param("least_units", 3, "a couple may share a doctor and a fate"),
            Param("least_log_p", 5.0, "nats by which such patients beat the other doctors' rate and spread"),
        ),
        needs=("settlements.begin_at", "settlements.end_at", "settlements.diagnosis_code"),
        null_model=Text(
            "此类患者来到每名医师的人数服从负二项分布，均值与离散度取自全市其他医师。",
            "Such patients come to a doctor as a negative binomial number with the rate of the other doctors and the spread "
            "that they show.",
        ),
        benign=(
            Text("老年多病患者、养老机构签约医师", "frail patients with several illnesses, a nursing home's doctor"),
            Text(
                "化疗等同一疾病的分次住院（类目相同不计）",
                "courses of treatment for one illness (one category does not count)",
            ),
            Text("乡镇卫生院唯一的住院医师", "the only doctor of a township hospital"),
        ),
        misses=(
            Text("每次住院诊断相同的情形", "the same diagnosis every time"),
            Text("每次更换医师和机构的情形", "another doctor and another institution every time"),
            Text("每人只住院一次的情形", "one stay a person"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(1)", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        stays = build.tables.execute(read_sql("frequent_stays")).df()
        groups = _groups(stays, int(params["least_persons"]), float(params["least_log_p"]))
        told = Told(self.spec, "patient", _text, further=stay_signals, leading="frequent_stays", leading_weight=2.0)
        return chosen(build.tables, STAYS, groups, told, least_units=int(params["least_units"]))


def _groups(stays: pd.DataFrame, least_persons: int, least_log_p: float) -> list[Chosen]:
    """Doctors who stand out, united where they share patients, with every patient who came back to them."""
    if stays.empty:
        return []
    stays = stays.assign(cell=stays.groupby(["site_no", "doctor_no"], sort=True).ngroup())
    patients = stays.groupby(["cell", "person_no"], sort=True).agg(categories=("category", "nunique")).reset_index()
    cells = (
        patients.assign(changing=patients["categories"] >= 2)
        .groupby("cell", sort=True)["changing"]
        .agg(["size", "sum"])
    )
    log_p = pd.Series(_log_p(cells["size"].to_numpy(np.float64), cells["sum"].to_numpy(np.float64)), index=cells.index)
    standing = cells.index[(log_p <= -least_log_p) & (cells["sum"] >= least_persons)]
    told = stays[stays["cell"].isin(standing)]
    groups = []
    for group in linked(told, node="cell", by="person_no", least_shared=2):
        held = told[told["cell"].isin(group)]
        often = held.groupby("person_no")["settlement_no"].nunique()
        held = held[held["person_no"].isin(often.index[often >= 2])]
        categories = held.groupby("person_no")["category"].nunique()
        groups.append(Chosen.of(held, float(log_p[group].sum()), Added(signals=_signals(held, categories))))
    return sorted(groups, key=lambda one: one.settlements)


def _log_p(patients: Floats, changing: Floats) -> Floats:
    """Log chance of each doctor's number of such patients given all other doctors, the choice of a doctor paid for."""
    rate = (changing.sum() - changing + 0.5) / (patients.sum() - patients + 10)
    expected = patients * rate
    beyond = changing - expected
    usual = beyond <= np.quantile(beyond, 1 - TRIMMED)
    spread = max(0.0, float(((beyond**2 - expected)[usual]).sum() / max((expected[usual] ** 2).sum(), 1e-9)))
    result: Floats = log_tail_of_mixture(changing, expected, spread) + math.log(len(patients))
    return result


def _signals(held: pd.DataFrame, categories: pd.Series) -> tuple[Signal, ...]:
    often = int((held.groupby("person_no")["settlement_no"].nunique() >= 3).sum())
    changing = int((categories >= 2).sum())
    signals = [
        Signal(
            "changing_illness",
            math.log1p(changing),
            1.0,
            Text(f"{changing}人每次住院疾病类目不同", f"{changing} persons with illnesses of different categories"),
        )
    ]
    if often >= 2:
        signals.append(
            Signal(
                "three_stays",
                math.log1p(often),
                1.0,
                Text(f"{often}人住院三次以上", f"{often} persons with three stays or more"),
            )
        )
    return tuple(signals)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在相同医师处反复住院，共{settlements}次，疾病类目多次变换。",
        f"{len(group.members)} insured persons of {group.units} households were in hospital with the same doctors again and "
        f"again ({settlements} stays), for illnesses of changing categories.",
    )
