"""Claimants and payees who come back to the same desk, or to the same two desks, beyond chance (经办人员内外勾连)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detectors.assignment import ENTERED, FIRST, LAST, Bools, Office, offices, returning_tails
from detectors.base import DetectorSpec, Param, Value
from detectors.case_findings import Handled, handled
from detectors.chance import log_tail
from detectors.communities import Ints
from detectors.groups import Floats
from detectors.pattern_rows import Candidate
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text

#: Levels of oddness of one client's coming back that are tried; the choice among them is paid for.
LEVELS = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005)
#: Of the clients named, so many may be there by chance.
MOST_CHANCE = 0.25
#: In this share of the cases of a pair both have a hand: else it is one of them, with whoever else was there.
BOTH = 0.5
#: An account or phone of more persons belongs to a charity, a school or a village office.
MOST_PERSONS = 80
#: What cases may have in common: a household, a payee account of several, a contact phone of several.
FAMILIES = ("unit_no", "account_no", "phone_no")


@dataclass(frozen=True, slots=True)
class _Standing:
    """Clients of one family who come back to some desks: rows of the office's cases, and the log chance."""

    family: str
    rows: Ints
    log_p: float


class HandlerClientele:
    """Finds handlers to whom the same households, accounts or phones come back beyond random assignment."""

    spec = DetectorSpec(
        id="handler_clientele",
        version=1,
        pattern="insider",
        kind="handler_clientele",
        title=Text("反复回到同一经办人的申请", "Claims that return to one handler"),
        question=Text(
            "在同一经办点、同一天在岗、受理同类案件的经办人之间随机分派时，哪些经办人的申请家庭、收款账户或联系电话反复回到其手中，"
            "超出偶然？",
            "To which handlers do the same households, payee accounts or phones return beyond what random assignment among the "
            "handlers on duty in the office that day would bring for that kind of case?",
        ),
        status="trial",
        params=(
            Param("least_clients", 4, "two or three faithful claimants are found at every desk"),
            Param("least_households", 4, "a large family is one claimant"),
            Param("least_log_p", 8.0, "nats by which returning clients beat random assignment, the search paid for"),
        ),
        needs=("manual_cases.accepted_by", "handlers.office"),
        null_model=Text(
            "每件案件按同类案件份额随机分派给当日在岗的经办人；反复回到同一人的客户数按精确概率求和后以泊松尾概率检验。",
            "Each case falls at random to one of the handlers on duty, by their share of its kind; the number of clients who "
            "come back so often has the sum of their exact chances as its mean, and a Poisson tail.",
        ),
        benign=(
            Text("只办一类案件的专窗", "a specialist window for one kind of case"),
            Text("只有一两名经办人的经办点", "an office of one or two handlers"),
            Text("同事休假期间由一人代办", "one handler covering while colleagues are on leave"),
            Text("系统中断后的集中补录", "a backlog entered together after an outage"),
        ),
        misses=(
            Text(
                "每人只报销一次且账户、电话各不相同的团伙",
                "groups in which everybody claims once with an account and phone",
            ),
            Text(
                "按片区分工且未记录为不同案件类型的经办点（会被列出）",
                "desks by district, not told apart by kind of case: listed",
            ),
            Text("没有经办点信息的数据", "records without the handlers' offices"),
        ),
        legal_basis=("Order 735 art. 37", "Order 735 art. 44"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        groups = [
            group
            for office in offices(build.tables)
            for group in _single(office, int(params["least_clients"]), float(params["least_log_p"]))
        ]
        text = Text(
            "{persons}名参保人（{households}个家庭）的{settlements}笔手工报销反复回到同一经办人，超出在岗人员随机分派所能解释的程度。",
            "{settlements} manual reimbursements of {persons} insured persons of {households} households came back to one "
            "handler, beyond random assignment among those on duty.",
        )
        return handled(build.tables, groups, self.spec, text, least={"households": int(params["least_households"])})


class HandlerPairs:
    """Finds pairs of handlers through whose four hands the same households, accounts or phones go again and again."""

    spec = DetectorSpec(
        id="handler_pairs",
        version=1,
        pattern="insider",
        kind="handler_pair",
        title=Text("反复经同一对经办人录入与审核的申请", "Claims entered and reviewed by the same two handlers"),
        question=Text(
            "哪两名经办人互相录入与审核同一批家庭、收款账户或联系电话的案件，超出在岗人员随机分派所能解释的程度？",
            "Which two handlers enter and review, one for the other, the cases of the same households, payee accounts or "
            "phones beyond random assignment among those on duty?",
        ),
        status="trial",
        params=(
            Param("least_clients", 4, "two or three claimants meet the same two desks by chance"),
            Param("least_households", 4, "a large family is one claimant"),
            Param("least_log_p", 8.0, "nats by which returning clients beat random assignment, the search paid for"),
            Param("least_cases", 6, "fewer cases of a pair are not looked at"),
        ),
        needs=("manual_cases.accepted_by", "reviews.handler_no", "handlers.office"),
        null_model=Text(
            "录入与审核分别按同类案件份额随机分派给当日在岗的经办人；这一对在全体案件中的搭档比例若更高，则以其为准。",
            "Entry and reviews fall at random to handlers on duty, by their share of the kind; where the two share cases of all "
            "claimants more often than that, their own rate over the others' cases is the chance.",
        ),
        benign=(
            Text("只有两三名经办人的经办点", "an office of two or three handlers"),
            Text("固定搭档处理全部案件的两人", "two who work together on everybody's cases"),
            Text("同事休假期间的代班", "cover during a colleague's leave"),
            Text("系统中断后的集中审核", "a backlog reviewed together after an outage"),
        ),
        misses=(
            Text(
                "每人只报销一次且账户、电话各不相同的团伙",
                "groups in which everybody claims once with an account and phone",
            ),
            Text("三人以上轮流经手", "three or more handlers in turn"),
        ),
        legal_basis=("Order 735 art. 37", "Order 735 art. 44"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        groups = [
            group
            for office in offices(build.tables)
            for group in _paired(
                office, int(params["least_clients"]), float(params["least_log_p"]), int(params["least_cases"])
            )
        ]
        text = Text(
            "{persons}名参保人（{households}个家庭）的{settlements}笔手工报销由同一对经办人录入与审核，超出随机分派所能解释的程度。",
            "{settlements} manual reimbursements of {persons} insured persons of {households} households were entered and "
            "reviewed by the same two handlers, beyond random assignment among those on duty.",
        )
        return handled(build.tables, groups, self.spec, text, least={"households": int(params["least_households"])})


def _single(office: Office, least_clients: int, least_log_p: float) -> Iterator[Handled]:
    clients = {family: _clients(office.cases, family) for family in FAMILIES}
    chances = {family: office.chances(ENTERED, client) for family, client in clients.items()}
    days = office.cases["entered_on"].to_numpy(np.int64)
    for place, handler in enumerate(office.handlers.tolist()):
        inside = (office.cases["entered_by"] == handler).to_numpy()
        found = [
            standing
            for family, client in clients.items()
            for standing in _standing(
                family, days, chances[family][:, place], client, inside, len(office.handlers), least_clients
            )
        ]
        yield from _group(office.cases, (handler,), found, least_log_p, "returns_to_one_handler")


def _paired(office: Office, least_clients: int, least_log_p: float, least_cases: int) -> Iterator[Handled]:
    cases = office.cases
    both = _pairs(cases, least_cases)
    pairs = sorted(both)
    if not pairs:
        return
    clients = {family: _clients(cases, family) for family in FAMILIES}
    chances = {
        family: [office.chances(step, client) for step in (ENTERED, FIRST, LAST)] for family, client in clients.items()
    }
    entered, first, last = (cases[by].to_numpy(np.float64, na_value=np.nan) for by, _ in (ENTERED, FIRST, LAST))
    days = cases["entered_on"].to_numpy(np.int64)
    for pair in pairs:
        at = np.searchsorted(office.handlers, pair)
        inside = np.isin(entered, pair) & (np.isin(first, pair) | np.isin(last, pair))
        usual = _usual(cases, inside)
        found: list[_Standing] = []
        for family, client in clients.items():
            took, reviewed, closed = (np.minimum(chance[:, at].sum(axis=1), 1.0) for chance in chances[family])
            by_chance = took * (1 - (1 - reviewed) * (1 - closed))
            found += [
                standing
                for standing in _standing(
                    family, days, np.maximum(by_chance, usual), client, inside, len(pairs), least_clients
                )
                if both[pair][standing.rows].mean() >= BOTH
            ]
        yield from _group(cases, pair, found, least_log_p, "returns_to_two_handlers")


def _pairs(cases: pd.DataFrame, least_cases: int) -> dict[tuple[int, int], Bools]:
    """Per two handlers with at least so many cases that one entered and the other reviewed: which cases these are."""
    hands = pd.concat(
        [
            pd.DataFrame({"row": np.arange(len(cases)), "a": cases["entered_by"], "b": cases[by]})
            for by, _ in (FIRST, LAST)
        ]
    ).dropna()
    hands = hands[hands["a"] != hands["b"]].astype(np.int64)
    hands = pd.DataFrame(
        {"row": hands["row"], "a": hands[["a", "b"]].min(axis=1), "b": hands[["a", "b"]].max(axis=1)}
    ).drop_duplicates()
    result: dict[tuple[int, int], Bools] = {}
    for _, held in hands.groupby(["a", "b"], sort=True):
        if len(held) >= least_cases:
            rows = np.zeros(len(cases), np.bool_)
            rows[held["row"].to_numpy()] = True
            result[int(held["a"].iloc[0]), int(held["b"].iloc[0])] = rows
    return result


def _usual(cases: pd.DataFrame, inside: Bools) -> Floats:
    """Share of the pair in the cases of the same kind of households with a single case, who cannot come back."""
    once = ~cases["unit_no"].duplicated(keep=False).to_numpy()
    rows = pd.DataFrame({"reason": cases["reason"], "inside": inside & once, "one": once})
    kind = rows.groupby("reason")[["inside", "one"]].transform("sum")
    result: Floats = ((kind["inside"] + 0.5) / (kind["one"] + 1)).to_numpy(np.float64)
    return result


def _clients(cases: pd.DataFrame, family: str) -> Ints:
    """The client of each case in one family, −1 for none; an account or phone counts when several households use it."""
    values = cases[family]
    known = values.notna()
    if family != "unit_no":
        users = cases[known].groupby(family).agg(units=("unit_no", "nunique"), persons=("person_no", "nunique"))
        shared = users.index[(users["units"] >= 2) & (users["persons"] <= MOST_PERSONS)]
        known &= values.isin(shared)
    return values.where(known, -1).fillna(-1).to_numpy(np.int64)


def _comings(client: Ints, days: Ints) -> Ints:
    """`client` with −1 for further cases of the same day: who hands in several at once comes to one desk, once."""
    again = pd.DataFrame({"client": client, "day": days}).duplicated().to_numpy()
    return np.where(again, -1, client)


def _standing(
    family: str, days: Ints, chance: Floats, client: Ints, inside: Bools, desks: int, least_clients: int
) -> Iterator[_Standing]:
    """The clients who come back oddly often, at the level at which their number is least likely chance."""
    client_days = _comings(client, days)
    _, times = np.unique(client_days[inside & (client_days >= 0)], return_counts=True)
    if (times >= 2).sum() < least_clients:
        return
    known, counts, tails = returning_tails(chance, client_days, inside)
    seen = np.where(counts >= 2, tails[np.arange(len(known)), counts], 1.0)
    best: _Standing | None = None
    for level in LEVELS:
        odd = seen <= level
        n = int(odd.sum())
        # the chance of a client to be that odd is the largest of its tails (from two cases on) below the level
        attained = np.where(tails[:, 2:] <= level, tails[:, 2:], 0.0).max(axis=1)
        expected = max(float(attained.sum()), 0.05)
        if n < least_clients or expected > MOST_CHANCE * n:
            continue
        log_p = float(log_tail(n, expected)) + math.log(len(LEVELS) * len(FAMILIES) * max(desks, 1))
        if best is None or log_p < best.log_p:
            best = _Standing(family, np.flatnonzero(inside & np.isin(client, known[odd])), log_p)
    if best is not None:
        yield best


def _group(
    cases: pd.DataFrame, desks: tuple[int, ...], found: list[_Standing], least_log_p: float, signal: str
) -> Iterator[Handled]:
    told = [standing for standing in found if standing.log_p <= -least_log_p]
    if not told:
        return
    held = cases.iloc[np.unique(np.concatenate([standing.rows for standing in told]))]
    log_p = min(standing.log_p for standing in told)
    members = [Member("person", int(no), "claimant") for no in np.unique(held["person_no"])]
    members += [Member("handler", int(no), "handler") for no in desks]
    for standing in told:
        if standing.family == "account_no":
            accounts = np.unique(cases.iloc[standing.rows]["account_no"])
            members += [Member("bank_account", int(no), "payee") for no in accounts]
    yield Handled(
        Candidate(tuple(sorted(members)), tuple(np.unique(held["settlement_no"]).tolist())),
        (
            Signal(
                signal,
                math.log1p(-log_p),
                3.0,
                Text(
                    f"随机分派下出现同样情形的对数概率上界为{log_p:.0f}",
                    f"log of a bound on the chance of the same under random assignment: {log_p:.0f}",
                ),
            ),
        ),
        log_p,
    )
