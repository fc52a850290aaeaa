"""Doctors who see more persons on a day than a day has room for, again and again (超医师能力接诊)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail_of_mixture
from detectors.doctor_acts import doctors_told, of_institutions
from detectors.gathered import beyond_chance
from detectors.groups import read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text


class DoctorCapacity:
    """Finds doctors with several days beyond what a day has room for and beyond all peers."""

    spec = DetectorSpec(
        id="doctor_capacity",
        version=1,
        pattern="unexplained",
        kind="doctor_capacity",
        title=Text("医师日接诊人数超出可能", "More patients a day than a doctor can see"),
        question=Text(
            "哪些医师在多周内反复出现日接诊新就诊人数超过一日所能容纳、且远超同级同科医师的情形？",
            "Which doctors had, in several weeks, days with more newly come patients than a day has room for, far beyond the "
            "doctors of their level and department?",
        ),
        status="trial",
        params=(
            Param("most_a_day", 120, "four minutes each for eight hours without a pause"),
            Param("least_days", 5, "a campaign or a colleague's leave takes a few days"),
            Param("least_weeks", 4, "see above: these days lie together"),
            Param("least_log_p", 8.0, "nats by which the last of these days beats the peers, all doctors tried"),
            Param("most_sites", 3, "a code in use at more institutions is nobody's own"),
            Param("most_times_usual", 50.0, "anonymous codes have some two hundred times the peers' mean day"),
        ),
        needs=("settlements.doctor_no",),
        null_model=Text(
            "医师一日的新就诊人数服从负二项分布，均值与方差取自同级同科其他医师的接诊日（医师本人除外）。",
            "Newly come patients of a doctor's day are negative binomial, mean and variance those of the days of the other "
            "doctors of the level and department.",
        ),
        benign=(
            Text(
                "空白、匿名或共用的医师代码：登记表中没有、用于多家机构或日均高达同级数十倍（属数据质量问题，不作线索）",
                "blank, anonymous or shared codes: in no register, at many institutions or at many times the peers' mean day "
                "(a fault of the data, not a lead)",
            ),
            Text("多日集中上传（按覆盖天数折算）", "several days delivered at once (held against as many days)"),
            Text("体检日与短期活动", "check-up days and campaigns"),
            Text("查房与住院医嘱（不计住院）", "ward rounds and orders for in-patients (stays are not counted)"),
            Text(
                "血液透析、康复等疗程（一周内复诊者不计）",
                "dialysis and other courses (who comes back within a week is not counted)",
            ),
        ),
        misses=(
            Text("低于参数人数的超量接诊", "less than the parameter's number a day"),
            Text("同一患者频繁复诊的虚增", "invented visits of the same patients again and again"),
            Text("无登记的医师代码下的超量", "excess under a code that no register knows"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("doctor_capacity"), {"most_a_day": int(params["most_a_day"])}).df()
        text = Text(
            "在{days}个日期，医师名下新就诊人数超出一日所能容纳，共{settlements}笔结算。",
            "On {days} dates more persons came anew to a doctor than a day has room for ({settlements} settlements).",
        )
        groups = of_institutions(_told(rows, params), _signals, log_p=lambda held: float(held["log_p"].min()))
        return doctors_told(build.tables, groups, self.spec, text)


def _told(rows: pd.DataFrame, params: Mapping[str, Value]) -> pd.DataFrame:
    """The rows of doctors who are one person and whose days are no chance, with `log_p` of each doctor."""
    real = rows[
        (rows["places"] <= int(params["most_sites"]))
        & ~rows["is_unknown"]
        & (rows["own_usual"] <= float(params["most_times_usual"]) * rows["usual"])
    ]
    days = real.drop_duplicates(["doctor_no", "day"])
    spread = ((days["variance"] - days["usual"]) / days["usual"] ** 2).clip(lower=0.0).round(9)
    days = days.assign(
        tail=[
            float(log_tail_of_mixture(math.ceil(n), usual, one))
            for n, usual, one in zip(days["n"], days["usual"], spread, strict=True)
        ]
    )
    least_days = int(params["least_days"])
    chances = {}
    for doctor, held in days.groupby("doctor_no", sort=True):
        weeks = held["day"].floordiv(7).nunique()
        if len(held) < least_days or weeks < int(params["least_weeks"]):
            continue
        # so many days at least as unlikely as this one
        last = float(np.sort(held["tail"].to_numpy())[least_days - 1]) + math.log(int(held["doctors"].iloc[0]))
        if last <= -float(params["least_log_p"]):
            chances[doctor] = last
    told = real[real["doctor_no"].isin(chances)]
    return told.assign(log_p=told["doctor_no"].map(chances))


def _signals(held: pd.DataFrame) -> tuple[Signal, ...]:
    days = held.drop_duplicates(["doctor_no", "day"])
    doctors, usual = days["doctor_no"].nunique(), float(days["usual"].median())
    return (
        beyond_chance("doctor_capacity", float(held["log_p"].min()), 1.0),
        Signal(
            "days_over_capacity",
            math.log1p(len(days)),
            1.0,
            Text(
                f"{doctors}名医师共{len(days)}个接诊日超出，最多{days['n'].max():.0f}人；同级同科平均{usual:.1f}人",
                f"{len(days)} days of {doctors} doctor(s), at most {days['n'].max():.0f} patients; the peers see "
                f"{usual:.1f} on a day",
            ),
        ),
    )
