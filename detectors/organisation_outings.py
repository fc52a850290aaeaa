"""Members of one employer, school or village settled together at one place, again and again (参保单位、村集中就医).

Nothing says whether cards were gathered or people drawn in: the findings are `unexplained`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.standing import SETTLED
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Text

#: Days that follow within a fortnight are one occasion: a check-up or a vaccination takes that long to go round.
OCCASION_DAYS = 14
#: Nats by which a single day's persons must beat the habit, the choice of the day paid for; the days are pooled.
LEAST_DAY = 1.0


class OrganisationOutings:
    """Finds organisations whose members come to a place together, on occasions weeks apart, beyond their own habit."""

    spec = DetectorSpec(
        id="organisation_outings",
        version=2,
        pattern="unexplained",
        kind="organisation_outing",
        title=Text(
            "同一单位或同村人员多次集中就医、住院",
            "Members of one organisation or village together at one place, again and again",
        ),
        question=Text(
            "哪些单位、学校、村（小区）的参保人在相隔数周的多个时点集中到同一机构就医、购药、住院，超过其自身的习惯？",
            "Members of which employer, school, village or estate were settled at one place together, on several occasions "
            "weeks apart, beyond their own habit?",
        ),
        status="trial",
        params=(
            Param("least_persons", 5, "persons who came on two occasions or more"),
            Param("least_units", 4, "fewer households are friends"),
            Param("least_occasions", 3, "check-ups and most vaccinations need one or two"),
            Param("least_log_p", 6.0, "nats by which all of the days together beat the organisation's own habit"),
        ),
        needs=("settlements.begin_at",),
        null_model=Text(
            "某单位或某村人员每日到某机构的人数服从泊松分布，均值取自身其他日期、机构当日业务量与机构占比三者之最大。",
            "Members of an organisation or village come to a site on a day as a Poisson number; its mean is the largest of their own "
            "other days there, the site's volume of that day, and the site's share of the city.",
        ),
        benign=(
            Text("体检合同", "a check-up contract"),
            Text("学校集中接种", "a school's vaccination"),
            Text("职工医院、校医院", "a works clinic or a school's doctor"),
            Text("赶集日、定期到村的巡回医疗", "market days, and rounds of doctors who come to a village regularly"),
        ),
        misses=(
            Text(
                "地址未写到村或小区的人员",
                "persons whose address does not name a village or an estate",
            ),
            Text("只集中一两次的情形", "one or two occasions"),
            Text("同一单位少于四人一日的情形", "fewer than four members a day"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 40(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("organisation_outings")).df()
        groups = _groups(
            rows,
            least_persons=int(params["least_persons"]),
            least_occasions=int(params["least_occasions"]),
            least_log_p=float(params["least_log_p"]),
        )
        told = Told(self.spec, "member", _of_village, leading="organisation_outing")
        # one employer is the question and cannot be the answer
        told_of_employers = replace(told, text=_of_employer, never=frozenset({"employer_or_school"}))
        for kind, each in (("employer", told_of_employers), ("locality", told)):
            yield from chosen(build.tables, SETTLED, groups.get(kind, []), each, least_units=int(params["least_units"]))


def _groups(
    rows: pd.DataFrame, *, least_persons: int, least_occasions: int, least_log_p: float
) -> dict[str, list[Chosen]]:
    """Groups by kind of organisation: those whose days together are too many for chance."""
    groups: dict[str, list[Chosen]] = defaultdict(list)
    if rows.empty:
        return groups
    log_p = log_tail(rows["persons"], rows["expected"]) + math.log(int(rows["cells"].iloc[0]))
    rows = rows.assign(log_p=log_p)[log_p <= -LEAST_DAY]
    for _, held in rows.groupby(["organisation", "organisation_no"], sort=True):
        kind, number = str(held["organisation"].iloc[0]), int(held["organisation_no"].iloc[0])
        days = np.unique(held["day"].to_numpy(np.int64))
        occasion = dict(
            zip(days.tolist(), np.cumsum(np.diff(days, prepend=days[0]) > OCCASION_DAYS).tolist(), strict=True)
        )
        held = held.assign(occasion=held["day"].map(occasion))
        # who was there once may have come for an own reason
        came = held.groupby("person_no")["occasion"].nunique()
        held = held[held["person_no"].isin(came.index[came >= 2])]
        if held["occasion"].nunique() < least_occasions or held["person_no"].nunique() < least_persons:
            continue
        bound = float(held.drop_duplicates(["site_no", "day"])["log_p"].sum())
        if bound > -least_log_p:
            continue
        # a village is no member that a check could be opened on
        named = (Member("employer", number, "organisation", 0.5),) if kind == "employer" else ()
        groups[kind].append(Chosen.of(held, bound, Added(members=named)))
    return groups


def _of_employer(group: Group, settlements: int) -> Text:
    return _text(group, settlements, Text("同一单位", "one organisation"))


def _of_village(group: Group, settlements: int) -> Text:
    return _text(group, settlements, Text("同一村（小区、街道）", "one village, estate or street"))


def _text(group: Group, settlements: int, organisation: Text) -> Text:
    return Text(
        f"{organisation.zh}的{len(group.members)}名参保人（{group.units}个家庭）在{len(group.days)}个日期集中结算{settlements}笔，"
        "超过其自身的习惯。",
        f"{len(group.members)} insured persons of {organisation.en} ({group.units} households) were settled together "
        f"{settlements} times on {len(group.days)} dates, beyond their own habit.",
    )
