"""One patient's regular care spread over the cards of several persons (一人治疗、多人凭证结算)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from detectors import innocence
from detectors.base import DetectorSpec, Param, Value
from detectors.care_cells import rhythms
from detectors.care_hand_overs import hand_overs
from detectors.care_relays import relays
from detectors.chance import log_tail
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.linked import linked
from detectors.ordered_care import ordered_care
from detectors.own_courses import own_courses
from detectors.rhythm import streams
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Where so many of the persons fall into streams of single patients, the others came to the site by chance.
CLEAR = 0.6


class CareStreams:
    """Finds sites where several persons use a regular service so seldom that only together they make up a patient."""

    spec = DetectorSpec(
        id="care_streams",
        version=7,
        pattern="impersonation",
        kind="care_stream",
        title=Text("规律治疗分散在多人凭证上", "Regular care spread over the cards of several persons"),
        question=Text(
            "哪些机构有多名参保人零散或轮流使用透析等须规律进行的服务，合在一起才像一名患者的疗程？",
            "At which sites do several persons use a service that is taken regularly (such as dialysis) so sparsely, or "
            "in turn, that only together their visits look like one patient's course?",
        ),
        status="trial",
        params=(
            Param("least_persons", 3, "one or two persons break off or travel"),
            Param("least_units", 3, "a family is no ring"),
            Param("least_log_p", 4.0, "nats by which sparse users exceed the other sites' share"),
        ),
        needs=("settlements.settled_at", "lines.item_code"),
        null_model=Text(
            "零散使用者在各机构的人数服从以其他机构占比为均值的泊松分布；非长期患者的疗程起始日彼此独立，衔接次数服从二项分布。"
            "少有人规律使用的服务：日期在该医师出诊日中随机，间隔相符的次数服从二项分布；短疗程的起始日在出诊日中随机，恰在另一凭证疗程结束"
            "一个间隔之后开始的次数亦服从二项分布。",
            "Sparse users come to a site as a Poisson number at the share they have at the other sites; courses of part-time "
            "users begin on any day, so that hand-overs from one to the next are a binomial number. Of a service that few take "
            "regularly: the days are any of the doctor's, so that fitting steps are a binomial number, and short courses begin "
            "on any of them, so that those which begin a step after another card's course has ended are one as well.",
        ),
        benign=(
            Text("中断治疗、转院、临时来访的患者", "patients who break off, change hospital or visit the city"),
            Text("急性期短期治疗", "short treatment of an acute condition"),
            Text(
                "其他治疗也需要的同一项目（如化疗患者的血常规）",
                "other care that needs one of the items as well (the blood count of chemotherapy)",
            ),
            Text("空出的治疗位由下一名患者接续", "a freed place that the next patient takes over for good"),
            Text("每周固定一天出诊的医师", "a doctor who is there on one day of the week"),
            Text(
                "各有完整疗程、同时进行的患者（脱敏注射等）",
                "patients with one even course each, side by side (desensitisation)",
            ),
        ),
        misses=(
            Text(
                "不足五人依次各用数周、不再轮回的情形，或换卡时多有间断",
                "fewer than five cards used for weeks one after the other that never come round again, or with many gaps between",
            ),
            Text("没有费用明细的数据", "records without fee lines"),
            Text(
                "同一机构、同一时间表上的几名患者（可能合为一组）",
                "several patients on one timetable of one site, who may be listed as one",
            ),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 17", "Order 735 art. 40(1)", "Order 735 art. 41(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        uses = build.tables.execute(read_sql("care_streams")).df()
        least_persons, least_log_p = int(params["least_persons"]), float(params["least_log_p"])
        groups = _groups(uses, least_persons, least_log_p)
        with ordered_care(build.tables):
            orders = [
                *rhythms(build.tables, least_persons=least_persons, least_log_p=least_log_p),
                *hand_overs(build.tables, least_persons=least_persons, least_log_p=least_log_p),
            ]
        for told_uses, log_p in orders:
            found = Chosen.of(told_uses, log_p, Added(signals=_one_stream(told_uses), benign=(own_courses(told_uses),)))
            # several items of one visit tell the same story, and so does what the city's regular services show
            if not any(set(found.persons) <= set(known.persons) for known in groups):
                groups.append(found)
        groups.sort(key=lambda group: group.persons)
        told = Told(
            self.spec,
            "card_owner",
            _text,
            leading="sparse_users",
            leading_weight=2.0,
            # the rhythm of one patient is what the group is suspected of, and it takes a plan to have the service at all
            never=innocence.CALENDAR_CAUSES | {"registered_treatment_plan"},
        )
        return chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"]))


def _groups(uses: pd.DataFrame, least_persons: int, least_log_p: float) -> list[Chosen]:
    if uses.empty:
        return []
    groups: dict[tuple[int, ...], Chosen] = {}
    told: list[tuple[pd.DataFrame, float]] = []
    sparse = uses[uses["is_sparse"]]
    cells = len(uses[["item_code", "site_no"]].drop_duplicates())
    for item, of_item in sparse.groupby("item_code", sort=True):
        every = uses[uses["item_code"] == item].drop_duplicates(["site_no", "person_no"])
        per_site = every.groupby("site_no").agg(n=("person_no", "size"), sparse=("is_sparse", "sum"))
        # persons who come here as well do not speak for the others: a stream may run over several sites
        others_n = every["person_no"].nunique() - per_site["n"]
        others = of_item["person_no"].nunique() - per_site["sparse"]
        expected = (per_site["n"] * (others + 0.5) / (others_n + 10)).clip(lower=0.1)
        log_p = log_tail(per_site["sparse"], expected) + math.log(cells)
        tails = dict(zip(per_site.index.tolist(), log_p.tolist(), strict=True))
        standing = [s for s, p in tails.items() if p <= -least_log_p and per_site["sparse"][s] >= least_persons]
        for sites in linked(of_item[of_item["site_no"].isin(standing)], node="site_no", by="person_no", least_shared=2):
            told.append((of_item[of_item["site_no"].isin(sites)], sum(tails[site] for site in sites)))
    # the item with most uses has the clearest rhythm; several items of one visit (dialyser, heparin …) tell the same story
    told.sort(key=lambda each: (-len(each[0]), each[0]["item_code"].iloc[0], each[0]["settlement_no"].iloc[0]))
    patient_of: dict[int, int] = {}
    for uses_there, log_p in told:
        for part in _patients(uses_there, patient_of, least_persons):
            found = Chosen.of(part, log_p, Added(signals=_one_stream(part), benign=(own_courses(part),)))
            known = groups.get(found.persons)
            if known is None or len(found.settlements) > len(known.settlements):
                groups[found.persons] = found
    for found in _in_turn(uses, cells, least_persons, least_log_p):
        # the sparse users among those who take turns are part of the same story
        parts = [persons for persons in groups if set(persons) <= set(found.persons)]
        log_p = min(found.log_p, *(groups.pop(part).log_p for part in parts), 0.0)
        groups[found.persons] = replace(found, log_p=log_p)
    return [groups[persons] for persons in sorted(groups)]


def _in_turn(uses: pd.DataFrame, cells: int, least_persons: int, least_log_p: float) -> Iterable[Chosen]:
    """Yield the groups whose courses follow each other at one site."""
    for _, at_site in uses.groupby(["item_code", "site_no"], sort=True):
        for persons, chance in relays(at_site, least_persons=least_persons):
            log_p = chance + math.log(cells)
            if log_p <= -least_log_p:
                told = at_site[at_site["person_no"].isin(persons)]
                yield Chosen.of(told, log_p, Added(signals=_one_stream(told), benign=(own_courses(told),)))


def _patients(told: pd.DataFrame, patient_of: dict[int, int], least_persons: int) -> Iterator[pd.DataFrame]:
    """The uses in `told` by the patient whom they could be of; whom `patient_of` knows from a clearer item stays there.

    Persons of no clear stream are left out where most belong to one; else the uses stay together.
    """
    persons = np.unique(told["person_no"].to_numpy(np.int64)).tolist()
    known = [person for person in persons if person in patient_of]
    if 2 * len(known) < len(persons):
        clear = [part for part in streams(told, float(told["usual"].median())) if len(part) >= least_persons]
        if sum(len(part) for part in clear) < CLEAR * len(persons):
            clear = [persons]
        for part in clear:
            patient = len(set(patient_of.values()))
            patient_of |= dict.fromkeys((person for person in part if person not in patient_of), patient)
    for patient in sorted({patient_of[person] for person in persons if person in patient_of}):
        of_patient = told[told["person_no"].map(lambda person, patient=patient: patient_of.get(person) == patient)]
        if of_patient["person_no"].nunique() >= least_persons:
            yield of_patient


def _one_stream(told: pd.DataFrame) -> tuple[Signal, ...]:
    """How well the uses of all persons together follow the rhythm that one patient has."""
    days = np.sort(told["day"].to_numpy(np.int64))
    distinct = np.unique(days)
    if len(distinct) < 6:
        return ()
    usual = float(told["usual"].median())
    steps = np.diff(distinct)
    rhythm = float(np.mean((steps >= usual - 1) & (steps <= usual + 1)))
    single = len(distinct) / len(days)
    return (
        Signal(
            "one_stream",
            math.log1p(len(distinct)) * rhythm * single,
            3.0,
            Text(
                f"合并后{len(distinct)}个日期中{rhythm:.0%}的间隔与该服务通常间隔（{usual:.1f}天）相符",
                f"together {len(distinct)} dates, {rhythm:.0%} of the steps fit the usual {usual:.1f} days between uses",
            ),
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）各自零散使用同一项须规律进行的服务，共{settlements}笔结算、"
        f"{len(group.days)}个日期。",
        f"{len(group.members)} insured persons of {group.units} households each used a service that is taken regularly only "
        f"now and then ({settlements} settlements on {len(group.days)} dates).",
    )
