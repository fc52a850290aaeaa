"""Doctors who go on settling patients while they are in-patients themselves (医师住院期间收治病人)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.doctor_acts import doctors_told, of_institutions
from detectors.groups import read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text


class TreatingWhileInPatient:
    """Finds doctors under whose code patients are settled, day after day, inside stays of their own."""

    spec = DetectorSpec(
        id="treating_while_in_patient",
        version=1,
        pattern="unexplained",
        kind="treating_while_in_patient",
        title=Text("医师本人住院期间仍有接诊结算", "Patients settled while the doctor was an in-patient"),
        question=Text(
            "哪些医师在本人住院期间（不含入院日与出院日）仍多日、为多名患者接诊或收治住院？",
            "Under which doctors were several patients seen or admitted on several days strictly inside a stay of the doctor's "
            "own?",
        ),
        status="trial",
        params=(
            Param("least_days", 2, "a single day may be a wrong date"),
            Param("least_persons", 3, "one or two are colleagues who use the doctor's login"),
            Param("most_sites", 3, "a code in use at more institutions is nobody's own"),
        ),
        needs=("doctors.person_no", "settlements.doctor_no", "settlements.begin_at", "settlements.end_at"),
        benign=(
            Text("入院日与出院日当天的接诊", "patients seen on the days of admission and discharge"),
            Text(
                "延迟上传的机构（按机构数据质量剔除）",
                "an institution that delivers days late (left out by its feed faults)",
            ),
            Text(
                "登记表中人员编号错误：一人对应多名医师、年龄不符，或多数医师均如此（不作判断）",
                "a wrong person number in the register: one for several doctors, a child's, or most doctors alike (nobody is "
                "judged then)",
            ),
            Text("多家机构共用的医师代码", "a code that many institutions use"),
            Text("同事偶尔使用其账号", "a colleague who uses the login now and then"),
        ),
        misses=(
            Text("登记表未给出医师本人人员编号", "doctors whose own person number no register gives"),
            Text("医师自费或在外地住院且未经结算", "stays of a doctor that the fund did not settle"),
            Text(
                "下级医师长期以其名义接诊与编造接诊无法区分，需排班与签名",
                "a junior who works under the doctor's name all the time looks the same: rosters and signatures tell",
            ),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("treating_while_in_patient"),
            {name: int(params[name]) for name in ("least_days", "least_persons", "most_sites")},
        ).df()
        # the doctor's own stay is evidence too: one of the two did not take place
        told = pd.concat([rows, rows.assign(settlement_no=rows["stay_no"])], ignore_index=True)
        text = Text(
            "医师代码与本人住院日期相矛盾：涉及{settlements}笔结算（含医师本人的住院）、{days}个日期。",
            "Patients were settled under doctors who were in-patients on those days ({settlements} settlements on {days} "
            "dates, the doctors' own stays among them).",
        )
        return doctors_told(build.tables, of_institutions(told, _signals), self.spec, text)


def _signals(held: pd.DataFrame) -> tuple[Signal, ...]:
    acts = held.drop_duplicates(["doctor_no", "person_no", "on_day"])
    persons, days, doctors = len(acts), acts[["doctor_no", "on_day"]].drop_duplicates(), acts["doctor_no"].nunique()
    return (
        Signal(
            "treated_inside_own_stay",
            math.log1p(persons),
            2.0,
            Text(
                f"{doctors}名医师在本人住院的{len(days)}个日期接诊{persons}人次",
                f"{persons} patients seen by {doctors} doctor(s) on {len(days)} day(s) of their own stays",
            ),
        ),
    )
