"""Lasting care of the old on the cards of the young: several holders who are ill at one place only (出借凭证)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from detectors import innocence
from detectors.base import DetectorSpec, Param, Value
from detectors.care_unlike_holder import care_of_a_relative
from detectors.gathered import Added, Told
from detectors.groups import Group, read_sql
from detectors.standing import at_desks
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Text

OLDER = Text("年长一代", "older by a generation")

#: Share of the evidence that one disease of all holders explains: those whom it befalls early seek out who knows it.
ONE_DISEASE = 0.6

#: Share of the evidence that is explained where the site gives such care to its young customers as readily as to others.
PRACTICE = 0.9

#: What fits everything that lasts, and what brings people of one age together: neither makes anybody older.
NO_REASON = innocence.CALENDAR_CAUSES | {
    "own_medicines", "employer_or_school", "check_up_day", "registered_event", "busy_day_of_the_site"
}  # fmt: skip


class CareBeyondAge:
    """Finds doctors and institutions where several adults have lasting care that hardly anybody so young has."""

    spec = DetectorSpec(
        id="care_beyond_age",
        version=1,
        pattern="impersonation",
        kind="care_beyond_age",
        title=Text("年轻参保人凭证上的老年慢性病长期诊疗", "Lasting care of the old on the cards of the young"),
        question=Text(
            "哪些机构、哪名医师有多名年轻的成年参保人长期接受其年龄段少有的诊疗，且仅在此处、反复取用同样的药品？",
            "At which institution, with which doctor, do several young adults have care for months on end that hardly anybody of "
            "their age has, there and nowhere else, with the same medicines again and again?",
        ),
        status="trial",
        params=(
            Param("least_days", 4, "days of the same care; three happen in one illness"),
            Param("least_span", 90, "days from first to last; an acute illness is over by then"),
            Param("least_lasting", 0.3, "share of those with such care who have it so: the rest is passing care"),
            Param(
                "least_steady",
                0.6,
                "share of the days on which one medicine is the same: a course is not changed daily",
            ),
            Param(
                "most_places", 2, "institutions with all of the care; who is ill has it from more, or from a pharmacy"
            ),
            Param("most_tail", 0.02, "share of those with the care elsewhere who are as young"),
            Param("slack_years", 2, "years by which a register may be wrong"),
            Param("adult", 18, "years; a child's card serves its parents, a matter of the family"),
            Param("generation", 20, "years by which a relative at home must be older to be whom the care is for"),
            Param("least_persons", 4, "up to three fall ill early, or are wrong in the register"),
            Param("least_units", 3, "a family has private reasons, and inherits diseases"),
            Param("least_log_p", 4.0, "nats by which such persons beat the other doctors' rate"),
        ),
        needs=("settlements.settled_at", "lines.item_code", "persons.birth_year"),
        null_model=Text(
            "此类参保人来到每名医师、每家机构的人数服从以其他医师比率为均值的泊松分布；某种长期诊疗的年龄分布由其他机构的患者学得，"
            "并按该机构全部顾客的年龄构成调整，取较不反常者。",
            "Such persons come to a doctor or an institution as a Poisson number at the rate of the others, among adults with "
            "lasting care there; at what ages people have a kind of care is learnt from the patients of other institutions, as "
            "they are and weighted to the ages of this one's customers, and the less odd of both counts.",
        ),
        benign=(
            Text("以年轻顾客为主的机构（如工厂诊所）", "a place with young customers, such as a factory's clinic"),
            Text("专治某一疾病的医师的早发患者", "early cases of one disease with the doctor who treats it"),
            Text("个别早发、遗传性疾病", "single early cases, diseases that run in a family"),
            Text("出生年份登记有误", "a wrong year of birth in the register"),
            Text("为家中老人购药（药店不计）", "medicines for an old relative (those of pharmacies are left out)"),
            Text(
                "对所有来诊者写同一诊断、配同样药品的机构",
                "a site that writes one diagnosis, or hands out one thing, to all",
            ),
        ),
        misses=(
            Text("持证人与实际患者年龄相近", "holders of about the same age as the patient"),
            Text("在三家以上机构或药店使用的凭证", "cards used at three institutions and more, or at pharmacies"),
            Text(
                "全市少有的诊疗、不足三个月的诊疗", "care that few of the city have, and less than three months of it"
            ),
            Text(
                "同一医师不足四人、各人患同一疾病的情形",
                "fewer than four persons with a doctor, and all with one disease",
            ),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 17", "Order 735 art. 40(1)", "Order 735 art. 41(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        asked = {
            name: float(params[name])
            for name in (
                "least_days", "least_span", "least_lasting", "least_steady", "most_places", "most_tail", "slack_years", "adult",
                "generation",
            )
        }  # fmt: skip
        rows = build.tables.execute(read_sql("care_beyond_age"), asked).df()
        told = Told(self.spec, "card_owner", _text, leading="care_beyond_age", leading_weight=2.0, never=NO_REASON)
        return at_desks(build.tables, rows, params, told, lambda one: Added(benign=_causes(one.rows)))


def _causes(rows: pd.DataFrame) -> tuple[BenignCause, ...]:
    return (care_of_a_relative(rows, OLDER), _one_disease(rows), _practice(rows))


def _one_disease(rows: pd.DataFrame) -> BenignCause:
    holders = rows.groupby("kind_no")["person_no"].nunique()
    share = float(holders.max() / rows["person_no"].nunique())
    return BenignCause(
        "early_cases_of_one_disease",
        ONE_DISEASE * max(0.0, (share - 0.5) / 0.5),
        Text(
            f"{share:.0%}的参保人有同一诊断或药品",
            f"{share:.0%} of the persons have one diagnosis or medicine in common",
        ),
    )


def _practice(rows: pd.DataFrame) -> BenignCause:
    sites = rows.drop_duplicates("site_no")[["young_n", "young_with", "old_n", "old_with"]].sum()
    young = float(sites["young_with"] / max(sites["young_n"], 1))
    old = float(sites["old_with"] / max(sites["old_n"], 1))
    return BenignCause(
        "usual_care_of_the_site",
        PRACTICE * min(young / old, 1.0) if old > 0 else 0.0,
        Text(
            f"该机构其他同样年轻的顾客中{young:.0%}有此类诊疗，较年长者中{old:.0%}",
            f"{young:.0%} of the site's other customers as young have such care, {old:.0%} of the older ones",
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名年轻的成年参保人（{group.units}个家庭）长期、且仅在此处接受其年龄段少有的诊疗，"
        f"共{settlements}笔结算、{len(group.days)}个日期。",
        f"{len(group.members)} young adults of {group.units} households have lasting care here, and nowhere else, that hardly "
        f"anybody of their age has ({settlements} settlements on {len(group.days)} dates).",
    )
