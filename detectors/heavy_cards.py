"""Cards that spend at one pharmacy far above their holders' peers, several at one place (药店套现)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail_of_mixture
from detectors.content import WEIGHTS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, Stream, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: The fee is what these purchases were found by, and is not counted again.
PURCHASES = Stream("any", chain_days=False, own="own_visits", channels=frozenset(WEIGHTS) - {"fee_above_own"})

#: How far pharmacies differ in their customers' means, as the squared relative spread of the rates: by seven tenths.
SPREAD = 0.5


class HeavyCards:
    """Finds pharmacies at which several households' cards spend above the rule and far above their holders' peers."""

    spec = DetectorSpec(
        id="heavy_cards",
        version=1,
        pattern="hoarded_cards",
        kind="heavy_cards",
        title=Text(
            "多张凭证在同一药店的消费远高于同类人员", "Cards that spend at one pharmacy far above their holders' peers"
        ),
        question=Text(
            "哪些药店有多个家庭的凭证购药次数或金额超过规则限值，且远高于患同类疾病、购同类主要药品的其他人？",
            "At which pharmacies do cards of several households buy more often or for more than the rule allows, and far more "
            "than others with their diseases and buyers of the same goods?",
        ),
        status="trial",
        params=(
            Param(
                "most_a_year", 50, "purchases a year of one card at one pharmacy, as a published inspection rule has it"
            ),
            Param("most_mean_yuan", 500, "yuan a purchase on the mean, by the same rule"),
            Param("most_at_once_yuan", 2000, "yuan of one purchase, by the same rule"),
            Param("times_peers", 1.5, "times what nineteen of twenty with the same diseases reach"),
            Param("least_peers", 20, "buyers with a disease; fewer do not tell what is usual for it"),
            Param("least_days", 3, "days with a purchase: one dear device or one course is an errand"),
            Param("least_units", 4, "a single heavy card is an illness, a habit or a family's shopping"),
            Param(
                "least_log_p", 6.0, "nats by which their households beat the other pharmacies' rate, after all tried"
            ),
        ),
        needs=("settlements.total_fen", "settlements.diagnosis_code"),
        null_model=Text(
            "此类家庭数按其他药店每一顾客家庭的比率出现，各店比率服从伽马分布（负二项）。",
            "Such households come to a pharmacy at the other pharmacies' rate per customer household; the rates of "
            "pharmacies follow a gamma law (negative binomial).",
        ),
        benign=(
            Text("病情需要的昂贵或频繁用药", "dear or frequent medicines that an illness needs"),
            Text("专科药房（DTP）的患者", "patients of a specialised pharmacy (DTP)"),
            Text("少见病患者", "patients with a rare disease"),
            Text("一次性购买的昂贵器械", "a dear device bought once"),
            Text("一家人用同一凭证购药", "a family that shops with one card"),
        ),
        misses=(
            Text("单独一张消费过高的凭证", "a single card, however heavy"),
            Text("金额与次数保持在限值以内的套现", "cash-out that stays below the rule"),
            Text("把消费分散到多家药店的凭证", "cards that spread it over many pharmacies"),
            Text(
                "同一主要药品的购买者多半都在套现的情形",
                "goods of which most buyers anywhere in the city cash their cards out",
            ),
        ),
        legal_basis=(
            "Order 735 art. 19",
            "Order 735 art. 38(5)",
            "Order 735 art. 40(1)(3)",
            "Order 735 art. 41(3)",
        ),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("heavy_cards"),
            {
                "most_a_year": float(params["most_a_year"]),
                "most_mean_fen": 100 * float(params["most_mean_yuan"]),
                "most_at_once_fen": 100 * float(params["most_at_once_yuan"]),
                "times_peers": float(params["times_peers"]),
                "least_peers": int(params["least_peers"]),
                "least_days": int(params["least_days"]),
            },
        ).df()
        groups = _groups(rows, least_units=int(params["least_units"]), least_log_p=float(params["least_log_p"]))
        told = Told(self.spec, "card_holder", _text, leading="heavy_cards", leading_weight=2.0)
        return chosen(build.tables, PURCHASES, groups, told, least_units=int(params["least_units"]))


def _groups(rows: pd.DataFrame, *, least_units: int, least_log_p: float) -> list[Chosen]:
    """Pharmacies with more such households than the rate of all others gives them, in the order of their settlements."""
    groups = []
    for _, held in rows.groupby("site_no", sort=True):
        first = held.iloc[0]
        households, customers = int(first["households"]), int(first["customers"])
        elsewhere = int(first["city_households"]) - households, int(first["city_customers"]) - customers
        expected = (elsewhere[0] + 0.5) / (elsewhere[1] + 10) * customers
        log_p = log_tail_of_mixture(households, expected, SPREAD) + math.log(int(first["sites"]))
        if households >= least_units and log_p <= -least_log_p:
            groups.append(Chosen.of(held, log_p, Added(signals=(_signal(held),))))
    return sorted(groups, key=lambda group: group.settlements)


def _signal(held: pd.DataFrame) -> Signal:
    cards = held.drop_duplicates("person_no")
    often, dear, once = (int(cards[name].sum()) for name in ("often", "dear", "once"))
    a_year, mean = float(cards["a_year"].median()), float(cards["mean_fen"].median()) / 100
    return Signal(
        "households_above_peers",
        math.log1p(int(cards["unit_no"].nunique())),
        2.0,
        Text(
            f"{often}人次数过多、{dear}人均额过高、{once}人单次过高；中位每年{a_year:.0f}次、每次{mean:.0f}元",
            f"{often} bought too often, {dear} for too much on the mean, {once} for too much at once; at the median "
            f"{a_year:.0f} times a year, {mean:.0f} yuan each",
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在同一药店的购药次数或金额超过限值且远高于同类人员，"
        f"共{settlements}笔结算，涉及{len(group.days)}个日期。",
        f"{len(group.members)} insured persons of {group.units} households bought at one pharmacy more often or for more than "
        f"the rule allows, and far more than their peers: {settlements} settlements on {len(group.days)} dates.",
    )
