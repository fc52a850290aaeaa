"""A suspended site's terminal at work at another site until the suspension ends (暂停期间终端移至他处签到)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.mostly_there import LEAST_TIMES, belonging, beyond_chance, log_odds
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Member, MemberKind, Signal, Text

#: What persons who had been customers of the suspended site explain, where the host serves everybody at one desk: they
#: may have come by themselves.
MOVED = 0.4
#: The chance at which a customer stands out.
MOST_P = 0.01
#: An operator who settles this share of everybody's visits is the host's only one, and tells nobody apart.
ONE_DESK = 0.8


class SuspendedTerminals:
    """Finds sites where a suspended site's terminal worked meanwhile, with the persons who were settled there only then."""

    spec = DetectorSpec(
        id="suspended_terminals",
        version=1,
        pattern="proxy_settlement",
        kind="suspended_terminal",
        title=Text(
            "暂停机构的终端在他处签到期间结算的人员",
            "Persons settled elsewhere while a suspended site's terminal was signed in there",
        ),
        question=Text(
            "哪些机构在另一机构暂停期间有其终端签到、恢复后终端又回到原机构，且一批参保人只在此期间、由同一操作员反复结算？",
            "At which sites did the terminal of a suspended site work until the suspension ended and then return home, while "
            "certain persons were settled there in that time only, again and again, by one operator?",
        ),
        status="trial",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "one or two sign-ins are a loan or a mistake"),
            Param("least_log_p", 3.0, "nats by which such persons are more than chance, after all operators tried"),
        ),
        needs=("sign_ins.terminal_no", "site_pauses.until_at"),
        null_model=Text(
            "顾客的每次来店落入该终端在场期间且由该操作员办理的概率，等于该店其他顾客的比率；突出者的户数以泊松方式出现；对操作员的选择取并集界。",
            "Each visit of a customer falls to the terminal's time and to an operator as often as the host's other visits do; "
            "households of customers who stand out come as a Poisson number. A union bound pays for the operators tried.",
        ),
        benign=(
            Text(
                "停业机构出售的电脑（不再回到原机构，不参与检验）",
                "a computer sold by a site that closed (it does not return: left out)",
            ),
            Text("暂停期间自行改到邻店的老顾客", "customers who go to the neighbour by themselves meanwhile"),
            Text("借给连锁门店使用的终端", "a terminal lent to a shop of the chain"),
            Text(
                "期间新来的操作员（按其他顾客的比率检验）",
                "an operator who is new then (tested by the host's other customers)",
            ),
        ),
        misses=(
            Text(
                "没有签到记录、终端标识或暂停起止日期的数据",
                "records without sign-ins, terminals or the dates of suspensions",
            ),
            Text("只来一次的人员", "persons who were settled there once"),
            Text("暂停期间使用新终端的代刷", "settlements over a terminal that is new"),
        ),
        legal_basis=("Order 735 art. 38(6)(7)", "Order 735 art. 40(1)(3)", "Order 735 art. 41"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("suspended_terminals"), {"least_days": int(params["least_days"])}).df()
        found = [
            _chosen(host, *who)
            for _, host in rows.groupby(["site_no", "home_no"], sort=True)
            if (who := _meanwhile(host, float(params["least_log_p"])))
        ]
        told = Told(
            self.spec,
            "buyer",
            _text,
            leading="suspended_terminal",
            leading_weight=2.0,
            never=frozenset({"own_medicines"}),
        )
        return chosen(build.tables, VISITS, found, told, least_units=int(params["least_units"]))


def _meanwhile(host: pd.DataFrame, least_log_p: float) -> tuple[list[int], float, int] | None:
    """Persons whom one operator settled in the terminal's time and not otherwise; the log chance; the operator's number."""
    desks = sorted(host["desk_no"].unique())
    log_p, desk = min((_log_p(host, desk) + math.log(len(desks)), int(desk)) for desk in desks)
    if log_p > -least_log_p:
        return None
    persons = _visits_of(host, desk)
    members = belonging(persons[persons["k"] > 0], float(persons["usual"].iloc[0]))
    return _rather_than_newcomers(host, members, _is_told(host, desk)), log_p, desk


def _is_told(host: pd.DataFrame, desk: int) -> pd.Series[bool]:
    """Of each visit, whether it lies in the terminal's time and in the operator's hands."""
    return host["is_meanwhile"] & (host["desk_no"] == desk)


