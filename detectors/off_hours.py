"""Cards swiped in bursts at hours in which hardly anybody buys, again and again the same ones (夜间、打烊时集中刷卡)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, Stream, read_sql
from detectors.recurring import CHANNELS, LEAST_A_DAY, handling, oddity, recurring, same_cards_again
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Visits whose company counts: neighbours go out together after supper.
OUTINGS = Stream("visit", chain_days=False, own="own_visits", channels=CHANNELS)


class OffHours:
    """Finds cards of several households that return to a pharmacy in bursts at hours in which hardly anybody buys."""

    spec = DetectorSpec(
        id="off_hours",
        version=1,
        pattern="hoarded_cards",
        kind="off_hours",
        title=Text(
            "多张凭证反复在极少有人购药的时段集中结算",
            "Cards that return in bursts at hours in which hardly anybody buys",
        ),
        question=Text(
            "哪些不同家庭的凭证反复在同一药店的夜间或打烊时段等极少有人购药的小时内集中结算？",
            "Which cards of different households are settled together, again and again, at one pharmacy in hours of the night, "
            "before opening or at closing time in which hardly anybody buys?",
        ),
        status="trial",
        params=(
            Param("most_share", 0.03, "of the customers ever buy in such an hour, at the pharmacy and at the others"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "one late evening or two are an event"),
            Param(
                "least_cell_log_p",
                4.0,
                "nats by which an hour's households beat the opening profile: loose, days add up",
            ),
            Param("least_log_p", 3.0, "nats by which the hours together do, after the choice of hours"),
            Param(
                "least_oddity",
                20.0,
                "nats by which the credentials are unlike the usual, for company to excuse nothing",
            ),
        ),
        needs=("settlements.settled_at",),
        null_model=Text(
            "每小时的家庭数服从泊松分布，均值为当日家庭数乘以该小时在本店与其他药店顾客中占比的较大者；对时段的选择取并集界。",
            "Households come in an hour as a Poisson number; the mean is the day's households times the hour's share of the "
            "pharmacy's customers or of the others', whichever is more. A union bound pays for the choice of hours.",
        ),
        benign=(
            Text("夜间营业的药店", "a pharmacy that is open at night"),
            Text("全市共同的早晚购药习惯", "early or late hours in which the whole city buys"),
            Text("批量上传、时钟偏差的机构", "sites that upload in batches or whose clock is off"),
            Text("故障后集中补传的日期", "days on which an outage's settlements are sent afterwards"),
            Text("饭后结伴购买同样东西的邻居", "neighbours who go out together after supper and buy the same things"),
            Text("赶早集的顾客", "customers who come early on market days"),
        ),
        misses=(
            Text("每次使用不同凭证的夜间集中刷卡", "bursts of other cards each time"),
            Text(
                "医疗机构的夜间结算（急诊、夜间透析）",
                "nights at institutions, with their emergencies and dialysis shifts",
            ),
            Text("没有时刻的数据", "records without a time of day"),
        ),
        legal_basis=("Order 735 art. 17", "Order 735 art. 20", "Order 735 art. 40(1)(3)", "Order 735 art. 41"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("off_hours"), {"least_a_day": LEAST_A_DAY, "most_share": float(params["most_share"])}
        ).df()
        found = recurring(
            rows,
            least_days=int(params["least_days"]),
            least_cell_log_p=float(params["least_cell_log_p"]),
            least_log_p=float(params["least_log_p"]),
        )
        groups = [
            Chosen.of(one.rows, one.log_p, Added(how.members, (_again(one.rows), *how.signals)))
            for one, how in zip(found, handling(build.tables, found), strict=True)
        ]
        told = Told(self.spec, "card_holder", _text, leading="off_hours", leading_weight=1.5)
        for finding in chosen(build.tables, OUTINGS, groups, told, least_units=int(params["least_units"])):
            is_odd = oddity(finding.signals) >= float(params["least_oddity"])
            excused = {"companions"} if is_odd else set()
            yield replace(finding, benign=tuple(cause for cause in finding.benign if cause.cause not in excused))


def _again(held: pd.DataFrame) -> Signal:
    clock = ", ".join(f"{hour}:00" for hour in sorted({int(hour) for hour in held["hour"]}))
    return same_cards_again(held, Text(f"，时段起于{clock}", f", in the hours from {clock}"))


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在{len(group.days)}个日期于同一药店极少有人购药的时段集中结算，"
        f"共{settlements}笔。",
        f"{len(group.members)} insured persons of {group.units} households were settled together at one pharmacy, on "
        f"{len(group.days)} dates, in hours in which hardly anybody buys ({settlements} settlements).",
    )
