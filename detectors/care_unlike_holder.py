"""Care that the card holder's sex or age rules out, again and again at one doctor (冒名就医)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Told
from detectors.groups import Group, read_sql
from detectors.standing import at_desks
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Text

#: Share of the evidence that relatives of the fitting sex or age explain when every holder has one: others' patients
#: have relatives too, and their rate is what the group is held against.
RELATIVES = 0.3
FITTING = Text("性别或年龄相符", "of fitting sex or age")


class CareUnlikeHolder:
    """Finds doctors and institutions where several holders were treated for what is foreign to their sex or age."""

    spec = DetectorSpec(
        id="care_unlike_holder",
        version=1,
        pattern="impersonation",
        kind="care_unlike_holder",
        title=Text("诊疗与持证人性别、年龄不符", "Care that does not fit the holder's sex or age"),
        question=Text(
            "哪些机构、哪名医师有多名不同家庭的参保人，接受了与其性别或年龄几乎不相容的诊疗？",
            "At which institution, with which doctor, were several persons of different households treated for what persons "
            "of their sex or age have hardly ever?",
        ),
        status="trial",
        params=(
            Param("least_worth", 3.0, "nats: elsewhere at most one in twenty of what the city's mix would give"),
            Param("least_persons", 3, "one or two are errors of the register or a child on a parent's card"),
            Param("least_units", 3, "a family has private reasons"),
            Param("least_log_p", 4.0, "nats by which such persons beat the other doctors' rate"),
        ),
        needs=(
            "settlements.settled_at",
            "settlements.diagnosis_code|lines.item_code",
            "persons.sex|persons.birth_year",
        ),
        null_model=Text(
            "此类参保人来到每名医师、每家机构的人数服从以其他医师比率为均值的泊松分布；何种诊疗限于何性别、年龄由全市其他医师的数据学得。",
            "Such persons come to a doctor or an institution as a Poisson number at the rate of the others; which care is "
            "bound to a sex or an age is learnt from the other doctors' patients.",
        ),
        benign=(
            Text("登记性别、出生年份有误", "a wrong sex or year of birth in the register"),
            Text("婴幼儿使用父母凭证", "an infant on a parent's card"),
            Text(
                "亲属在药店使用他人账户购药（药店不计）",
                "purchases for a relative at a pharmacy (pharmacies are left out)",
            ),
        ),
        misses=(
            Text("冒用者与持证人性别、年龄相近", "users of the same sex and about the same age as the holder"),
            Text("全市只有一名医师提供的诊疗", "care that only one doctor of the city provides"),
            Text("同一医师只有一两人的情形", "one or two persons with a doctor"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 17", "Order 735 art. 40(1)", "Order 735 art. 41(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("care_unlike_holder"), {"least_worth": float(params["least_worth"])}).df()
        told = Told(
            self.spec,
            "card_owner",
            _text,
            leading="care_unlike_holder",
            leading_weight=2.0,
            # no calendar makes anybody another person
            never=frozenset({"regular_timetable", "registered_event"}),
        )
        return at_desks(
            build.tables, rows, params, told, lambda one: Added(benign=(care_of_a_relative(one.rows, FITTING),))
        )


def care_of_a_relative(rows: pd.DataFrame, whose: Text) -> BenignCause:
    """How far relatives explain the cases `rows` (person_no, has_relative); `whose` says who would fit."""
    share = float(rows.groupby("person_no")["has_relative"].max().mean())
    return BenignCause(
        "care_of_a_relative",
        RELATIVES * share,
        Text(
            f"{share:.0%}的参保人同户中有{whose.zh}的亲属",
            f"{share:.0%} of the persons have a relative {whose.en} in the household",
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算的诊断或项目与其性别、年龄几乎不相容，"
        f"涉及{len(group.days)}个日期。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households on {len(group.days)} "
        "dates are for what persons of their sex or age have hardly ever.",
    )
