"""Claimants and payees who come back to the same desk, or to the same two desks, beyond chance (经办人员内外勾连)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from detectors.assignment import ENTERED, FIRST, LAST, Bools, Office, offices
from detectors.base import DetectorSpec, Param, Value
from detectors.case_findings import Handled, handled
from detectors.communities import Ints
from detectors.groups import Floats
from detectors.returning import FAMILIES, Returned, clients_of, comings, group_of, returned
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Text

#: In this share of the cases of a pair both have a hand: else it is one of them, with whoever else was there.
BOTH = 0.5


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


def _days(office: Office, clients: Mapping[str, Ints]) -> dict[str, Ints]:
    entered_on = office.cases["entered_on"].to_numpy(np.int64)
    return {family: comings(client, entered_on) for family, client in clients.items()}


def _single(office: Office, least_clients: int, least_log_p: float) -> Iterator[Handled]:
    clients = {family: clients_of(office.cases, family) for family in FAMILIES}
    chances = {family: office.chances(ENTERED, client) for family, client in clients.items()}
    days = _days(office, clients)
    for place, handler in enumerate(office.handlers.tolist()):
        inside = (office.cases["entered_by"] == handler).to_numpy()
        found = [
            each
            for family, client in clients.items()
            for each in returned(
                family, client, days[family], chances[family][:, place], inside, len(office.handlers), least_clients
            )
        ]
        yield from group_of(office.cases, (handler,), found, least_log_p, "returns_to_one_handler")


def _paired(office: Office, least_clients: int, least_log_p: float, least_cases: int) -> Iterator[Handled]:
    cases = office.cases
    both = _pairs(cases, least_cases)
    pairs = sorted(both)
    if not pairs:
        return
    clients = {family: clients_of(cases, family) for family in FAMILIES}
    chances = {
        family: [office.chances(step, client) for step in (ENTERED, FIRST, LAST)] for family, client in clients.items()
    }
    entered, first, last = (cases[by].to_numpy(np.float64, na_value=np.nan) for by, _ in (ENTERED, FIRST, LAST))
    days = _days(office, clients)
    for pair in pairs:
        at = np.searchsorted(office.handlers, pair)
        inside = np.isin(entered, pair) & (np.isin(first, pair) | np.isin(last, pair))
        usual = _usual(cases, inside)
        found: list[Returned] = []
        for family, client in clients.items():
            took, reviewed, closed = (np.minimum(chance[:, at].sum(axis=1), 1.0) for chance in chances[family])
            by_chance = took * (1 - (1 - reviewed) * (1 - closed))
            found += [
                each
                for each in returned(
                    family, client, days[family], np.maximum(by_chance, usual), inside, len(pairs), least_clients
                )
                if both[pair][each.rows].mean() >= BOTH
            ]
        yield from group_of(cases, pair, found, least_log_p, "returns_to_two_handlers")


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
