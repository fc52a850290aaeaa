"""Special-disease benefits that one handler grants to persons whom no doctor saw in the year before (违规办理门慢门特)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Skipped, Value
from detectors.case_findings import Handled, handled
from detectors.chance import log_tail
from detectors.groups import read_sql
from detectors.pattern_rows import Candidate
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text


class UnexaminedApprovals:
    """Finds handlers whose grants of special-disease benefits lack any visit before, far more often than their colleagues'."""

    spec = DetectorSpec(
        id="unexamined_approvals",
        version=1,
        pattern="insider",
        kind="unexamined_approvals",
        title=Text("无就诊依据的门慢门特登记", "Special-disease benefits granted without a visit before"),
        question=Text(
            "哪些经办人登记的门慢门特，其参保人在此前一年没有任何门诊或住院记录，比例远高于其他经办人，且登记后使用了该待遇？",
            "Which handlers register special diseases of persons without any visit or stay in the year before, far more often "
            "than other handlers do for the same diseases, with the benefit used afterwards?",
        ),
        status="trial",
        params=(
            Param("least_days", 180, "days of records before a registration: fewer prove no absence of visits"),
            Param("least_households", 4, "fewer are patients from elsewhere"),
            Param("least_log_p", 8.0, "nats by which such grants beat the other handlers' rate for the same diseases"),
        ),
        needs=("registrations.handler_no", "registrations.handled_at", "handlers.office"),
        null_model=Text(
            "每名经办人的此类登记数服从泊松分布，均值为其各病种登记数乘以其他经办人同病种的比率。",
            "Such grants come to a handler as a Poisson number: the handler's grants of each disease at the others' rate for it.",
        ),
        benign=(
            Text("在外地确诊、由本市登记的患者", "patients diagnosed elsewhere and registered here"),
            Text("集中迁入或数据开始前就诊的患者", "patients who moved in, or whose visits precede the records"),
            Text("专办某病种的窗口", "a window that registers one disease only"),
        ),
        misses=(
            Text("有就诊记录但检查结果不支持的登记", "grants after a visit whose result does not support them"),
            Text("半年内数据中的登记", "registrations in the first half year of the records"),
            Text("所有经办人都同样办理的城市", "a city in which every handler grants like that"),
        ),
        legal_basis=("Order 735 art. 37", "Order 735 art. 44"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        least_days = int(params["least_days"])
        grants = build.tables.execute(read_sql("unexamined"), {"least_days": least_days}).df()
        if grants.empty:
            raise Skipped(
                Text(
                    f"没有在数据开始{least_days}天之后办理的登记",
                    f"no registration was made {least_days} days or more after the records begin",
                )
            )
        text = Text(
            "同一经办人为{persons}名此前一年无就诊记录的参保人（{households}个家庭）登记门慢门特，其后据此结算{settlements}笔。",
            "One handler registered special diseases of {persons} insured persons of {households} households without a visit "
            "in the year before; {settlements} settlements used the benefit.",
        )
        groups = list(_groups(grants, float(params["least_log_p"])))
        return handled(build.tables, groups, self.spec, text, least={"households": int(params["least_households"])})


def _groups(grants: pd.DataFrame, least_log_p: float) -> Iterator[Handled]:
    every = grants.groupby("disease")["is_unseen"].agg(["sum", "size"])
    own = grants.groupby(["handler_no", "disease"])["is_unseen"].agg(["sum", "size"]).reset_index()
    at = own["disease"].map(lambda disease: every.index.get_loc(disease)).to_numpy(np.int64)
    others, others_n = every["sum"].to_numpy()[at] - own["sum"], every["size"].to_numpy()[at] - own["size"]
    # where hardly anybody else registers the disease there is no rate to compare with
    own["expected"] = np.where(others_n >= 10, own["size"] * (others + 0.5) / (others_n + 1), own["sum"])
    desks = own.groupby("handler_no")[["sum", "expected"]].sum()
    log_p = log_tail(desks["sum"], desks["expected"].clip(lower=0.5)) + math.log(len(desks))
    for handler, bound in zip(desks.index.tolist(), np.asarray(log_p).tolist(), strict=True):
        held = grants[(grants["handler_no"] == handler) & grants["is_unseen"] & grants["settlements"].notna()]
        if bound > -least_log_p or held.empty:
            continue
        members = [Member("person", int(no), "claimant") for no in np.unique(held["person_no"])]
        n, expected = int(desks.loc[handler, "sum"]), float(desks.loc[handler, "expected"])
        signal = Signal(
            "granted_unseen",
            math.log1p(-bound),
            3.0,
            Text(
                f"{n}项登记此前一年无就诊记录，按其他经办人的比率预计{expected:.1f}项",
                f"{n} grants without a visit in the year before; {expected:.1f} at the other handlers' rate",
            ),
        )
        settlements = np.unique(np.concatenate(held["settlements"].tolist())).tolist()
        yield Handled(
            Candidate((Member("handler", int(handler), "handler"), *members), tuple(int(no) for no in settlements)),
            (signal,),
            bound,
        )
