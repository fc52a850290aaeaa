"""Bills cut into pieces that each stay just below a limit (分解住院、分解处方以规避限额)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from detectors.standing import SETTLED
from graphaudit.builds.view import BuildView
from graphaudit.errors import ConfigurationError
from graphaudit.findings import Finding, Signal, Text

#: Limits are round: so many yuan, times a power of ten.
ROUND = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)

#: A limit that nobody told us and that is not round is one that so many houses of a level keep below, each with at least so
#: many amounts just below it, and so many times as many as just above.
LEAST_HOUSES = 3
#: Hundredths of a logarithm on either side in which such houses are counted.
BESIDE = 4
TIMES_ABOVE = 3.0
LEAST_BELOW = 8

#: What is charged in one piece, in both languages.
SIDES: dict[str, Text] = {
    "stay": Text("住院总费用", "the total of a stay"),
    "fund": Text("住院基金支付", "what the fund pays of a stay"),
    "visit": Text("门诊单次费用", "the charge of a visit"),
    "purchase": Text("购药单次费用", "the charge of a purchase"),
}

#: What is cut says what it is about: stays are split; visits and purchases in pieces have no pattern of their own.
ABOUT: dict[str, tuple[str, ...]] = {"sham_stay": ("stay", "fund"), "unexplained": ("visit", "purchase")}


class FeesBelowALimit:
    """Finds houses whose amounts heap just below a limit, where persons were settled twice in a row below it."""

    spec = DetectorSpec(
        id="fees_below_a_limit",
        version=1,
        pattern="sham_stay",
        kind="fees_below_a_limit",
        title=Text("费用紧贴限额且接连分次结算", "Bills cut into pieces that stay just below a limit"),
        question=Text(
            "哪些机构的费用在某一限额之下异常堆积、之上骤减，且多名不同家庭的参保人在数日内接连两次以上以紧贴限额的不同账单结算？",
            "At which institution do amounts heap just below a limit and hardly any stand above it, while several households "
            "were settled twice or more within days, each time just below it and for different bills?",
        ),
        status="trial",
        params=(
            Param("width", 0.04, "share of a limit that is just below it: whoever steers a bill leaves little room"),
            Param("limits_yuan", "", "limits in force, in yuan, separated by commas; round amounts are tried anyway"),
            Param("most_gap_stays", 10, "days from a discharge to the next admission, for one stay cut into two"),
            Param("most_gap_visits", 1, "days from one visit or purchase to the next, for one bill cut into two"),
            Param("least_persons", 4, "two or three are chance, or one family"),
            Param("least_units", 4, "see above, by household"),
            Param("least_log_p", 6.0, "nats by which heap and pairs must each beat chance, after all tried"),
        ),
        needs=("settlements.total_fen", "settlements.begin_at", "lines.item_code"),
        null_model=Text(
            "限额之下的不同金额数服从泊松分布，均值取邻近两侧的平滑密度与同级其他机构比例中较高者；"
            "接连结算的两次各自独立地以该机构其他人的比率落在限额之下。",
            "Different amounts below a limit are a Poisson number with the larger mean of two: the smooth density on either side, "
            "and the proportion at other houses of the level; each of two services in a row falls below it independently, at the "
            "rate of the house's other persons.",
        ),
        benign=(
            Text("打包收费、单病种定价（相同项目或单一项目）", "packages and case prices: the same items, or one thing that is the bill"),
            Text("按床日收费的机构", "houses paid by the day"),
            Text("透析等同价的反复治疗", "dialysis and other treatment at one price"),
            Text("全市共同的起付线、限额（按同级机构比例）", "a deductible line that all houses of a level share"),
            Text("同价体检", "check-ups at one fee"),
            Text("全院控费、患者各不相同", "a house that keeps its bills low, for patients who come once"),
        ),
        misses=(
            Text("每人只结算一次的压费", "bills kept below a limit for persons who come once"),
            Text("不整的限额，且未在参数中给出、其他机构也未堆积", "a limit that is not round, not given, and that no other house heaps at"),
            Text("年度累计封顶（需按人年累计）", "the yearly ceiling, which is a matter of a person's sum"),
            Text("分拆到多家机构的账单", "bills cut between several houses"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 38(1)(2)", "Order 735 art. 38(3)"),
        references=(
            "Saez, E. (2010) Do taxpayers bunch at kink points? American Economic Journal: Economic Policy 2(3)",
            "McCrary, J. (2008) Manipulation of the running variable in the regression discontinuity design. Journal of Econometrics 142(2)",
        ),
    )  # fmt: skip

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector. ConfigurationError when a limit that is given is no amount."""
        given = _given(str(params["limits_yuan"]))
        tables = build.tables
        tables.execute(f"CREATE OR REPLACE TEMP TABLE fee_services AS {read_sql('fee_services')}")
        # an amount that comes again is a price, and counts once
        tables.execute(
            "CREATE OR REPLACE TEMP TABLE fee_amounts AS SELECT DISTINCT side, level, site_no, amount_fen FROM fee_services"
        )
        try:
            cells = _cells(tables, given, float(params["width"]), float(params["least_log_p"]))
            groups = {
                pattern: _groups(tables, cells[cells["side"].isin(sides)], params) for pattern, sides in ABOUT.items()
            }
        finally:
            tables.execute("DROP TABLE IF EXISTS fee_services")
            tables.execute("DROP TABLE IF EXISTS fee_amounts")
        for pattern, held in groups.items():
            spec = replace(self.spec, pattern=pattern)
            told = Told(spec, "patient", _text, leading="fees_below_a_limit", leading_weight=1.5)
            yield from chosen(tables, SETTLED, held, told, least_units=int(params["least_units"]))


