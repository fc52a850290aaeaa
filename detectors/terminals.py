"""Settlements under an operator who is signed in at two terminals at once (一人同时在两台终端签到)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_choose, log_tail
from detectors.communities import PairGraph, communities
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.linked import linked
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text

#: Desks and days that two persons of one company share at the least, on the mean over all its pairs.
NEARNESS = 0.5
#: So many persons may well be one group; more are looked at for several.
CROWD = 40
#: Fewer persons are not told apart from the others at the same desks.
LEAST = 4
#: … nor is a company in which fewer came again: of those who were served because they came just then hardly one in ten does.
LEAST_AGAIN = 0.2
#: Nats by which the one settlement of a person must be odd, and persons of the core at the desk on that day or the next,
#: for the person to belong to them: somebody is served during every double sign-in.
LEAST_ODD = 0.5
LEAST_MET = 2


class DoubleSignIns:
    """Finds terminals at which operators who stand at another desk settle the cards of several households."""

    spec = DetectorSpec(
        id="double_sign_ins",
        version=4,
        pattern="proxy_settlement",
        kind="double_sign_in",
        title=Text("同一操作员同时在两台终端签到结算", "Settlements by an operator signed in at two terminals at once"),
        question=Text(
            "哪些终端上的结算发生时，其操作员正在另一台终端签到，且反复涉及多个家庭的凭证？",
            "At which terminals were cards of several households settled again and again while the operator was signed in at "
            "another terminal?",
        ),
        status="trial",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "one or two days are a coincidence"),
            Param("least_llr", 2.5, "nats by which a person's own visits fall under double sign-ins: not a regular"),
            Param(
                "least_log_p",
                6.0,
                "nats by which such settlements beat the other sites' rate, and such persons the customers'",
            ),
        ),
        needs=("sign_ins.terminal_no", "settlements.handler_no"),
        null_model=Text(
            "此类结算在各机构按全市其他机构的比率以泊松方式出现；各人的来店按本机构的比率落入重复签到，对从顾客中选出这些人取并集界。取两个概率中较大者。",
            "Such settlements come to a site as a Poisson number at the rate of the other sites; each person's visits fall under "
            "double sign-ins at the site's own rate, and a union bound pays for the choice of these persons among its customers. "
            "The larger of both chances counts.",
        ),
        benign=(
            Text("忘记签退后换台工作", "a desk left without signing out"),
            Text("恰在重复签到时到店的顾客", "a customer who came just then"),
            Text(
                "连锁门店轮流借用的终端（来者不再来）",
                "a terminal lent to a shop for some mornings (nobody comes to it again)",
            ),
            Text(
                "共用账号的小机构（按机构自身比率检验）",
                "small sites that share an account (tested against the other sites)",
            ),
        ),
        misses=(
            Text("没有签到记录的数据", "records without sign-ins"),
            Text("从不签退的终端", "terminals that are never signed out of"),
            Text(
                "仅在一次重复签到时结算、且当日无其他成员到场的人",
                "persons with one such settlement, on a day without the others",
            ),
            Text("异地终端使用另一操作员账号", "a terminal elsewhere under an account of its own"),
        ),
        legal_basis=("Order 735 art. 38(6)(7)", "Order 735 art. 40(1)(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("double_sign_ins")).df()
        groups = _groups(
            rows,
            least_days=int(params["least_days"]),
            least_log_p=float(params["least_log_p"]),
            least_llr=float(params["least_llr"]),
        )
        told = Told(
            self.spec,
            "buyer",
            _text,
            leading="signed_in_twice",
            leading_weight=2.0,
        )
        return chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"]))


def _groups(rows: pd.DataFrame, *, least_days: int, least_log_p: float, least_llr: float) -> list[Chosen]:
    """Terminals that stand out, united where they serve the same persons."""
    if rows.empty:
        return []
    rows = rows.assign(place=rows.groupby(["site_no", "terminal_no"]).ngroup())
    places = rows.groupby("place").agg(
        n=("settlement_no", "size"), days=("day", "nunique"), rate=("rate", "first"), site_n=("site_n", "first")
    )
    # one settlement is expected at the least, so that a single forgotten sign-out says little
    expected = (places["rate"] * places["site_n"]).clip(lower=1.0)
    log_p = pd.Series(log_tail(places["n"], expected) + math.log(len(places)), index=places.index)
    standing = places.index[(log_p <= -least_log_p) & (places["days"] >= least_days)]
    told = rows[rows["place"].isin(standing)]
    groups = []
    for linked_places in linked(told, node="place", by="person_no", least_shared=2):
        held = told[told["place"].isin(linked_places)]
        held = held[held["person_no"].isin(_affine(held, least_llr))]
        if held.empty:
            continue
        bound = float(log_p[linked_places].sum())
        for persons, is_rest in _companies(held):
            tied = _tied(held[held["person_no"].isin(persons)], is_rest=is_rest)
            weaker = max(bound, _chance_of_persons(tied)) if len(tied) else 0.0
            if weaker <= -least_log_p:
                groups.append(_group(tied, weaker))
    return sorted(groups, key=lambda group: group.settlements)


def _companies(held: pd.DataFrame) -> list[tuple[list[int], bool]]:
    """Persons who come together: several groups may use one desk on different days, and one of them other desks too.

    Persons are near when they share desks on the same or the next day, or several desks; who is near to nobody in
    particular forms one more group, the rest: true for it.
    """
    everybody = sorted(set(held["person_no"].tolist()))
    if len(everybody) <= CROWD:
        return [(everybody, False)]
    cells = held[["person_no", "place", "day"]].drop_duplicates()
    met = pd.concat(
        [
            cells.merge(cells, on=["place", "day"]),
            cells.assign(day=cells["day"] + 1).merge(cells, on=["place", "day"]),
        ]
    )
    places = held[["person_no", "place"]].drop_duplicates()
    shared = places.merge(places, on="place")
    both = pd.concat([met, shared])
    weight = both[both["person_no_x"] < both["person_no_y"]].groupby(["person_no_x", "person_no_y"]).size()
    # one desk in common says nothing: all of them have that
    near = weight[weight >= 2].reset_index(name="n")
    graph = PairGraph.of(near["person_no_x"], near["person_no_y"], near["n"] - 1)
    companies = [group.tolist() for group in communities(graph, resolution=NEARNESS, seed=0) if len(group) >= LEAST]
    rest = sorted(set(everybody) - {person for group in companies for person in group})
    return [(company, False) for company in companies] + ([(rest, True)] if rest else [])


def _tied(held: pd.DataFrame, *, is_rest: bool) -> pd.DataFrame:
    """The settlements of a company without those of persons whose only one ties them to nobody.

    Who was settled twice under double sign-ins and more is the core. Whose one settlement is odd and fell on a day of two of
    the core at that desk belongs to it; others are customers who were served meanwhile. A company with a small core stays
    as it is, for its persons are few or were found near to each other, unless hardly anybody in it came again; the rest
    has nothing else to hold it together.
    """
    times = held.groupby("person_no")["settlement_no"].nunique()
    core = times.index[times >= 2]
    if len(core) < LEAST:
        return held[:0] if is_rest or len(core) < LEAST_AGAIN * len(times) else held
    at = held.loc[held["person_no"].isin(core), ["place", "day", "person_no"]].drop_duplicates()
    near = pd.concat([at.assign(day=at["day"] + late) for late in (-1, 0, 1)]).drop_duplicates()
    met = near.groupby(["place", "day"])["person_no"].nunique().rename("met").reset_index()
    weak = held[~held["person_no"].isin(core)].merge(met, on=["place", "day"])
    tied = weak.loc[(weak["oddness"] > LEAST_ODD) & (weak["met"] >= LEAST_MET), "person_no"]
    return held[held["person_no"].isin(core) | held["person_no"].isin(tied)]


def _group(held: pd.DataFrame, log_p: float) -> Chosen:
    again = int((held.groupby("person_no")["day"].nunique() >= 2).sum())
    terminals = np.sort(held["terminal_no"].unique()).tolist()
    signals: tuple[Signal, ...] = ()
    if again >= 2:
        signals = (
            Signal(
                "same_persons_again",
                math.log1p(again),
                2.0,
                Text(f"其中{again}人在两个以上日期出现", f"{again} of the persons on two dates or more"),
            ),
        )
    return Chosen.of(
        held,
        log_p,
        Added(members=tuple(Member("terminal", int(no), "terminal", 1.0) for no in terminals), signals=signals),
    )


def _affine(held: pd.DataFrame, least_llr: float) -> list[int]:
    """Persons whose visits to these sites fall under double sign-ins more often than the sites' visits do; no bystanders."""
    here = _by_person(held)
    expected = (here["n"] * here["share"]).clip(lower=1e-3)
    llr = (here["k"] * np.log(here["k"] / expected) - (here["k"] - expected)).where(here["k"] > expected, 0.0)
    of_person = llr.groupby("person_no").sum()
    affine = of_person.index[of_person >= least_llr]
    odd = held[held["person_no"].isin(affine)].groupby("person_no")["oddness"].sum()
    # where most came for something odd, those who came for something ordinary stood at the desk by accident
    kept = odd.index[odd >= 0] if (odd > 0).mean() >= 0.4 else odd.index
    return [int(person) for person in kept]