def _visits_of(host: pd.DataFrame, desk: int) -> pd.DataFrame:
    """Per person: n visits, k of them told of, the chance `usual` that one is, the household."""
    is_told = _is_told(host, desk)
    persons = host.assign(is_told=is_told).groupby("person_no")
    visits = persons.agg(n=("is_told", "size"), k=("is_told", "sum"), unit_no=("unit_no", "first"))
    return visits.assign(usual=float((is_told.sum() + 1) / (len(host) + 2)))


def _log_p(host: pd.DataFrame, desk: int) -> float:
    return beyond_chance(_visits_of(host, desk), MOST_P)[1]


def _rather_than_newcomers(host: pd.DataFrame, members: list[int], is_told: pd.Series[bool]) -> list[int]:
    """Those of `members` whom one operator settles more firmly than persons who are new at that time come by themselves.

    Newcomers are settled by whoever is at the desk. The log of the odds must outweigh how many of them there are.
    """
    inside = host.assign(is_told=is_told)[host["is_meanwhile"]]
    before = host.loc[~host["is_meanwhile"], "person_no"].unique()
    persons = inside.groupby("person_no")["is_told"].agg(["sum", "size"])
    newcomers = persons[(persons["size"] >= LEAST_TIMES) & ~persons.index.isin([*before, *members])]
    others = persons[~persons.index.isin(members)]
    usual = float((others["sum"].sum() + 1) / (others["size"].sum() + 2))
    if usual > ONE_DESK:
        return members
    own = persons.loc[members]
    k, n = own["sum"].to_numpy(np.float64), own["size"].to_numpy(np.float64)
    share = (k.sum() + 0.5) / (n.sum() + 1)
    odds = log_odds(k, n, share, usual)
    prior = max(0.0, math.log(max(len(newcomers), 1) / max(len(members), 1)))
    return [person for person, odd in zip(members, odds.round(6), strict=True) if odd > prior]


def _chosen(host: pd.DataFrame, persons: list[int], log_p: float, desk: int) -> Chosen:
    held = host[_is_told(host, desk) & host["person_no"].isin(persons)]
    home, days = int(host["home_no"].iloc[0]), int(host["days"].iloc[0])
    kind: MemberKind = "pharmacy" if host["home_kind"].iloc[0] == "pharmacy" else "institution"
    members = [
        Member("terminal", int(host["terminal_no"].iloc[0]), "terminal", 1.0),
        Member(kind, home, "hidden_site", 0.5),
    ]
    if desk >= 0:
        members.append(Member("handler", desk, "operator", 0.8))
    signal = Signal(
        "home_site_suspended",
        math.log1p(days),
        1.5,
        Text(
            f"在{days}个日期上，暂停机构的终端在此签到，恢复后回到原机构",
            f"on {days} dates the suspended site's terminal was signed in here; it went home when the suspension ended",
        ),
    )
    return Chosen.of(held, log_p, Added(tuple(members), (signal,), (_moved(host, persons, desk),)))


def _moved(host: pd.DataFrame, persons: list[int], desk: int) -> BenignCause:
    """That customers of the suspended site moved here by themselves: as far as the host's one operator serves all alike."""
    meanwhile = host[host["is_meanwhile"] & ~host["person_no"].isin(persons)]
    at_desk = float((meanwhile["desk_no"] == desk).mean()) if len(meanwhile) else 1.0
    former = float(host[host["person_no"].isin(persons)].drop_duplicates("person_no")["is_former"].mean())
    return BenignCause(
        "moved_to_a_neighbour",
        MOVED * former * at_desk,
        Text(
            f"{former:.0%}的人员原为暂停机构的顾客；该店同期其他结算有{at_desk:.0%}由同一操作员办理",
            f"{former:.0%} of the persons had been customers of the suspended site; {at_desk:.0%} of the host's other visits "
            "of that time were settled by the same operator",
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算发生在某暂停机构的终端于此签到期间，"
        f"涉及{len(group.days)}个日期；该终端在暂停结束后回到原机构，他们在其他时间很少到此结算。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households on {len(group.days)} "
        "dates were made while a suspended site's terminal was signed in here, which went home when the suspension ended; at "
        "other times they are seldom settled here.",
    )
