"""Persons who are settled at a site when a terminal signs in there that is not one of its own (外来终端签到)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.linked import linked
from detectors.mostly_there import beyond_chance
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text

#: What is bought explains who is visited at home with a terminal of the site's own, and not why a terminal that is at home
#: at another site should be there on those days.
OF_BUYING = frozenset({"own_medicines", "registered_treatment_plan"})


class GuestTerminals:
    """Finds terminals, seen at a site on some days only, on whose days certain persons come there again and again."""

    spec = DetectorSpec(
        id="guest_terminals",
        version=1,
        pattern="proxy_settlement",
        kind="guest_terminal",
        title=Text("外来终端签到时到场结算的人员", "Persons settled when a guest terminal is signed in"),
        question=Text(
            "哪些机构偶有非常驻终端签到，且一批参保人几乎只在该终端签到时到该机构结算？",
            "At which sites does a terminal sign in that is not there on most days, while certain persons are settled there "
            "on its days rather than on others?",
        ),
        status="trial",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "one or two days are a coincidence"),
            Param("most_share", 0.7, "a terminal signed in on more of the days is one of the site's own"),
            Param(
                "most_p", 0.01, "chance that a customer's visits fall to the guest as often; such a customer stands out"
            ),
            Param(
                "least_log_p", 5.0, "nats by which customers who stand out are more than chance, after all guests tried"
            ),
        ),
        needs=("sign_ins.terminal_no", "settlements.settled_at"),
        null_model=Text(
            "顾客来店与该终端是否签到无关：在其首末签到日之间，每次来店遇到签到的概率等于同机构同一小时其他顾客的比率。突出者人数以泊松方式出现，"
            "均值为各顾客按二项分布达到该程度的概率之和。",
            "Customers come whether the guest is signed in or not: between its first and last day each visit meets it as often "
            "as the site's other visits of that hour. Customers who stand out come as a Poisson number whose mean is the sum "
            "of each one's binomial chance to do so.",
        ),
        benign=(
            Text(
                "启用新终端、第二窗口（按其首末签到日之间检验）",
                "a new terminal or a second desk (tested while it stands)",
            ),
            Text("只在晚间等时段开放的窗口（按同一小时检验）", "a desk of the evening hours (tested by the hour)"),
            Text("连锁门店轮流使用的终端、借用终端", "a terminal that goes round the shops of a chain, or is lent"),
            Text("停业机构售出的电脑（顾客不挑日子）", "a computer bought from a closed site (customers come any day)"),
            Text(
                "按固定日程出诊的移动终端（按日程权衡）",
                "a mobile terminal of visits to the home (its timetable is weighed)",
            ),
        ),
        misses=(
            Text("没有签到记录或终端标识的数据", "records without sign-ins or terminals"),
            Text("几乎每天签到的外来终端", "a guest that is signed in on nearly every day"),
            Text("签到日与代刷日无关的终端", "a guest whose days are not those of the settlements"),
        ),
        legal_basis=("Order 735 art. 38(6)(7)", "Order 735 art. 40(1)(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("guest_terminals"),
            {"least_days": int(params["least_days"]), "most_share": float(params["most_share"])},
        ).df()
        groups = _groups(rows, most_p=float(params["most_p"]), least_log_p=float(params["least_log_p"]))
        told = Told(self.spec, "buyer", _text, leading="guest_terminal", leading_weight=2.0)
        for is_away, never in ((True, OF_BUYING), (False, frozenset())):
            of_kind = [group for group, away in groups if away == is_away]
            never_told = replace(told, never=never)
            yield from chosen(build.tables, VISITS, of_kind, never_told, least_units=int(params["least_units"]))


def _groups(rows: pd.DataFrame, *, most_p: float, least_log_p: float) -> list[tuple[Chosen, bool]]:
    """Guests that stand out with the persons of their days, united where they serve the same persons.

    With each group whether one of its guests is at home at another site.
    """
    if rows.empty:
        return []
    rows = rows.assign(guest=rows.groupby(["site_no", "terminal_no"]).ngroup())
    guests = int(rows["guest"].max()) + 1
    told, chances = [], {}
    for guest, of_guest in rows.groupby("guest", sort=True):
        persons, log_p = _standing(of_guest, most_p)
        if log_p + math.log(guests) <= -least_log_p:
            chances[guest] = log_p + math.log(guests)
            told.append(of_guest[of_guest["is_told"] & of_guest["person_no"].isin(persons)])
    if not told:
        return []
    held = pd.concat(told).explode("settlements").rename(columns={"settlements": "settlement_no"})
    held["settlement_no"] = held["settlement_no"].astype("int64")
    groups = []
    for united in linked(held, node="guest", by="person_no", least_shared=2):
        # several guests on the same days are one observation
        of_group = held[held["guest"].isin(united)]
        is_away = bool((of_group["home_no"] != of_group["site_no"]).any())
        groups.append((_group(of_group, min(chances[guest] for guest in united)), is_away))
    return sorted(groups, key=lambda group: group[0].settlements)


def _standing(of_guest: pd.DataFrame, most_p: float) -> tuple[list[int], float]:
    """Persons whose visits fall to the guest's time beyond chance, and the log chance of so many households of them."""
    persons = of_guest.groupby("person_no").agg(
        n=("day", "size"), k=("is_told", "sum"), usual=("usual", "mean"), unit_no=("unit_no", "first")
    )
    return beyond_chance(persons, most_p)


def _group(held: pd.DataFrame, log_p: float) -> Chosen:
    members = [Member("terminal", int(no), "terminal", 1.0) for no in np.sort(held["terminal_no"].unique())]
    away = held[held["home_no"] != held["site_no"]].drop_duplicates("home_no").sort_values("home_no")
    members += [
        Member("pharmacy" if kind == "pharmacy" else "institution", int(no), "hidden_site", 0.5)
        for no, kind in zip(away["home_no"], away["home_kind"], strict=True)
    ]
    paused = int(held.loc[held["is_home_paused"], "day"].nunique())
    signals: tuple[Signal, ...] = ()
    if paused:
        signals = (
            Signal(
                "home_site_suspended",
                math.log1p(paused),
                1.0,
                Text(
                    f"其中{paused}个日期上，该终端常驻的机构正处于暂停期",
                    f"on {paused} of the dates the site at which the terminal is at home was suspended",
                ),
            ),
        )
    return Chosen.of(held, log_p, Added(members=tuple(members), signals=signals))


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算发生在某台非常驻终端于该机构签到期间，"
        f"涉及{len(group.days)}个日期；他们在其他时间很少到该机构结算。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households on {len(group.days)} "
        "dates were made while a terminal was signed in that is not at the site on most days; at other times they are seldom "
        "settled there.",
    )
