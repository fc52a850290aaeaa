"""Buyers of lasting medicines for diseases that their own history does not show (倒卖药品、职业开药)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

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
from graphaudit.findings import Finding, Member, Signal, Text

#: Whoever holds his own card uses it as ever: above this share of unusual credentials the cards are with somebody else.
FOREIGN_CREDENTIALS = 0.25
#: Who collects prescriptions buys at pharmacies and at institutions: at least this share at either.
BOTH_KINDS = 0.1
#: Half of the purchases at institutions and more by one doctor are that doctor's arrangement.
ONE_DOCTOR = 0.5


class ForeignDrugs:
    """Finds groups of persons who buy, at common places and from one list, medicines for diseases they do not show."""

    spec = DetectorSpec(
        id="foreign_drugs",
        version=2,
        pattern="drug_resale",
        kind="foreign_drugs",
        title=Text("多人购买与本人病史不符的长期用药", "Lasting medicines for diseases that the buyers do not show"),
        question=Text(
            "哪些参保人购买多种疾病的长期用药而本人病史未见这些疾病，且所购药品、购药地点和日期彼此相合？",
            "Which persons buy lasting medicines for several diseases of which their own history knows nothing, alike in what "
            "they buy, where and when?",
        ),
        status="trial",
        params=(
            Param(
                "least_own_days",
                4,
                "days with a diagnosis that make it one's own; a few are made up with the purchases",
            ),
            Param("least_diseases", 2, "foreign diseases; half of a group need as many, for one may be a late finding"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "one or two dates are a campaign"),
            Param(
                "least_llr", 6.0, "nats by which a member's purchases fit the group better than the member's own habits"
            ),
            Param("least_log_p", 20.0, "nats by which the group beats chance after the choice of its members"),
        ),
        needs=("settlements.settled_at", "settlements.diagnosis_code", "lines.item_code"),
        null_model=Text(
            "每人购买与病史不符的药品时，药品按此类购药的总体比例，地点为平时就诊机构或全市任一机构，日期任意，彼此无关；"
            "成员的选择按全部可能组合计入。",
            "Who buys foreign medicines buys them in the proportions of all such purchases, where he goes anyway or anywhere "
            "in the city, on any day, independently of others; the choice of the members is paid for over all groups of that "
            "size.",
        ),
        benign=(
            Text("新近确诊的患者", "patients who were diagnosed lately"),
            Text("有登记病种但很少开药的慢性病患者", "patients with a registered disease who seldom buy for it"),
            Text("住院后带药的患者", "patients who go on with the medicine of a stay"),
            Text("家庭成员互相代购", "families who buy for one another"),
            Text("同一机构的集中义诊、促销", "a campaign at one site"),
            Text("就诊后在最近的药店取药", "prescriptions filled at the pharmacy next door"),
        ),
        misses=(
            Text("只超量购买本人疾病用药的人", "patients who buy too much of what they need themselves"),
            Text("按月规律购买的收药人", "buyers who take a medicine every month"),
            Text("没有诊断编码的数据", "records without diagnoses"),
        ),
        legal_basis=("Order 735 art. 19", "Order 735 art. 38(5)", "Order 735 art. 41(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        given = {"least_own_days": int(params["least_own_days"])}
        keep_medicines(build.tables)
        bought = with_habits(build.tables, "foreign_drugs", given)
        if bought.empty:
            return
        rows, numbers = numbered(bought)
        groups = _groups(rows, units_of(build.tables, numbers), params, build.seed)
        told = Told(
            self.spec,
            "buyer",
            _text,
            # the same purchases may show as sampled medicines: one reason, counted once
            leading="sampled_drugs",
            leading_weight=1.5,
        )
        patterns = {tuple(sorted(numbers[group].tolist())): _pattern(rows, group) for group, _ in groups}
        findings = weighed(build.tables, [_chosen(rows, group, log_p) for group, log_p in groups])
        for finding in chosen(build.tables, VISITS, findings, told, least_units=int(params["least_units"])):
            persons = tuple(sorted(finding.persons))
            pattern, doctor = patterns.get(persons, (self.spec.pattern, None))
            others = () if doctor is None else (Member("doctor", doctor, "doctor", 1.0),)
            yield replace(finding, pattern=pattern, members=tuple(sorted((*_roles(finding, pattern), *others))))


def _groups(rows: pd.DataFrame, units: Ints, params: Mapping[str, Value], seed: int) -> list[tuple[Ints, float]]:
    """Groups by number of their persons in `rows`, each with the log of a bound on its chance."""
    least_units = int(params["least_units"])
    seeds = alike(rows, units, least_units, seed)
    if not seeds:
        return []
    mixture = mixture_of(rows)
    diseases = rows.groupby("person")["diseases"].first().to_numpy()
    groups = []
    for members, total in mixture.settle(seeds, least_llr=float(params["least_llr"]), least_size=least_units):
        log_p = log_choose(len(units), len(members)) - total
        several = int((diseases[members] >= int(params["least_diseases"])).sum())
        days = rows.loc[rows["person"].isin(members), "day"].nunique()
        if log_p <= -float(params["least_log_p"]) and 2 * several >= len(members) and days >= int(params["least_days"]):
            groups.append((members, log_p))
    return groups


def _chosen(rows: pd.DataFrame, members: Ints, log_p: float) -> Chosen:
    held = rows[rows["person"].isin(members)]
    diseases = float(held.groupby("person")["diseases"].first().mean())
    own = Signal(
        "foreign_diseases",
        math.log(max(diseases, 1.0)),
        1.0,
        Text(
            f"每人平均购买{diseases:.1f}种本人病史未见疾病的长期用药",
            f"lasting medicines for {diseases:.1f} diseases foreign to the buyer, on the mean",
        ),
    )
    return Chosen.of(held, log_p, Added(signals=(own, *resale_prone(held))))


def _pattern(rows: pd.DataFrame, members: Ints) -> tuple[str, int | None]:
    """What the purchases are consistent with, and the doctor of an arrangement.

    Foreign medicines are bought by people who sell them, on cards that others keep, and on one doctor's prescriptions.
    """
    visits = rows[rows["person"].isin(members)].drop_duplicates("settlement_no")
    at_institutions = visits[visits["at_institution"]]
    doctors = at_institutions["doctor_no"].dropna().astype(np.int64).value_counts()
    doctors = doctors.sort_index().sort_values(ascending=False, kind="stable")
    share = float(visits["at_institution"].mean())
    cards_of_others = float(visits["unusual_credential"].mean()) >= FOREIGN_CREDENTIALS
    if cards_of_others or not BOTH_KINDS <= share <= 1 - BOTH_KINDS:
        return "hoarded_cards", None
    if len(doctors) and doctors.iloc[0] >= ONE_DOCTOR * len(at_institutions):
        return "doctor_pharmacy", int(doctors.index[0])
    return "drug_resale", None


def _roles(finding: Finding, pattern: str) -> list[Member]:
    """The members in the roles of `pattern`."""
    role = {"drug_resale": "buyer", "doctor_pharmacy": "patient"}.get(pattern, "card_holder")
    return [replace(member, role=role) if member.kind == "person" else member for member in finding.members]


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）购买本人病史未见疾病的长期用药，药品、地点与日期彼此相合，"
        f"共{settlements}笔结算、{len(group.days)}个日期。",
        f"{len(group.members)} insured persons of {group.units} households bought lasting medicines for diseases that their "
        f"own history does not show, alike in drugs, places and days ({settlements} settlements on {len(group.days)} "
        "dates).",
    )
