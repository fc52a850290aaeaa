"""Services after the holder's death or the end of the enrolment, several at one counter (死亡、停保后仍享受待遇)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Told
from detectors.groups import Group, read_sql
from detectors.standing import Standing, at_desks
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Nats for every doubling of persons treated after their death: a register of deaths errs seldom.
AFTER_DEATH = 3.0
#: The same after the end of an enrolment: renewals are entered late.
AFTER_ENROLMENT = 1.0


class SettledAfterEnd:
    """Finds doctors and counters where several persons were settled after their death or without entitlement."""

    spec = DetectorSpec(
        id="settled_after_end",
        version=1,
        pattern="impersonation",
        kind="settled_after_end",
        title=Text("死亡或停保后仍有结算", "Settlements after death or the end of enrolment"),
        question=Text(
            "哪些机构、哪名医师处有多名不同家庭的参保人，在死亡或停保之后仍发生由基金支付的就诊、购药？",
            "At which institution, with which doctor, were several persons of different households treated or supplied after "
            "their death, or at the fund's expense after the end of their enrolment?",
        ),
        status="trial",
        params=(
            Param("grace_days", 3, "a death is recorded a day or two early or late"),
            Param("grace_unpaid", 31, "contributions run to the end of a month and are entered in the next"),
            Param("least_persons", 3, "one or two are errors of the register, or heirs who use up an account"),
            Param("least_units", 3, "a family has private reasons"),
            Param("least_log_p", 4.0, "nats by which such persons beat the other doctors' and counters' rate"),
        ),
        needs=("settlements.begin_at", "persons.died_on|persons.enrolled_until"),
        null_model=Text(
            "此类参保人来到每名医师、每家机构的人数服从以其他医师和机构比率为均值的泊松分布。",
            "Such persons come to a doctor or a counter as a Poisson number at the rate of all others.",
        ),
        benign=(
            Text("死亡日期登记错误", "a wrong date of death in the register"),
            Text("出院结算晚于死亡日期", "a last stay that is settled after the death"),
            Text("续保登记滞后（全市普遍存在）", "renewals entered late, all over the city"),
        ),
        misses=(
            Text("死亡、停保未登记的参保人", "deaths and ends of enrolment that no table tells"),
            Text("同一机构只有一两人的情形", "one or two persons at a counter"),
            Text("先停保后续保、只保留最新参保记录的期间", "gaps between two enrolments: only the current one is kept"),
        ),
        legal_basis=("Order 735 art. 17", "Order 735 art. 40(1)", "Order 735 art. 41(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("settled_after_end"),
            {"grace_days": int(params["grace_days"]), "grace_unpaid": int(params["grace_unpaid"])},
        ).df()
        told = Told(
            self.spec,
            "card_owner",
            _text,
            leading="settled_after_end",
            leading_weight=2.0,
            # no calendar and no contract brings anybody back
            never=frozenset({"regular_timetable", "registered_event", "registered_treatment_plan", "companions"}),
        )
        return at_desks(build.tables, rows, params, told, lambda one: Added(signals=_signals(one)))


def _signals(one: Standing) -> tuple[Signal, ...]:
    counted = one.rows.groupby("side")["person_no"].nunique()
    dead, unpaid = int(counted.get("death", 0)), int(counted.get("enrolment", 0))
    signals = (
        Signal(
            "after_death",
            math.log2(1 + dead),
            AFTER_DEATH,
            Text(f"{dead}人死亡登记之后仍有结算", f"{dead} persons were settled after their recorded death"),
        ),
        Signal(
            "after_enrolment",
            math.log2(1 + unpaid),
            AFTER_ENROLMENT,
            Text(
                f"{unpaid}人停保之后仍由基金支付",
                f"for {unpaid} persons the fund paid after the end of their enrolment",
            ),
        ),
    )
    return tuple(signal for signal in signals if signal.value > 0)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在死亡或停保之后仍有{settlements}笔结算，"
        f"涉及{len(group.days)}个日期。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households on {len(group.days)} "
        "dates lie after the holder's death or the end of the enrolment.",
    )
