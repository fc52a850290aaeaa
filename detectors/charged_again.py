"""The same service charged twice, several patients of one doctor or counter (重复收费、重复结算).

No pattern of the product's list is about what an institution charges for care that was given: the findings are
`unexplained`, and carry the articles on charging.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Told
from detectors.groups import Group, read_sql
from detectors.standing import at_desks, by_side
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Text

#: What a case is called, by its side.
SIDES: dict[str, Text] = {
    "again": Text("{n}人的同一费用在另一笔结算中再次结算", "the same fee of {n} persons was settled again"),
    "daily": Text(
        "{n}人的每日一次项目一日计费多次", "an item charged once a day elsewhere was charged for more to {n} persons"
    ),
}


class ChargedAgain:
    """Finds doctors and counters whose patients are charged twice for the same thing beyond everybody else's rate."""

    spec = DetectorSpec(
        id="charged_again",
        version=2,
        pattern="unexplained",
        kind="charged_again",
        title=Text("同一费用重复结算、每日项目重复计费", "The same fee settled again, daily items charged twice"),
        question=Text(
            "哪些机构、哪名医师的多名患者，同一费用再次结算，或全市每日只计一次的项目一日计费多次？",
            "At which institution, with which doctor, was the same fee of several persons settled again, or an item that is "
            "charged once a day everywhere else charged for more?",
        ),
        status="trial",
        params=(
            Param("least_minutes", 60, "nearer ones are uploads that were tried again"),
            Param("least_persons", 4, "mistakes of a counter come singly"),
            Param("least_units", 4, "see above, by household"),
            Param("least_log_p", 6.0, "nats by which such persons beat the other doctors' and counters' rate"),
        ),
        needs=("lines.occurred_at", "lines.quantity"),
        null_model=Text(
            "此类患者来到每名医师、每家机构的人数服从以其他医师和机构比率为均值的泊松分布；每日一次的项目由其他机构的数据学得。",
            "Such patients come to a doctor or a counter as a Poisson number at the rate of all others; what is charged once "
            "a day is learnt from the other institutions.",
        ),
        benign=(
            Text(
                "上传重试造成的重复结算（间隔在参数分钟以内）",
                "uploads that were tried again (within the parameter's minutes)",
            ),
            Text(
                "整家机构的接口重复（按机构自身比率剔除）",
                "a feed that doubles its lines (left out by the site's own rate)",
            ),
            Text("以一行汇总住院各日的费用", "a line that sums up the days of a stay"),
            Text("每月相同的续方", "the same refill every month"),
            Text("已退费的重复结算", "a second settlement that was refunded"),
        ),
        misses=(
            Text(
                "医嘱次数（结算数据不含医嘱），仅能与其他机构的计费习惯比较",
                "what was ordered: settlements do not tell; charges are compared with the others' habit",
            ),
            Text("改动金额或数量后的重复结算", "a second settlement with another amount or quantity"),
            Text("由不同机构重复结算的同一费用", "the same fee settled by two institutions"),
            Text(
                "分解收费、超标准收费（需要项目内涵与价格表）",
                "unbundled and over-standard charges (these need the bundles and the price list)",
            ),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("charged_again"), {"least_minutes": int(params["least_minutes"])}).df()
        told = Told(self.spec, "patient", _text, leading="charged_again", leading_weight=1.5)
        return at_desks(
            build.tables, rows, params, told, lambda one: Added(signals=by_side(one, self.spec.id, SIDES, 0.5))
        )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算含有重复的费用，涉及{len(group.days)}个日期。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households on {len(group.days)} "
        "dates hold charges that were made twice.",
    )
