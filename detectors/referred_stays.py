"""Patients of one doctor who are admitted, a few at a time, to one hospital that others from there seldom go to (介绍住院)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from detectors.admissions import STAYS, stay_signals
from detectors.base import DetectorSpec, Param, Value
from detectors.chance import Floats, log_tail_of_mixture, tail_share
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.origins import PRIOR, Origins
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text

#: No hospital is expected to receive fewer patients of one doctor: of rare ones the share is not known.
LEAST_EXPECTED = 0.3
#: Doctors have hospitals that they know: at least so much their referrals differ (variance = m + 0.3·m²) …
LEAST_SPREAD = 0.3
#: … learnt where at least one patient is expected, without the flows furthest above what is expected.
TRIMMED = 0.05


class ReferredStays:
    """Finds doctors whose patients, soon after a visit and more than once, lie in a hospital that others there do not choose."""

    spec = DetectorSpec(
        id="referred_stays",
        version=1,
        pattern="inducement",
        kind="referred_stays",
        title=Text(
            "同一医师的患者就诊后反复住进同一家当地人少去的医院",
            "Patients of one doctor admitted again and again, after seeing him, to one hospital that others there seldom choose",
        ),
        question=Text(
            "哪些医师的患者在就诊后数日内、一次数人地反复住进另一家医院，而周边的人很少去那家医院？",
            "Which doctors' patients are admitted within days of a visit, few at a time and more than once each, to another "
            "institution's beds, where people from around there seldom go?",
        ),
        status="trial",
        params=(
            Param("most_usual", 0.15, "where a larger share of the doctors has such a hospital it is how they work there"),
            Param("within_days", 7, "an admission that a doctor advised follows within the week"),
            Param("least_persons", 4, "fewer have their own reasons"),
            Param("least_units", 4, "a family shares doctor and hospital"),
            Param(
                "least_log_p", 3.0, "nats by which such a flow beats chance, after all doctors and hospitals tried"
            ),
        ),
        needs=("settlements.doctor_no", "settlements.begin_at", "settlements.end_at", "sites.longitude", "sites.latitude"),
        null_model=Text(
            "一名医师的患者住进某医院的人数服从负二项分布：均值为其全部随诊住院患者数乘以该院在周边住院者、及本地其他住院者中所占份额的"
            "较大者，离散度由全市医师估计，且不小于其他医师中出现同样情形的比例；每人首次之后的住院是否仍紧随该医师就诊服从二项分布，比例取其患者在别处住院的情形。两者均须成立。",
            "Patients of a doctor who lie in one hospital are a negative-binomial number: the mean is all of his patients admitted "
            "after a visit times the hospital's share among the in-patients from around, or among others of the same place, "
            "whichever is larger; the spread is learnt from all doctors, and no flow is rarer than among them. That a person's further stays there follow a visit to "
            "the doctor as well is binomial, with the share of his patients' stays elsewhere. Both must beat chance.",
        ),
        benign=(
            Text("乡镇的转诊医院、医共体牵头医院", "the referral hospital of a township, the head of a medical consortium"),
            Text("养老机构的签约医师与签约医院", "the doctor and the contracted hospital of a nursing home"),
            Text("透析、化疗等反复住院的患者", "patients who go to their dialysis or oncology hospital again and again"),
            Text("医师同时在该医院执业，或为其分支机构", "a doctor who practises at the hospital too, or its own branch"),
            Text("村民本来就常去的医院", "a hospital that the village goes to anyway"),
        ),
        misses=(
            Text("每人只住院一次的介绍", "referral for one stay each"),
            Text("介绍人不是医师，或就诊未刷卡", "a referrer who is no doctor, or visits that were not settled"),
            Text("周边居民本来就常去的医院", "a hospital where people from around go anyway"),
            Text("没有经纬度的机构", "places without coordinates"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 40(1)"),
    )  # fmt: skip

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        referred = build.tables.execute(read_sql("referred_stays"), {"within_days": int(params["within_days"])}).df()
        stays = build.tables.execute(read_sql("referred_stays_usual")).df()
        if referred.empty or stays.empty:
            return
        groups = _groups(
            build.tables,
            referred,
            stays,
            least=int(params["least_persons"]),
            most=-float(params["least_log_p"]),
            most_usual=float(params["most_usual"]),
        )
        told = Told(self.spec, "patient", _text, further=stay_signals, leading="referred_stays", leading_weight=2.0)
        yield from chosen(build.tables, STAYS, groups, told, least_units=int(params["least_units"]))


@dataclass(frozen=True, slots=True)
class _Flow:
    """Persons of a doctor at a place who lie in one hospital, how many are expected, and how rare that is.

    `usual` is the share of the other doctors who have a hospital as unlike all others as this one.
    """

    doctor_no: int
    site_no: int
    hospital_no: int
    persons: int
    expected: float
    log_p: float
    usual: float


def _groups(
    tables: duckdb.DuckDBPyConnection,
    referred: pd.DataFrame,
    stays: pd.DataFrame,
    *,
    least: int,
    most: float,
    most_usual: float,
) -> list[Chosen]:
    flows = _flows(tables, referred, stays, least)
    if flows.empty:
        return []
    spread = _spread(flows["persons"].to_numpy(np.float64), flows["expected"].to_numpy(np.float64))
    tried = math.log(len(flows))
    log_p = log_tail_of_mixture(flows["persons"], flows["expected"].clip(lower=LEAST_EXPECTED), spread)
    flows = flows.assign(log_p=log_p)
    flows = flows.assign(usual=_usual(flows))
    flows = flows[(flows["persons"] >= least) & (flows["log_p"] <= most) & (flows["usual"] <= most_usual)]
    standing = [
        _Flow(int(doctor), int(site), int(hospital), int(persons), float(mean), float(chance), float(usual))
        for doctor, site, hospital, persons, mean, chance, usual in zip(
            *(flows[name].tolist() for name in _Flow.__slots__), strict=True
        )
    ]
    if not standing:
        return []
    again = _again(tables, referred, stays, standing)
    groups = []
    for flow, (further, followed, share) in zip(standing, again, strict=True):
        log_again = float(stats.binom.logsf(followed - 1, further, share)) if followed else 0.0
        # the chance of a product of two independent chances as small as this one
        both = -(max(flow.log_p, math.log(max(flow.usual, 1e-300))) + log_again)
        log_p = math.log1p(both) - both + tried
        if log_again > most or log_p > most:
            continue
        rows = referred[
            (referred["doctor_no"] == flow.doctor_no)
            & (referred["site_no"] == flow.site_no)
            & (referred["hospital_no"] == flow.hospital_no)
        ]
        groups.append(Chosen.of(rows, log_p, _added(flow, further, followed, share)))
    return sorted(groups, key=lambda one: (one.settlements, one.persons))


def _flows(tables: duckdb.DuckDBPyConnection, referred: pd.DataFrame, stays: pd.DataFrame, least: int) -> pd.DataFrame:
    """Doctor, his place and each hospital: persons admitted there after a visit, and how many the shares let expect.

    Of doctors with `least` such patients; a row for each hospital, also of those where nobody went.
    """
    origins = Origins.of(stays)
    where = tables.execute("SELECT site_no, longitude, latitude FROM sites").df().set_index("site_no")
    pairs = referred.drop_duplicates(["doctor_no", "site_no", "person_no", "hospital_no"])
    pairs = pairs[pairs.groupby(["doctor_no", "site_no"])["person_no"].transform("size") >= least]
    rows = []
    for _, of_doctor in pairs.groupby(["doctor_no", "site_no"], sort=True):
        doctor, site = int(of_doctor["doctor_no"].iloc[0]), int(of_doctor["site_no"].iloc[0])
        longitude, latitude = (float(where[name].loc[site]) for name in ("longitude", "latitude"))
        share = origins.shares(site, longitude, latitude, but=of_doctor["person_no"].unique().tolist())
        seen = of_doctor["hospital_no"].value_counts().reindex(origins.hospitals, fill_value=0)
        rows.append(
            pd.DataFrame(
                {
                    "doctor_no": doctor,
                    "site_no": site,
                    "hospital_no": origins.hospitals,
                    "persons": seen.to_numpy(np.float64),
                    "expected": len(of_doctor) * share,
                }
            )
        )
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def _usual(flows: pd.DataFrame) -> Floats:
    """For each row of `flows` the share of other doctors who have a hospital as unlike all others as this doctor's.

    Where doctors have hospitals of their own, for reasons that no model knows, one more of them tells nothing.
    """
    surprise = -flows.groupby(["doctor_no", "site_no"], sort=True)["log_p"].min()
    values = np.sort(surprise.to_numpy(np.float64))
    if len(values) < 2:
        return np.zeros(len(flows))
    shares = [
        tail_share(np.delete(values, np.searchsorted(values, value)).tolist(), value) for value in surprise.tolist()
    ]
    at = pd.MultiIndex.from_frame(flows[["doctor_no", "site_no"]])
    return np.asarray(pd.Series(shares, index=surprise.index).reindex(at), np.float64)


def _spread(seen: Floats, expected: Floats) -> float:
    """How much doctors differ beyond chance in the hospitals that their patients go to."""
    known = expected >= 1.0
    if not known.any():
        return LEAST_SPREAD
    seen, expected = seen[known], expected[known]
    beyond = seen - expected
    usual = beyond <= np.quantile(beyond, 1 - TRIMMED)
    spread = float(((beyond**2 - expected)[usual]).sum() / max((expected[usual] ** 2).sum(), 1e-9))
    return max(LEAST_SPREAD, spread)


def _again(
    tables: duckdb.DuckDBPyConnection, referred: pd.DataFrame, stays: pd.DataFrame, flows: list[_Flow]
) -> list[tuple[int, int, float]]:
    """For each flow: its persons' further stays there, how many of them followed a visit too, and the usual share.

    One followed stay of each made him a person of the flow and tells nothing; what is usual is the share of followed
    ones among the doctor's patients' stays in other hospitals, drawn to that of all these doctors together.
    """
    seen = tables.execute(read_sql("referred_stays_patients"), {"doctors": [flow.doctor_no for flow in flows]}).df()
    seen = seen.merge(stays[["person_no", "settlement_no", "hospital_no"]], on="person_no")
    followed = referred[["doctor_no", "settlement_no"]].drop_duplicates().assign(followed=True)
    seen = seen.merge(followed, on=["doctor_no", "settlement_no"], how="left")
    seen["followed"] = seen["followed"].notna()
    of_all = float((seen["followed"].sum() + 1.0) / (len(seen) + 2.0))
    result = []
    for flow in flows:
        of_doctor = seen[seen["doctor_no"] == flow.doctor_no]
        there = of_doctor[of_doctor["hospital_no"] == flow.hospital_no]
        elsewhere = of_doctor[of_doctor["hospital_no"] != flow.hospital_no]
        sent = there.loc[there["followed"], "person_no"].unique()
        there = there[there["person_no"].isin(sent)]
        share = (elsewhere["followed"].sum() + PRIOR * of_all) / (len(elsewhere) + PRIOR)
        result.append((len(there) - len(sent), int(there["followed"].sum()) - len(sent), float(share)))
    return result


def _added(flow: _Flow, further: int, followed: int, share: float) -> Added:
    return Added(
        members=(
            Member("doctor", flow.doctor_no, "recruiter", 1.0),
            Member("institution", flow.site_no, "referrer", 0.5),
        ),
        signals=(
            Signal(
                "unlike_others_from_there",
                math.log(flow.persons / max(flow.expected, LEAST_EXPECTED)),
                1.0,
                Text(
                    f"按周边居民的选择预计{flow.expected:.1f}人住进该院，实际{flow.persons}人",
                    f"{flow.persons} were admitted there; where others from around go lets expect {flow.expected:.1f}",
                ),
            ),
            Signal(
                "seen_before_each_stay",
                math.log1p(followed) * followed / further,
                1.0,
                Text(
                    f"其后的{further}次住院中{followed}次紧随同一医师的就诊（其患者在别处住院时为{share:.0%}）",
                    f"{followed} of their {further} further stays followed a visit to the same doctor as well "
                    f"({share:.0%} where his patients lie elsewhere)",
                ),
            ),
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在同一医师处就诊后数日内住进同一家医院，共{settlements}次，"
        f"分布在{len(group.days)}个日期；周边的人很少去那里。",
        f"{len(group.members)} insured persons of {group.units} households were admitted to one hospital within days of seeing "
        f"the same doctor, {settlements} times on {len(group.days)} dates; others from around there seldom go to it.",
    )
