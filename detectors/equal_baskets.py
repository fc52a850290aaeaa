"""The same goods or the same amount on the cards of several households, again and again with the same cards (空刷)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, Stream, read_sql
from detectors.recurring import CHANNELS, LEAST_A_DAY, handling, oddity, recurring, same_cards_again
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Visits, for groups found by what was bought: that it is alike says nothing of company.
ALIKE = Stream("any", chain_days=False, own="own_visits", channels=CHANNELS)


class EqualBaskets:
    """Finds cards of several households that are settled for the same thing on the same days, and are handled oddly."""

    spec = DetectorSpec(
        id="equal_baskets",
        version=1,
        pattern="hoarded_cards",
        kind="equal_baskets",
        title=Text(
            "多张凭证反复同日同金额或同清单结算", "Cards settled for the same thing on the same days, again and again"
        ),
        question=Text(
            "哪些不同家庭的凭证在同一机构反复于同日以相同清单或相同金额结算，且所用凭证也异于平常？",
            "Which cards of different households are settled at one site for the same goods or the same amount on the same "
            "days, again and again, with credentials unlike the usual ones?",
        ),
        status="trial",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "a vaccination, a screening or a check-up takes a day or two"),
            Param("least_cell_log_p", 6.0, "nats by which one day's equal settlements beat the site and its peers"),
            Param("least_log_p", 3.0, "nats by which the days together do, after the choice of days"),
            Param(
                "least_oddity",
                20.0,
                "nats by which the credentials are unlike both the members' own and the site's: without, regular customers "
                "who like the same thing explain the group",
            ),
        ),
        needs=("settlements.total_fen", "settlements.settled_at", "settlements.card_no"),
        null_model=Text(
            "每日相同结算的家庭数服从泊松分布，均值取该机构其他日期与同类其他机构中此类结算占比的较大者；"
            "对日期的选择取并集界。",
            "Households come for one thing on a day as a Poisson number; the mean is that thing's share of the site's other "
            "days or of the other sites of its kind, whichever is more. A union bound pays for the choice of days.",
        ),
        benign=(
            Text("促销套餐、会员日", "a promotion package, a member day"),
            Text("流感等常见病的相同用药", "the common package for a flu"),
            Text("同一价格的接种、体检、筛查", "vaccinations, check-ups and screenings at one price"),
            Text("固定的挂号费、诊察费", "a fixed registration or consultation fee"),
            Text("透析、康复等疗程", "courses of dialysis or rehabilitation"),
            Text(
                "在熟识的操作员处结伴购买同样东西的邻居",
                "neighbours who go together, when an acquaintance is at the desk, and buy the same things",
            ),
        ),
        misses=(
            Text("每张凭证只用一次的空刷", "cards that are used once each"),
            Text("每日均匀进行、与该机构平时无异的空刷", "the same on all days alike, which is that site's usual day"),
            Text("凭证如平常的空刷（如远程扫码）", "swipes with the usual credentials, as by codes sent from afar"),
            Text("每张凭证金额与清单各不相同的空刷", "amounts and goods that were made to differ from card to card"),
        ),
        legal_basis=("Order 735 art. 20", "Order 735 art. 40(1)(3)", "Order 735 art. 41(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("equal_baskets"), {"least_a_day": LEAST_A_DAY}).df()
        found = recurring(
            rows,
            least_days=int(params["least_days"]),
            least_cell_log_p=float(params["least_cell_log_p"]),
            least_log_p=float(params["least_log_p"]),
        )
        groups = [
            Chosen.of(one.rows, one.log_p, Added(how.members, (_again(one.rows), *how.signals)))
            for one, how in zip(found, handling(build.tables, found), strict=True)
            if oddity(how.signals) >= float(params["least_oddity"])
        ]
        told = Told(self.spec, "card_holder", _text, leading="equal_baskets", leading_weight=1.5)
        return chosen(build.tables, ALIKE, groups, told, least_units=int(params["least_units"]))


def _again(held: pd.DataFrame) -> Signal:
    goods = held.drop_duplicates("cell")["likeness"].eq("goods")
    same, alone = int(goods.sum()), int((~goods).sum())
    more = Text(
        f"；{same}次清单相同，{alone}次仅金额相同",
        f"; {same} times the goods were the same, {alone} times the amount alone",
    )
    return same_cards_again(held, more)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在{len(group.days)}个日期于同一机构以相同清单或相同金额结算，"
        f"共{settlements}笔。",
        f"{len(group.members)} insured persons of {group.units} households were settled at one site for the same goods or the "
        f"same amount on {len(group.days)} dates ({settlements} settlements).",
    )