def _by_person(held: pd.DataFrame) -> pd.DataFrame:
    """Per person and site: k settlements under double sign-ins of n visits, and the `share` of the site's that are."""
    here = held.groupby(["person_no", "site_no"]).agg(
        k=("settlement_no", "size"),
        n=("visits_here", "first"),
        doubled=("site_doubled", "first"),
        site_n=("site_n", "first"),
    )
    return here.assign(share=here["doubled"] / here["site_n"])


def _chance_of_persons(held: pd.DataFrame) -> float:
    """Log of a bound on the chance that so many customers of these sites come so often under double sign-ins.

    A desk that is signed in twice all day serves everybody so; that says nothing of a few of them. Each one's visits fall
    under double sign-ins at the site's rate; the bound pays for the choice of these among all customers.
    """
    here = _by_person(held)
    tail = stats.binom.logsf(here["k"] - 1, here["n"], here["share"].clip(upper=0.999))
    customers = int(held.drop_duplicates("site_no")["customers"].sum())
    return float(np.sum(tail)) + log_choose(customers, held["person_no"].nunique())


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算发生时，操作员同时在另一台终端签到，"
        f"涉及{len(group.days)}个日期。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households on {len(group.days)} "
        "dates were made while the operator was signed in at another terminal as well.",
    )
