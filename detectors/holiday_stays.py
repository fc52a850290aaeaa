"""Persons who lie in one house again and again when the city is at rest (节假日虚假住院、挂床)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from detectors.admissions import STAYS, stay_signals
from detectors.base import DetectorSpec, Param, Value
from detectors.chance import Floats, log_tail
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Chances at which persons of a house are counted; the best of them is paid for.
LEVELS = (0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0001)

#: Of those named, at most this share may be there by chance.
FALSE_SHARE = 0.2

#: Ways of being odd that each person is asked about: quiet days, and holidays.
WAYS = 2


class HolidayStays:
    """Finds institutions with persons whose stays there keep falling on days when the city hardly admits anybody."""

    spec = DetectorSpec(
        id="holiday_stays",
        version=1,
        pattern="sham_stay",
        kind="holiday_stays",
        title=Text("反复在节假日入院或空挂过节", "Stays that keep falling on holidays, or stand empty over them"),
        question=Text(
            "哪些机构有多名不同家庭的参保人，其住院一再始于全市就诊低谷日（周末、节假日），或假期数日在院而无任何费用，"
            "超过同级机构和该机构自身的比率？",
            "At which institution do persons of several households keep being admitted on the city's quiet days, or lie over a "
            "holiday without a single charge, beyond the share at its peers of the same level and its own?",
        ),
        status="trial",
        params=(
            Param("most_volume", 0.75, "times the usual day's out-patients: what Sundays and holidays have left"),
            Param("least_holiday", 3, "quiet days in a row: a weekend has two"),
            Param("least_persons", 4, "two or three are regular patients of a weekend doctor"),
            Param("least_units", 4, "see above, by household"),
            Param("least_log_p", 5.0, "nats by which their number beats chance, after all houses tried"),
        ),
        needs=("settlements.begin_at", "settlements.end_at"),
        null_model=Text(
            "每名参保人的每次住院独立地以同级其他机构与本机构其余患者两者中较高的比率落在低谷日或假期；"
            "各人概率低于某值的人数服从泊松分布，其均值不低于同级其他机构的比率。",
            "Each stay of a person falls on a quiet day or a holiday at the larger of two rates, that of the level's other "
            "houses and that of the house's other patients; persons so unlikely come to a house as a Poisson number, at no "
            "less than the other houses' rate.",
        ),
        benign=(
            Text("全院的周末日间手术", "a weekend day-surgery programme of the whole house"),
            Text("急诊为主的机构", "a house of emergencies"),
            Text(
                "康复、养老类机构患者请假回家过节",
                "patients of a rehabilitation or nursing house who go home for a feast",
            ),
            Text("产妇", "births"),
            Text("开学前的体检住院", "check-up stays before term"),
            Text("化疗等按周循环的住院", "chemotherapy and other courses in whole weeks"),
            Text(
                "调休的周末与地方假日（由全市就诊量得出）", "shifted working days, as the city's own volume shows them"
            ),
            Text("全院假期不逐日记账", "a house that books no charges during holidays"),
        ),
        misses=(
            Text("每人只有一次此类住院的情形", "one such stay a person"),
            Text("全院多数患者均如此的机构", "a house most of whose patients are like that"),
            Text("平日与假日均有住院的成员", "members who stay on ordinary days as often"),
            Text("同级没有其他机构可比的机构", "a house without peers of its level"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(1)", "Order 735 art. 40(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        stays = build.tables.execute(
            read_sql("holiday_stays"),
            {"most_volume": float(params["most_volume"]), "least_holiday": int(params["least_holiday"])},
        ).df()
        groups = _groups(stays, int(params["least_persons"]), float(params["least_log_p"]))
        told = Told(self.spec, "patient", _text, further=stay_signals, leading="holiday_stays", leading_weight=1.5)
        return chosen(build.tables, STAYS, groups, told, least_units=int(params["least_units"]))


def _groups(stays: pd.DataFrame, least_persons: int, least_log_p: float) -> list[Chosen]:
    """Houses with too many persons whose stays are unlikely by the calendar, in the order of their settlements."""
    if stays.empty:
        return []
    stays = stays.assign(rests=stays["is_holiday"] | stays["is_empty"], marked=stays["is_quiet"] | stays["is_empty"])
    # whoever comes back after whole weeks comes on the same weekday: that says quiet once
    again = stays.assign(weekday=stays["day"] % 7).sort_values(["person_no", "site_no", "day", "settlement_no"])
    again = again.drop_duplicates(["person_no", "site_no", "weekday"])
    persons = pd.DataFrame({"p": _chances(stays, "rests"), "quiet": _chances(again, "is_quiet")}).fillna(1.0)
    persons["p"] = (WAYS * persons.min(axis=1)).clip(upper=1.0)
    counted = stays.groupby(["site_no", "person_no"], sort=True).agg(n=("day", "size"), level=("level", "first"))
    persons = persons.join(counted[counted["n"] >= 2], how="inner").reset_index()
    best: dict[int, tuple[float, float]] = {}
    houses = persons["site_no"].nunique()
    for chance in LEVELS:
        told = persons.assign(odd=persons["p"] <= chance)
        sites = told.groupby("site_no", sort=True).agg(n=("odd", "size"), k=("odd", "sum"), level=("level", "first"))
        peers = sites.groupby("level")[["n", "k"]].transform("sum") - sites[["n", "k"]]
        expected = sites["n"] * np.maximum(chance, peers["k"] / peers["n"].clip(lower=1))
        log_p = log_tail(sites["k"], expected) + math.log(len(LEVELS) * houses)
        stands = (sites["k"] >= least_persons) & (expected <= FALSE_SHARE * sites["k"]) & (log_p <= -least_log_p)
        for site, value in zip(sites.index[stands], log_p[stands], strict=True):
            best[site] = min(best.get(site, (0.0, 0.0)), (float(value), chance))
    groups = []
    for site, (log_p, chance) in sorted(best.items()):
        odd = persons.loc[(persons["site_no"] == site) & (persons["p"] <= chance), "person_no"]
        held = stays[(stays["site_no"] == site) & stays["person_no"].isin(odd) & stays["marked"]]
        groups.append(Chosen.of(held, log_p, Added(signals=_signals(held))))
    return sorted(groups, key=lambda group: group.settlements)


def _chances(stays: pd.DataFrame, mark: str) -> pd.Series:
    """Per house and person the chance of as many stays with the mark, at least two; 1 where there are fewer."""
    persons = stays.groupby(["site_no", "person_no"], sort=True).agg(m=(mark, "size"), k=(mark, "sum"))
    sites = stays.groupby("site_no", sort=True).agg(m=(mark, "size"), k=(mark, "sum"), level=("level", "first"))
    peers = sites.groupby("level")[["m", "k"]].transform("sum") - sites[["m", "k"]]
    elsewhere = (peers["k"] + 0.5) / (peers["m"] + 1)
    site = persons.index.get_level_values("site_no")
    own = sites[["m", "k"]].reindex(site).to_numpy() - persons.to_numpy()
    share = np.maximum(elsewhere.reindex(site).to_numpy(), (own[:, 1] + 0.5) / (own[:, 0] + 1))
    tail: Floats = np.asarray(stats.binom.sf(persons["k"] - 1, persons["m"], share), np.float64)
    return pd.Series(np.where(persons["k"] >= 2, tail, 1.0), index=persons.index)


def _signals(held: pd.DataFrame) -> tuple[Signal, ...]:
    told = {
        "empty": (held["is_empty"], "{n}次住院假期数日在院而无费用", "{n} stays without a charge over a holiday"),
        "holiday": (held["is_holiday"], "{n}次住院始于假期", "{n} stays begun in a holiday"),
        "quiet": (
            held["is_quiet"] & ~held["is_holiday"],
            "{n}次住院始于就诊低谷日",
            "{n} stays begun on a day when the city was quiet",
        ),
    }
    return tuple(
        Signal(f"holiday_stays.{name}", math.log1p(n), 1.0, Text(zh.format(n=n), en.format(n=n)))
        for name, (which, zh, en) in told.items()
        if (n := int(which.sum())) >= 2
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在同一机构的{settlements}次住院始于全市就诊低谷日，或在假期中无任何费用。",
        f"{settlements} stays of {len(group.members)} insured persons of {group.units} households at one institution began when "
        "the city was quiet, or bear no charge over a holiday.",
    )
