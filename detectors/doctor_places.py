"""Doctors whose visits at two institutions lie closer in time than the way between them (医师同时在两家机构接诊)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.doctor_acts import doctors_told, of_institutions
from detectors.groups import read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text


class DoctorAtTwoPlaces:
    """Finds doctors who, on several days, saw patients at two institutions that nobody could have moved between."""

    spec = DetectorSpec(
        id="doctor_at_two_places",
        version=1,
        pattern="unexplained",
        kind="doctor_at_two_places",
        title=Text(
            "同一医师在两家机构的接诊时间近于路程所需", "One doctor at two institutions sooner than the way takes"
        ),
        question=Text(
            "哪些医师（未登记多点执业）在多个日期于两家机构接诊，其间隔短于两地路程所需？",
            "Which doctors, without registered practice at both, saw patients at two institutions on several days with less "
            "time between than the way takes?",
        ),
        status="trial",
        params=(
            Param("least_days", 3, "one or two days are a wrong code chosen at a counter"),
            Param("most_sites", 3, "a code in use at more institutions is nobody's own"),
        ),
        needs=("settlements.doctor_no", "settlements.minute", "sites.longitude|sites.division"),
        benign=(
            Text("登记的多点执业", "registered practice at several institutions"),
            Text(
                "远程会诊、互联网诊疗与联合会诊（按项目名称识别）",
                "tele-consultation and joint rounds (by the items charged)",
            ),
            Text(
                "机构时钟偏差（按偏差校正）与批量上传（剔除）",
                "an institution's clock that is off (corrected) and uploads in batches (left out)",
            ),
            Text("就诊后很久才结算的机构", "an institution that settles long after the visit"),
            Text(
                "两家机构各自编号而相同的医师代码（多数日期均冲突）",
                "one code given to two persons (it clashes on most days)",
            ),
        ),
        misses=(
            Text("登记了多点执业者的分身接诊", "clashes of doctors who are registered at both"),
            Text("相距不足五公里的机构", "institutions less than five kilometres apart"),
            Text("住院期间的医嘱（不含执行时刻）", "orders for in-patients, whose moments are not known"),
            Text(
                "长期挂证、多数日期都冲突的医师代码",
                "a code lent to another institution for good: it clashes on most days",
            ),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(
            read_sql("doctor_at_two_places"), {name: int(params[name]) for name in ("least_days", "most_sites")}
        ).df()
        text = Text(
            "{settlements}笔结算显示同一医师在两家机构先后接诊，间隔短于路程所需，涉及{days}个日期、{sites}家机构。",
            "{settlements} settlements on {days} dates at {sites} institutions show one doctor at two of them with less time "
            "between than the way takes.",
        )
        return doctors_told(build.tables, of_institutions(rows, _signals), self.spec, text)


def _signals(held: pd.DataFrame) -> tuple[Signal, ...]:
    clashes = held.drop_duplicates("clash_no")
    days, doctors = len(clashes[["doctor_no", "day"]].drop_duplicates()), clashes["doctor_no"].nunique()
    way = clashes["km"].dropna()
    furthest = f"，最远相距{way.max():.0f}公里" if len(way) else ""
    far = f", at most {way.max():.0f} km apart" if len(way) else ""
    return (
        Signal(
            "doctor_at_two_places",
            math.log1p(days),
            2.0,
            Text(
                f"{doctors}名医师在{days}个日期共{len(clashes)}次分身，间隔最多{clashes['minutes'].max():.0f}分钟{furthest}",
                f"{doctors} doctor(s) in two places {len(clashes)} times on {days} dates, at most "
                f"{clashes['minutes'].max():.0f} minutes between{far}",
            ),
        ),
    )
