"""Patients of one doctor whose purchases after a visit are odd for themselves, again and again (医患药店合谋)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail
from detectors.covisit import VISITS
from detectors.fill_prices import price_above_peers, prices
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.next_door import measured, next_door
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text

#: A pharmacy is one of the arrangement when so many of the patients come to it …
PATIENTS_THERE = 3
#: … and so many times the purchases that its share of all purchases after visits would bring.
LIFT_THERE = 3.0


class DoctorFills:
    """Finds doctors with too many patients who, after seeing them, buy repeatedly in a way that is odd for the patient."""

    spec = DetectorSpec(
        id="doctor_fills",
        version=3,
        pattern="doctor_pharmacy",
        kind="doctor_fills",
        title=Text("就诊后反常购药集中于一名医师", "Odd purchases that follow visits to one doctor"),
        question=Text(
            "哪些医师有过多患者在就诊后一天内反复到平时少去的药店、以反常金额购药？",
            "Which doctors have too many patients who, within a day of a visit, buy again and again at pharmacies they seldom "
            "use or for amounts unusual for them?",
        ),
        status="trial",
        params=(
            Param("most_odd_p", 0.15, "share of all visits at least as odd as such a purchase"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param(
                "least_log_p", 3.0, "nats by which such patients beat the other doctors' rate, after all doctors tried"
            ),
            Param("dear_ratio", 1.5, "price against other pharmacies, as supervision rules in use have it"),
        ),
        needs=("settlements.doctor_no", "settlements.settled_at"),
        null_model=Text(
            "一名医师的此类患者数服从泊松分布，均值按其他医师每笔随诊购药的比率计算。",
            "Such patients come to a doctor as a Poisson number at the other doctors' rate per purchase that follows a visit.",
        ),
        benign=(
            Text(
                "医院旁的药店（对各医师一视同仁，或患者就近购药）",
                "the pharmacy next door (it serves all doctors alike, or is the nearest to go to)",
            ),
            Text("专科医师开具的新药只有个别药店有售", "a specialist whose new drugs few pharmacies keep"),
            Text(
                "对所有顾客都偏贵的药店（价格不作为证据）",
                "a pharmacy that is dear to everybody (its prices are no evidence)",
            ),
        ),
        misses=(
            Text("患者在其常去的药店购药的合谋", "arrangements with the pharmacy that the patients use anyway"),
            Text("每名患者只配合一次", "patients who take part only once"),
        ),
        legal_basis=("Order 735 art. 18", "Order 735 art. 40(1)", "Order 735 art. 42"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("doctor_fills"),
            {"most_odd_p": float(params["most_odd_p"]), "least_units": int(params["least_units"])},
        ).df()
        groups = _groups(build.tables, rows, float(params["least_log_p"]), float(params["dear_ratio"]))
        told = Told(
            self.spec,
            "patient",
            _text,
            leading="doctor_fills",
            leading_weight=2.0,
        )
        return chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"]))


def _groups(
    tables: duckdb.DuckDBPyConnection, rows: pd.DataFrame, least_log_p: float, dear_ratio: float
) -> list[Chosen]:
    told: list[tuple[pd.DataFrame, Chosen]] = []
    for _, odd in rows.groupby("doctor_no", sort=True):
        doctor = int(odd["doctor_no"].iloc[0])
        persons, expected = int(odd["persons"].iloc[0]), max(float(odd["expected"].iloc[0]), 0.3)
        log_p = float(log_tail(persons, expected)) + math.log(int(odd["doctors"].iloc[0]))
        if log_p > -least_log_p:
            continue
        held = _with_single_purchases(odd)
        # how few pharmacies serve so many purchases
        by_site = held["site_no"].value_counts()
        top = int(by_site.iloc[: max(1, len(by_site) // 4 + 1)].sum())
        few = Signal(
            "few_pharmacies",
            math.log1p(top) * top / len(held),
            1.0,
            Text(
                f"{len(held)}笔购药中{top}笔集中于少数药店",
                f"{top} of the {len(held)} purchases at a few of the pharmacies",
            ),
        )
        settlements = np.unique(np.concatenate([held["visit_no"].to_numpy(), held["purchase_no"].to_numpy()]))
        group = Chosen(
            tuple(np.sort(held["person_no"].unique()).tolist()),
            tuple(settlements.tolist()),
            log_p,
            Added(members=(Member("doctor", doctor, "doctor", 1.0),), signals=(few,)),
        )
        told.append((held, group))
    if not told:
        return []
    purchases = [held["purchase_no"].tolist() for held, _ in told]
    known = prices(tables, [no for numbers in purchases for no in numbers])
    near = measured(tables, purchases)
    groups = []
    for place, (_, group) in enumerate(told):
        dear = price_above_peers(known, purchases[place], dear_ratio)
        benign = (next_door(*near[place], is_dear=bool(dear)),) if place in near else ()
        added = replace(group.added, signals=(*group.added.signals, *dear), benign=benign)
        groups.append(replace(group, added=added))
    return groups


def _with_single_purchases(odd: pd.DataFrame) -> pd.DataFrame:
    """The odd purchases of patients who have several, and single ones of others at the pharmacies where these go."""
    again = odd[odd["again"]]
    there = again.groupby("site_no", sort=True).agg(
        persons=("person_no", "nunique"), n=("purchase_no", "size"), share=("site_share", "first")
    )
    own = there.index[(there["persons"] >= PATIENTS_THERE) & (there["n"] >= LIFT_THERE * len(again) * there["share"])]
    return odd[odd["again"] | odd["site_no"].isin(own)]


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）就诊于同一医师后一天内反复出现对本人而言反常的购药，"
        f"就诊与购药共{settlements}笔。",
        f"{len(group.members)} insured persons of {group.units} households repeatedly bought in a way that is odd for "
        f"themselves within a day of seeing one doctor ({settlements} visits and purchases).",
    )
