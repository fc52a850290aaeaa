"""Settlements given back minutes later, again and again, on several cards at one desk (空刷、刷卡后退费套现)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import chance, log_tail
from detectors.gathered import beyond_chance, stated
from detectors.groups import fill_group_members, read_sql
from detectors.innocence import by_registers
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text


class SwipeRefunds:
    """Finds desks at which several persons are settled and given everything back minutes later, more than once each."""

    spec = DetectorSpec(
        id="swipe_refunds",
        version=1,
        pattern="hoarded_cards",
        kind="swipe_refunds",
        title=Text(
            "多人反复刷卡后随即全额退费", "Several persons settled and given back minutes later, again and again"
        ),
        question=Text(
            "哪些机构的操作员为多名参保人反复结算并在数分钟后全额退费，且当日未重新结算？",
            "At which desks are several persons settled and given everything back within minutes, more than once each and "
            "without being settled anew that day?",
        ),
        status="trial",
        params=(
            Param("most_minutes", 30, "a change of mind at the counter; a goods return comes later, with the goods"),
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_log_p", 3.0, "nats by which such persons beat the other sites' rate, after all desks tried"),
        ),
        needs=("settlements.refunded_at", "settlements.settled_at"),
        null_model=Text(
            "此类参保人数服从泊松分布，均值按其他机构每笔结算的比率计算。",
            "Such persons come to a desk as a Poisson number at the other sites' rate per settlement.",
        ),
        benign=(
            Text("录错后当日重新结算", "a mistake put right by a new settlement the same day"),
            Text("次日及以后的退货", "goods returned a day or more later"),
            Text("每人偶然一次的退费", "one refund each, by accident"),
            Text("全市普遍的退费习惯", "a habit of refunding that all sites share"),
            Text("同一家庭的重复差错", "mistakes within one family"),
        ),
        misses=(
            Text("退现金而未在系统退费的套现", "cash given back outside the system"),
            Text("部分退费", "refunds of a part"),
            Text("没有时刻的数据", "records without a time of day"),
        ),
        legal_basis=("Order 735 art. 19", "Order 735 art. 20", "Order 735 art. 40(1)(3)", "Order 735 art. 41(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("swipe_refunds"), {"most_minutes": int(params["most_minutes"])}).df()
        desks: list[tuple[pd.DataFrame, float]] = []
        for _, held in rows.groupby(["site_no", "operator_no"], sort=True):
            first = held.iloc[0]
            log_p = float(log_tail(int(first["persons"]), max(float(first["expected"]), 0.3)))
            log_p += math.log(int(first["desks"]))
            if log_p <= -float(params["least_log_p"]):
                desks.append((held, log_p))
        fill_group_members(build.tables, [sorted(set(held["person_no"].tolist())) for held, _ in desks])
        registers = {row[0]: row[1:] for row in build.tables.execute(read_sql("innocence_members")).fetchall()}
        build.tables.execute("DROP TABLE group_members")
        for number, (held, log_p) in enumerate(desks):
            units = int(registers[number][1])
            if units >= int(params["least_units"]):
                yield self._finding(held, log_p, units, registers[number])

    def _finding(self, held: pd.DataFrame, log_p: float, units: int, registers: tuple[int, ...]) -> Finding:
        site, operator = int(held["site_no"].iloc[0]), int(held["operator_no"].iloc[0])
        counted = held.groupby("person_no").size()
        typical = float(counted.median())
        members = [
            Member("person", int(person), "card_holder", round(min(1.0, n / typical), 4))
            for person, n in zip(counted.index.to_numpy(), counted.to_numpy(), strict=True)
        ]
        members.append(Member(held["site_kind"].iloc[0], site, "site", 1.0))
        if operator >= 0:
            members.append(Member("handler", operator, "operator", 1.0))
        persons, cycles, days = len(counted), len(held), int(held["day"].nunique())
        return Finding(
            detector=self.spec.id,
            pattern=self.spec.pattern,
            kind=self.spec.kind,
            members=tuple(sorted(members)),
            settlements=tuple(sorted(held["settlement_no"].tolist())),
            signals=stated(
                (
                    beyond_chance("swipe_refunds", log_p, 2.0),
                    Signal(
                        "cycles_each",
                        math.log(cycles / persons),
                        1.5,
                        Text(f"每人平均{cycles / persons:.1f}次", f"{cycles / persons:.1f} times each on the mean"),
                    ),
                )
            ),
            text=Text(
                f"{persons}名参保人（{units}个家庭）在同一操作台结算后数分钟内被全额退费{cycles}次，涉及{days}个日期，"
                "当日未重新结算。",
                f"{persons} insured persons of {units} households were settled at one desk and given everything back within "
                f"minutes {cycles} times on {days} dates, without being settled anew that day.",
            ),
            p_value=chance(log_p),
            benign=by_registers(registers, ("household", "shared_address", "employer", "agent")),
            values={"persons": persons, "households": units, "settlements": cycles, "days": days},
        )