def _given(text: str) -> list[int]:
    """Limits of the settings, in fen."""
    try:
        limits = [round(100 * float(part)) for part in text.split(",") if part.strip()]
    except ValueError:
        limits = [0]
    if any(limit <= 0 for limit in limits):
        raise ConfigurationError("limits_yuan takes amounts in yuan, separated by commas", "for example 300, 8000")
    return limits


def _limits(tables: duckdb.DuckDBPyConnection, given: list[int]) -> pd.DataFrame:
    """Limits to be tried by kind of service and level: round ones, given ones, and those that houses share."""
    bins = tables.execute(read_sql("fee_limit_bins")).df()
    if bins.empty:
        return pd.DataFrame(columns=["side", "level", "limit_fen"])
    rounds = [round(100 * step * 10**power) for power in range(1, 6) for step in ROUND]
    told = []
    for (side, level), held in bins.groupby(["side", "level"], sort=True):
        first, last = int(held["bin"].min()), int(held["bin"].max())
        told += [(side, level, limit) for limit in {*rounds, *given} if first <= 100 * math.log(limit) <= last + 1]
        # a house in a row, a hundredth of a logarithm in a column
        sites, at = np.unique(held["site_no"], return_inverse=True)
        counts = np.zeros((len(sites), last - first + 1 + 2 * BESIDE))
        counts[at, held["bin"] - first + BESIDE] = held["n"]
        sums = np.cumsum(counts, axis=1)
        here = sums[:, BESIDE:-BESIDE]
        below, above = here - sums[:, : -2 * BESIDE], sums[:, 2 * BESIDE :] - here
        heaps = ((below >= LEAST_BELOW) & (below >= TIMES_ABOVE * above)).sum(axis=0)
        told += [
            (side, level, math.ceil(math.exp((first + n + 1) / 100))) for n in np.flatnonzero(heaps >= LEAST_HOUSES)
        ]
    return pd.DataFrame(sorted(set(told)), columns=["side", "level", "limit_fen"]).astype({"limit_fen": "int64"})


