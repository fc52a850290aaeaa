"""More heads than beds, and one bed for two (叠床住院)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Told
from detectors.groups import Group, read_sql
from detectors.standing import Standing, at_desks
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text


class CrowdedWards:
    """Finds houses with far more patients than approved beds, and the stays whose bed was somebody else's as well."""

    spec = DetectorSpec(
        id="crowded_wards",
        version=1,
        pattern="sham_stay",
        kind="crowded_ward",
        title=Text("在院人数远超批准床位且一床两人", "Far more heads than beds, and one bed for two"),
        question=Text(
            "哪些机构在许多夜晚在院人数远超批准床位，且同一床位同时登记给两名不同家庭的患者？",
            "Which institutions had far more patients than approved beds on many nights, with one bed given to two patients "
            "at once?",
        ),
        status="trial",
        params=(
            Param("most_ratio", 1.3, "extra beds of a tenth or a fifth are common in winter"),
            Param("least_nights", 20, "a wave of influenza fills a house for a week or two"),
            Param("least_persons", 6, "late changes of bed come singly"),
            Param("least_units", 6, "see above, by household"),
            Param("least_log_p", 6.0, "nats by which such patients beat the other institutions' rate"),
        ),
        needs=("settlements.begin_at", "settlements.end_at", "settlements.bed", "sites.beds"),
        null_model=Text(
            "此类患者来到每名医师、每家机构的人数服从以其他医师和机构比率为均值的泊松分布。",
            "Such patients come to a doctor or an institution as a Poisson number at the rate of the others.",
        ),
        benign=(
            Text("冬季加床", "extra beds in winter"),
            Text(
                "批准床位登记过时（半数机构超出时不作判断）",
                "a register of beds out of date (nobody is judged where half of the houses are over)",
            ),
            Text("转床登记滞后", "changes of bed entered late"),
        ),
        misses=(
            Text("床位号编造不重复的情形", "made-up bed numbers that do not repeat"),
            Text("未登记批准床位数或床位号的机构", "institutions without approved beds or bed numbers on record"),
            Text(
                "单个病区的超床（来源表没有病区床位数）",
                "one ward over its beds: the beds of a ward are in no source table",
            ),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(1)(7)", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("crowded_wards"),
            {"most_ratio": float(params["most_ratio"]), "least_nights": int(params["least_nights"])},
        ).df()
        # a house that is too full is an irregularity of the house: who lay there need not be of one ring
        told = Told(self.spec, "patient", _text, leading="crowded_wards", leading_weight=0.7, firmness=0.5)
        return at_desks(build.tables, rows, params, told, lambda one: Added(signals=_nights(one)))


def _nights(one: Standing) -> tuple[Signal, ...]:
    fullest = one.rows.sort_values(["nights", "site_no"], ascending=[False, True]).iloc[0]
    nights, heads, beds = int(fullest["nights"]), int(fullest["most_heads"]), int(fullest["beds"])
    return (
        Signal(
            "crowded_nights",
            math.log1p(nights),
            0.5,
            Text(
                f"{nights}个夜晚超出批准床位，最多{heads}人、{beds}张床",
                f"{nights} nights over the approved beds, at most {heads} heads in {beds} beds",
            ),
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}次住院期间，机构在院人数远超批准床位，"
        "其床位同时登记给他人。",
        f"During {settlements} stays of {len(group.members)} insured persons of {group.units} households the house had far "
        "more patients than approved beds, and their bed was given to somebody else as well.",
    )
