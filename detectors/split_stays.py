"""One stay cut into several, again and again at one doctor (分解住院)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Told
from detectors.groups import Group, read_sql
from detectors.standing import Standing, at_desks
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text


class SplitStays:
    """Finds doctors and institutions whose patients come back for the same illness within days of their discharge."""

    spec = DetectorSpec(
        id="split_stays",
        version=1,
        pattern="sham_stay",
        kind="split_stays",
        title=Text("出院数日内因相关诊断再次入院", "Readmissions for the same illness within days of discharge"),
        question=Text(
            "哪些机构、哪名医师的多名患者出院后数日内以相关诊断再次入住同一机构，超过其他医师同类患者的水平？",
            "At which institution, with which doctor, do patients of several households come back for a related diagnosis "
            "within days of their discharge, beyond other doctors' patients of that kind?",
        ),
        status="trial",
        params=(
            Param("most_gap", 7, "days: rules in use say 3 to 15; after a week a relapse is common"),
            Param("least_persons", 4, "relapses of two or three patients are everyday life"),
            Param("least_units", 4, "see above, by household"),
            Param("least_log_p", 5.0, "nats by which such patients beat the other doctors' rate"),
        ),
        needs=("settlements.begin_at", "settlements.end_at", "settlements.diagnosis_code"),
        null_model=Text(
            "每个诊断类目的此类患者来到每名医师的人数服从以其他医师同类目比率为均值的泊松分布。",
            "Such patients of each category of diagnosis come to a doctor as a Poisson number at the other doctors' rate for "
            "that category.",
        ),
        benign=(
            Text(
                "化疗等分疗程住院（按诊断类目自身比率、门特登记剔除）",
                "courses such as chemotherapy (by the rate of the category and by registered plans)",
            ),
            Text("病情反复、急诊再入院", "relapses and emergencies"),
            Text("转院后转回", "a transfer to another institution and back for another illness"),
        ),
        misses=(
            Text("再次入院改用无关诊断的情形", "readmissions under an unrelated diagnosis"),
            Text("间隔超过参数天数的情形", "longer gaps"),
            Text("转至关联机构的分解住院", "stays cut between two institutions"),
            Text("少见诊断、只有一家机构收治的诊断", "rare diagnoses, and those treated at one institution only"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("split_stays"), {"most_gap": int(params["most_gap"])}).df()
        told = Told(self.spec, "patient", _text, leading="split_stays", leading_weight=1.5)
        return at_desks(build.tables, rows, params, told, lambda one: Added(signals=_again(one)))


def _again(one: Standing) -> tuple[Signal, ...]:
    """Chains of three stays and more: one return may be a relapse."""
    stays = one.rows.groupby("person_no")["settlement_no"].nunique()
    again = int((stays >= 3).sum())
    if again == 0:
        return ()
    return (
        Signal(
            "split_again",
            math.log1p(again),
            1.5,
            Text(f"其中{again}人接连住院三次以上", f"{again} of the persons with three stays or more in a row"),
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）出院数日内以相关诊断再次入住同一机构，共{settlements}次住院。",
        f"{len(group.members)} insured persons of {group.units} households were admitted again to the same institution for a "
        f"related diagnosis within days of their discharge ({settlements} stays).",
    )
