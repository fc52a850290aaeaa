"""Outlets whose customers leave and whose billing goes on with other persons from elsewhere (停业机构的终端被异地使用)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import Floats
from detectors.covisit import VISITS
from detectors.custom import Custom, followed_their_doctor
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

#: Persons a week before the break below which a place has no custom that could leave it.
LEAST_CUSTOM = 5.0
#: Weeks that must follow the break, for who stays to be seen.
LEAST_AFTER = 6


class ReplacedCustom:
    """Finds places that most customers leave at one time, and whose few customers from then on are new and from afar."""

    spec = DetectorSpec(
        id="replaced_custom",
        version=1,
        pattern="proxy_settlement",
        kind="replaced_custom",
        title=Text(
            "原有顾客离去后由另一批远处的人接续结算", "A place whose customers left, and others from afar took over"
        ),
        question=Text(
            "哪些机构的大部分顾客在某周前后离去，而此后的结算几乎全部来自新出现、且来自远处的参保人？",
            "Which places are left by most of their customers at one time, while nearly all who are settled there from then on "
            "are new and come from farther away?",
        ),
        status="trial",
        params=(
            Param("burn_in", 56, "days at the start in which a new customer cannot be told from one who came before"),
            Param("least_days", 3, "days at the outlet that make a customer; two are an errand"),
            Param("longest", 10, "weeks that stand for one attempt when chance is paid for all weeks tried"),
            Param("least_units", 4, "a family changes place together"),
            Param("least_log_p", 3.0, "nats by which the share of new customers beats that of peers, after all tried"),
        ),
        needs=("settlements.settled_at", "sites.longitude", "sites.latitude"),
        null_model=Text(
            "离去之后的每名顾客是否为新顾客服从二项分布，比例取同类其他机构自同日起的新顾客占比；按所试机构与星期数放大概率。",
            "Each customer after the break is new with the share that other places of the kind have of new customers from the "
            "same day on, a binomial number; chance is paid for all places and weeks tried.",
        ),
        benign=(
            Text("机构停业，仅余少数老顾客", "a place that closes down, with some old customers left"),
            Text("新业主接手，服务附近居民", "a new owner who serves the neighbourhood"),
            Text("患者随医师转来", "patients who follow a doctor"),
            Text("登记的定点、签约或慢病认定", "a registration that names the place"),
        ),
        misses=(
            Text("终端转用而原有顾客未离去的机构", "a terminal used elsewhere while the old customers stay"),
            Text("与原有顾客来自同一片区的代刷", "persons from where the old customers came from"),
            Text("数据最后六周内的变化", "a change within the last six weeks of the records"),
        ),
        legal_basis=("Order 735 art. 38(6)(7)",),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        least_days, longest = int(params["least_days"]), int(params["longest"])
        least, most = int(params["least_units"]), -float(params["least_log_p"])
        with Custom.of(build.tables, burn_in=int(params["burn_in"]), least_days=least_days, longest=longest) as custom:
            if custom is None:
                return
            groups: list[Chosen] = []
            for each in _replaced(build.tables, custom, least_days, least, longest):
                if each.log_p <= most:
                    rows = custom.bought(build.tables, each.site, each.persons)
                    groups.append(Chosen.of(rows, each.log_p, _added(each, rows)))
            told = Told(self.spec, "buyer", _text, leading="replaced_custom", leading_weight=2.0)
            yield from chosen(build.tables, VISITS, groups, told, least_units=least)


@dataclass(frozen=True, slots=True)
class _Replaced:
    """The new customers of a site after the week in which the old ones left it; `customers` counts old and new."""

    site: int
    week: int
    persons: tuple[int, ...]
    customers: int
    expected: float
    km: float
    reach: float
    log_p: float


def breaks(persons: Floats, base: Floats, first: int) -> Iterable[tuple[int, int]]:
    """Rows (sites) that lose more than half of their weekly persons against `base` (what peers have), each with the week.

    The week is the one that a Poisson model of two levels fits best; both are sites × weeks.
    """
    weeks = persons.shape[1]
    begins = np.arange(max(first, 1), weeks - LEAST_AFTER + 1)
    if not len(begins):
        return
    seen, expected = np.cumsum(persons, axis=1), np.cumsum(base, axis=1)
    before, base_before = seen[:, begins - 1], expected[:, begins - 1]
    after, base_after = seen[:, -1:] - before, expected[:, -1:] - base_before
    rates = [n / np.maximum(b, 1e-9) for n, b in ((before, base_before), (after, base_after))]
    whole = seen[:, -1:] / np.maximum(expected[:, -1:], 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        fits = [
            np.where(n > 0, n * np.log(rate / np.maximum(whole, 1e-12)), 0.0)
            for n, rate in zip((before, after), rates, strict=True)
        ]
    # of rises nothing is asked
    gain = np.where((rates[1] < 0.5 * rates[0]) & (before / begins >= LEAST_CUSTOM), fits[0] + fits[1], -np.inf)
    best = gain.argmax(axis=1)
    for row in np.flatnonzero(np.isfinite(gain.max(axis=1))).tolist():
        yield row, int(begins[best[row]])


def _replaced(
    tables: duckdb.DuckDBPyConnection, custom: Custom, least_days: int, least: int, longest: int
) -> Iterable[_Replaced]:
    tried = math.log(len(custom.sites)) + math.log(max(custom.weeks / longest, 1.0))
    for site, week in breaks(custom.persons, custom.usual.base, custom.first):
        came = custom.began[(custom.began["site"] == site) & (custom.began["week"] >= week - 1)]
        had_to = custom.had_to_go(came["person_no"], site, week)
        sent, came = came[had_to], came[~had_to]
        km, reach = float(came["km"].median()) if len(came) else 0.0, float(custom.reach[site])
        if len(came) < least or not km > reach or not custom.was_open(site, week) or not custom.one_by_one(came["day"]):
            continue
        rows = tables.execute(
            read_sql("replaced_custom"), {"day": custom.first_day + 7 * week, "least_days": least_days}
        ).df()
        here = rows["site_no"] == custom.sites["site_no"].iloc[site]
        kinds = custom.sites.set_index("site_no")["kind"]
        others = rows[~here & (rows["site_no"].map(kinds) == custom.sites["kind"].iloc[site])]
        # how far off tell those who have other places; who was known nowhere before is new like them
        persons = np.setdiff1d(rows.loc[here & rows["is_new"], "person_no"], sent["person_no"])
        share = (float(others["is_new"].sum()) + 1.0) / (len(others) + 2.0)
        n = int(here.sum())
        log_p = float(stats.binom.logsf(len(persons) - 1, n, share)) + tried
        if len(persons) >= least:
            yield _Replaced(site, week, tuple(persons.tolist()), n, n * share, km, reach, log_p)


def _added(each: _Replaced, rows: pd.DataFrame) -> Added:
    n = len(each.persons)
    far = Signal(
        "from_farther_away",
        math.log1p(max(each.km - each.reach, 0.0)),
        1.0,
        Text(
            f"其他就诊地点距该机构中位数{each.km:.1f}公里，原有顾客四分之三在{each.reach:.1f}公里以内",
            f"their other places lie {each.km:.1f} km off at the median, three of four old customers' within {each.reach:.1f} km",
        ),
    )
    taken = Signal(
        "customers_replaced",
        math.log1p(n) * n / each.customers,
        1.0,
        Text(
            f"离去之后的{each.customers}名顾客中{n}名为新顾客（按同类机构预计{each.expected:.1f}名）",
            f"{n} of the {each.customers} customers after the break are new ({each.expected:.1f} expected from peers)",
        ),
    )
    return Added(signals=(taken, far), benign=(followed_their_doctor(rows),))


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"该机构的多数顾客离去后，{len(group.members)}名此前未来过、来自远处的参保人（{group.units}个家庭）在此结算，"
        f"共{settlements}笔、{len(group.days)}个日期。",
        f"After most customers had left the place, {len(group.members)} insured persons of {group.units} households who had not "
        f"come before, from farther away, were settled there ({settlements} settlements on {len(group.days)} dates).",
    )
