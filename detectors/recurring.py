"""Cells of a site that share persons: the same cards again and again, and whether they are handled oddly.

A cell is what a detector finds worth a look at one site on one day: equal goods, an hour in which nobody comes. What
regular customers do for a reason looks alike; that it is done with other credentials than theirs does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from detectors.chance import log_choose, log_tail
from detectors.content import WEIGHTS, binomial_llr
from detectors.groups import read_sql
from detectors.linked import linked
from graphaudit.findings import Member, Signal, Text

#: Content of such groups: their operators and credentials are compared here instead. One queue has one operator, and a
#: site without a reader for codes settles everybody by card.
CHANNELS = frozenset(WEIGHTS) - {"one_operator", "credential_unlike_own"}

#: Households of a group in one cell at the least, for the cell to be one of the group's.
LEAST_A_DAY = 3

#: Persons whom two cells share at the least, to be of one group.
LEAST_SHARED = 3

#: Share of a day's settlements that one operator made, for the day to be that operator's.
OF_ONE_OPERATOR = 0.8

#: Nats below which the signals of odd handling are left out.
SPARED = 3.0
#: What makes a group odd. One operator supports it and does not: neighbours go when an acquaintance stands at the desk.
HANDLED_ODDLY = frozenset({"credential_unlike_usual"})


@dataclass(frozen=True, slots=True)
class Recurring:
    """Settlements of the same persons in several cells of one site, and the log of a bound on the chance of such cells."""

    rows: pd.DataFrame
    log_p: float


@dataclass(frozen=True, slots=True)
class Handling:
    """How a group's settlements are unlike the usual, and the operator when there is one."""

    signals: tuple[Signal, ...]
    members: tuple[Member, ...]


def recurring(rows: pd.DataFrame, *, least_days: int, least_cell_log_p: float, least_log_p: float) -> list[Recurring]:
    """The groups of persons who return to cells that chance does not explain, in the order of their settlements.

    `rows` holds the settlements in question: settlement_no, person_no, unit_no (household), site_no, day, cell, units
    and expected (households of the cell, and what chance would bring), held (cells of the city).
    """
    if rows.empty:
        return []
    rows = rows.assign(log_p=log_tail(rows["units"], rows["expected"].clip(lower=1e-9)))
    rows = rows[rows["log_p"] <= -least_cell_log_p]
    found = []
    linked_cells = linked(rows, node="cell", by="person_no", least_shared=LEAST_SHARED)
    group_of = {cell: number for number, cells in enumerate(linked_cells) if len(cells) >= least_days for cell in cells}
    for _, together in rows.assign(group=rows["cell"].map(group_of)).groupby("group", sort=True):
        held = _returning(together.drop(columns="group"))
        log_p = _log_p(held)
        if held["day"].nunique() >= least_days and log_p <= -least_log_p:
            found.append(Recurring(held, log_p))
    return sorted(found, key=lambda one: tuple(sorted(set(one.rows["settlement_no"].tolist()))))


def handling(tables: duckdb.DuckDBPyConnection, found: Sequence[Recurring]) -> list[Handling]:
    """How the settlements of each group are handled, against its members' other visits and the site's other settlements.

    The rows need handler_no, minute and credential, each of which may be unknown.
    """
    if not found:
        return []
    sites = sorted({int(site) for one in found for site in one.rows["site_no"]})
    persons = sorted({int(person) for one in found for person in one.rows["person_no"]})
    hours = tables.execute(read_sql("operator_hours"), {"sites": sites}).df()
    kinds = tables.execute(read_sql("usual_credentials"), {"sites": sites, "persons": persons}).df()
    told = []
    for one in found:
        operator = _operator(one.rows, hours[hours["site_no"] == one.rows["site_no"].iloc[0]])
        credential = _credential(one.rows, kinds)
        signals = tuple(signal for signal in (operator and operator[1], credential) if signal is not None)
        told.append(Handling(signals, (Member("handler", operator[0], "operator", 0.8),) if operator else ()))
    return told


def same_cards_again(held: pd.DataFrame, more: Text) -> Signal:
    """How many persons returned, on how many dates; `more` goes on in the middle of the sentence."""
    persons, days = held["person_no"].nunique(), held["day"].nunique()
    return Signal(
        "same_cards_again",
        math.log1p(persons),
        1.0,
        Text(
            f"{persons}人均在两个以上日期出现，共{days}个日期{more.zh}",
            f"all {persons} persons came on two of the {days} dates or more{more.en}",
        ),
    )


