"""Cases that one handler takes outside the office's hours or within a minute, and always for the same claimants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from detectors.assignment import Bools
from detectors.base import DetectorSpec, Param, Value
from detectors.case_findings import Handled, handled
from detectors.communities import Ints
from detectors.groups import Floats, read_sql
from detectors.returning import FAMILIES, clients_of, comings, group_of, returned
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Text


class HurriedCases:
    """Finds handlers whose late or hasty work falls on the same households, accounts or phones beyond chance."""

    spec = DetectorSpec(
        id="hurried_cases",
        version=1,
        pattern="insider",
        kind="hurried_cases",
        title=Text(
            "对同一批人非工作时间或一分钟内办理", "Cases of the same persons taken after hours or within a minute"
        ),
        question=Text(
            "哪些经办人在本经办点无人办公的时段录入、审核，或一分钟内审结，而这些案件反复属于同一批家庭、收款账户或联系电话？",
            "Which handlers enter or review when nobody else of the office works, or within a minute, and again and again for "
            "the same households, payee accounts or phones?",
        ),
        status="trial",
        params=(
            Param("fast_seconds", 60, "nobody reads a file of invoices in less"),
            Param(
                "least_share", 0.005, "an hour in which the others do so little of their work is outside office hours"
            ),
            Param("least_clients", 3, "one or two claimants may have had an urgent case"),
            Param("least_households", 3, "a large family is one claimant"),
            Param("least_log_p", 8.0, "nats by which it returns to the same claimants, the search paid for"),
        ),
        needs=("manual_cases.accepted_by", "manual_cases.accepted_at", "handlers.office"),
        null_model=Text(
            "经办人的非工作时间或匆忙办理，按其本人的比率随机落在其经手的案件上；反复涉及的客户数以精确概率求和后检验。",
            "A handler's late or hasty work falls at random, at the handler's own rate, on the cases that pass through those "
            "hands; the number of clients on whom it falls again and again has the sum of their exact chances as its mean.",
        ),
        benign=(
            Text("经常加班、为所有人办理的经办人", "a handler who works late often, for everybody"),
            Text("系统中断后多人加班补录", "several who stay on after an outage"),
            Text("批量审结积压案件", "a backlog that is reviewed in one go"),
            Text("没有时刻、只有日期的数据", "records that know dates only"),
        ),
        misses=(
            Text("在办公时间内从容办理的案件", "cases taken in office hours, without haste"),
            Text("每个家庭只有一笔的情形", "one such case to a household, account or phone"),
            Text(
                "他人记录不足二百笔的经办点的非工作时间",
                "late hours at offices where the others have fewer than 200 acts",
            ),
        ),
        legal_basis=("Order 735 art. 37", "Order 735 art. 44"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        parts = build.tables.execute(
            read_sql("hurried_cases"),
            {"fast_seconds": int(params["fast_seconds"]), "least_share": float(params["least_share"])},
        ).df()
        groups = list(_groups(parts, int(params["least_clients"]), float(params["least_log_p"])))
        text = Text(
            "{persons}名参保人（{households}个家庭）的{settlements}笔手工报销由同一经办人在非办公时间或一分钟内办理，且反复如此。",
            "{settlements} manual reimbursements of {persons} insured persons of {households} households were taken by one "
            "handler after hours or within a minute, again and again for the same ones.",
        )
        return handled(build.tables, groups, self.spec, text, least={"households": int(params["least_households"])})


def _groups(parts: pd.DataFrame, least_clients: int, least_log_p: float) -> Iterator[Handled]:
    if parts.empty:
        return
    parts = parts.assign(is_hurried=parts["is_late"] | parts["is_fast"])
    busy = parts.groupby("handler_no")["is_hurried"].transform("sum") >= 2 * least_clients
    desks = int(parts["handler_no"].nunique())
    for handler, cases in parts[busy].groupby("handler_no", sort=True):
        held = cases.reset_index(drop=True)
        inside = held["is_hurried"].to_numpy(np.bool_)
        days = held["day"].to_numpy(np.int64)
        found = [
            each
            for family in FAMILIES
            for client in (clients_of(held, family),)
            for each in returned(
                family, client, comings(client, days), _own_rate(inside, client), inside, desks, least_clients
            )
        ]
        yield from group_of(held, (int(str(handler)),), found, least_log_p, "hurried_for_the_same")


def _own_rate(inside: Bools, client: Ints) -> Floats:
    """The handler's rate over the cases of all other clients; half a case is added, so that it is never 0."""
    n, hurried = len(client), int(inside.sum())
    rows = pd.DataFrame({"client": client, "inside": inside.astype(np.int64), "one": 1})
    own = rows.groupby("client")[["inside", "one"]].transform("sum")
    own[client < 0] = 0
    result: Floats = ((hurried - own["inside"] + 0.5) / (n - own["one"] + 1)).to_numpy(np.float64)
    return result