def _cells(tables: duckdb.DuckDBPyConnection, given: list[int], width: float, least_log_p: float) -> pd.DataFrame:
    """Houses and limits below which amounts heap, the most unlikely limit of each house and kind of service."""
    tables.register("fee_limits", _limits(tables, given))
    try:
        counts = tables.execute(read_sql("fee_limit_counts"), {"width": width}).df()
    finally:
        tables.unregister("fee_limits")
    near = ["below", "above", "around", "amounts"]
    elsewhere = counts.groupby(["side", "level", "limit_fen"])[near].transform("sum") - counts[near]
    around, others = counts["above"] + counts["around"], elsewhere["above"] + elsewhere["around"]
    # the other windows together are five times as wide; peers speak by what they have around the limit, and at all
    told = pd.DataFrame(
        {
            "smooth": around / 5,
            "near": (elsewhere["below"] + 0.5) / (others + 2.5) * around,
            "of_all": elsewhere["below"] / elsewhere["amounts"].clip(lower=1) * counts["amounts"],
        }
    )
    expected = told.max(axis=1).clip(lower=0.5)
    counts["log_p"] = log_tail(counts["below"], expected) + math.log(max(len(counts), 1))
    stands = counts[(counts["log_p"] <= -least_log_p) & (counts["below"] >= TIMES_ABOVE * counts["above"])]
    best = stands.sort_values(["log_p", "limit_fen"]).drop_duplicates(["side", "site_no"])
    return best.sort_values(["side", "site_no"]).reset_index(drop=True).rename_axis("cell").reset_index()


def _groups(tables: duckdb.DuckDBPyConnection, cells: pd.DataFrame, params: Mapping[str, Value]) -> list[Chosen]:
    """Where more persons than chance has it were settled twice in a row below the limit, by their settlements."""
    if cells.empty:
        return []
    tables.register("fee_cells", cells)
    try:
        pairs = tables.execute(
            read_sql("fee_limit_pairs"),
            {
                "width": float(params["width"]),
                "most_gap_stays": int(params["most_gap_stays"]),
                "most_gap_visits": int(params["most_gap_visits"]),
            },
        ).df()
    finally:
        tables.unregister("fee_cells")
    told = {int(cell["cell"]): cell for cell in cells.to_dict("records")}
    groups = []
    for number, held in pairs.groupby("cell", sort=True):
        cell = told[int(str(number))]
        cut = held[held["is_first"] & held["is_second"] & ~held["is_price"]]
        log_p = _log_p(held, cut) + math.log(len(cells))
        if log_p > -float(params["least_log_p"]) or cut["person_no"].nunique() < int(params["least_persons"]):
            continue
        first, second = (
            cut[["person_no", name]].set_axis(["person_no", "settlement_no"], axis=1)
            for name in ("settlement_no", "next_no")
        )
        both = pd.concat([first, second], ignore_index=True).drop_duplicates()
        # heap and pairs are of the same bills: the weaker of the two counts
        chance = max(log_p, float(cell["log_p"]))
        groups.append(Chosen.of(both, chance, Added(signals=_signals(cell, cut))))
    return sorted(groups, key=lambda group: group.settlements)


def _log_p(held: pd.DataFrame, cut: pd.DataFrame) -> float:
    """Log chance of so many persons with a pair below the limit, at the share of everybody else's services there."""
    persons = held.groupby("person_no").agg(pairs=("next_no", "size"), share=("share_of_others", "first"))
    expected = float((1 - (1 - persons["share"].clip(upper=1.0) ** 2) ** persons["pairs"]).sum())
    return float(log_tail(cut["person_no"].nunique(), expected))


def _signals(cell: Mapping[Any, Any], cut: pd.DataFrame) -> tuple[Signal, ...]:
    persons, below, above = int(cut["person_no"].nunique()), int(cell["below"]), int(cell["above"])
    limit, what = f"{int(cell['limit_fen']) / 100:.0f}", SIDES[str(cell["side"])]
    return (
        Signal(
            "cut_below_a_limit",
            math.log1p(persons),
            2.0,
            Text(
                f"{persons}人数日内接连以紧贴{limit}元之下的不同账单结算",
                f"{persons} persons were settled within days for different bills just below {limit} yuan",
            ),
        ),
        Signal(
            "heaped_below_a_limit",
            math.log1p(below),
            0.5,
            Text(
                f"{what.zh}紧贴{limit}元之下有{below}个不同金额，之上{above}个",
                f"{below} different amounts of {what.en} just below {limit} yuan, {above} just above",
            ),
        ),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算数日内接连发生，金额均紧贴同一限额之下。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households followed each other "
        "within days, each for an amount just below the same limit.",
    )