def oddity(signals: Iterable[Signal]) -> float:
    """Nats by which, as the signals of a group or a finding have it, the credentials are unlike the usual."""
    return sum(math.expm1(s.value) + SPARED for s in signals if s.name in HANDLED_ODDLY)


def _returning(held: pd.DataFrame) -> pd.DataFrame:
    """The rows of those who came on two days or more, on the days on which several households of them did."""
    while True:
        days = held.groupby("person_no")["day"].nunique()
        kept = held[held["person_no"].isin(days.index[days >= 2])]
        units = kept.groupby("cell")["unit_no"].nunique()
        kept = kept[kept["cell"].isin(units.index[units >= LEAST_A_DAY])]
        if len(kept) == len(held):
            return kept
        held = kept


def _log_p(held: pd.DataFrame) -> float:
    """Log of a union bound: the least likely cells, as many as tell most, among all of the city."""
    if held.empty:
        return 0.0
    tails = held.groupby("cell")["log_p"].first().sort_values(kind="stable").cumsum().tolist()
    cells = int(held["held"].iloc[0])
    return min(float(total) + log_choose(cells, n + 1) for n, total in enumerate(tails))


def _credential(held: pd.DataFrame, kinds: pd.DataFrame) -> Signal | None:
    """The kind of credential that the group was settled with more often than its members elsewhere and others there."""
    known = held[held["credential"].notna()].drop_duplicates("settlement_no")
    used = known.groupby("credential").size()
    own = kinds[kinds["person_no"].isin(held["person_no"])].groupby("kind")["n"].sum()
    there = kinds[kinds["site_no"] == held["site_no"].iloc[0]].groupby("kind")["n"].sum()
    best = (0.0, 0)
    for kind, k in used.items():
        # without the group's own settlements; four visits like the others' at the site stand for what is not known
        others = there.sub(used, fill_value=0).clip(lower=0)
        site = float((others.get(kind, 0.0) + 0.5) / (others.sum() + 1))
        elsewhere = own.sub(used, fill_value=0).clip(lower=0)
        usual = float((elsewhere.get(kind, 0.0) + 4 * site) / (elsewhere.sum() + 4))
        best = max(best, (binomial_llr(int(k), len(known), max(usual, site)), int(k)))
    llr, k = best
    if llr <= SPARED:
        return None
    text = Text(
        f"{len(known)}次中有{k}次使用与本人平时及该机构平时均不同的凭证",
        f"{k} of {len(known)} used a credential unlike both the members' own habit and the site's",
    )
    return Signal("credential_unlike_usual", math.log1p(llr - SPARED), 1.5, text)


def _operator(held: pd.DataFrame, hours: pd.DataFrame) -> tuple[int, Signal] | None:
    """The operator who made nearly all of the group's settlements on more days than that operator's hours explain.

    A day counts once: whoever queues together is served by whoever is at the desk.
    """
    known = held[held["handler_no"].notna()].assign(hour=lambda rows: rows["minute"].fillna(-60).astype("int64") // 60)
    if known.empty:
        return None
    total = hours.groupby("hour")["n"].sum()
    by_day = known.groupby(["handler_no", "day"]).size()
    of_day = known.groupby("day").size()
    nearly_all = by_day >= OF_ONE_OPERATOR * of_day.reindex(by_day.index.get_level_values("day")).to_numpy()
    # of several with as many days the one with the smallest number
    days = nearly_all.groupby("handler_no").sum()
    at_most = int(days.to_numpy().argmax())
    no, k, n = int(days.index.to_numpy()[at_most]), int(days.max()), len(of_day)
    own = known[known["handler_no"] == no]
    at = hours[hours["handler_no"] == no].set_index("hour")["n"]
    total = hours.groupby("hour")["n"].sum()
    # without the group's own settlements
    usual = (at - own.groupby("hour").size().reindex(at.index, fill_value=0)).clip(lower=0.5)
    everybody = (total - known.groupby("hour").size().reindex(total.index, fill_value=0)).clip(lower=1)
    share = float((usual / everybody).reindex(known["hour"]).fillna(0.0).clip(upper=1.0).mean())
    llr = binomial_llr(k, n, share) - math.log(max(hours["handler_no"].nunique(), 1))
    if llr <= SPARED:
        return None
    text = Text(
        f"{n}个日期中有{k}个日期几乎全部由同一操作员结算，高于其同时段平时占比",
        f"on {k} of {n} dates nearly all were entered by one operator, above that operator's usual share of those hours",
    )
    return no, Signal("one_operator_each_day", math.log1p(llr - SPARED), 2.0, text)
