"""One item at one desk in one hour of the day, for persons who come back there and seldom otherwise (一台账、一时段、一类项目)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, Stream, read_sql
from detectors.linked import joined, linked
from detectors.mostly_there import belonging, log_odds
from detectors.own_courses import own_steps
from detectors.recurring import CHANNELS
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text

#: Visits, for groups found by where and when something is billed: an hour is not what brings companions together.
AT_A_DESK = Stream("any", chain_days=False, own="own_visits", channels=CHANNELS - {"seconds_between_swipes"})
#: Settlements of the sites that are looked at together; what is counted of a million takes about a gigabyte.
SHARD = 1_000_000
#: Two cells are one group's where they share so many persons, and this share of the fewer.
LEAST_SHARED, LEAST_SHARE = 3, 0.34


class OneDesk:
    """Finds persons of several households for whom one thing is billed at one desk in one hour of the day, again and again."""

    spec = DetectorSpec(
        id="one_desk",
        version=1,
        pattern="proxy_settlement",
        kind="one_desk",
        title=Text(
            "同类项目集中由同一操作员在同一时段结算，且人员反复出现",
            "One thing billed at one desk in one hour of the day, for persons who return",
        ),
        question=Text(
            "哪些机构的某一项目或药品大多由同一操作员在一天中的同一小时结算，而该机构其他结算很少在此时此窗，且结算对象反复是同一批参保人？",
            "At which sites is an item billed mostly by one operator in one hour of the day, in which hardly any other visit of "
            "the site is settled there, and for the same persons again and again?",
        ),
        status="trial",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "one or two dates are an event"),
            Param(
                "least_lift",
                5.0,
                "times as often as the site's other visits: items have hours of their own, laboratories in the morning",
            ),
            Param("least_log_p", 5.0, "nats by which a cell beats chance, after all cells tried"),
            Param("least_again", 1.25, "dates a household: check-ups and screenings are attended once"),
        ),
        needs=("settlements.settled_at", "lines.item_code"),
        null_model=Text(
            "含该项目的结算落入某操作员某小时的概率，等于同机构不含该项目的结算的比率；按户计数，多次来店只按所占份额计；对全部格子取并集界。",
            "A visit with the item is settled at an operator's desk in an hour as often as the site's visits without it. "
            "Households count, by the share of their visits; a union bound pays for all cells of site, operator, hour and item.",
        ),
        benign=(
            Text(
                "透析、化疗、康复等排班疗程（按各人间隔权衡）",
                "shifts of dialysis or chemotherapy (each one's steps are weighed)",
            ),
            Text("家庭医生定期上门、续方", "a family doctor's rounds, refills in a row"),
            Text(
                "检验、体检集中于清晨或午间（各人只来一次）", "laboratories and check-ups at one hour (attended once)"
            ),
            Text(
                "医师的夜门诊（仅凭金额、用药与本人平时是否相符区分）",
                "a doctor's evening clinic (told by what members pay and take elsewhere alone)",
            ),
            Text("单位医务室午间接诊", "an employer's clinic at noon"),
            Text(
                "批量上传、时钟偏差的机构（不参与检验）",
                "sites that upload in batches or whose clock is off (left out)",
            ),
        ),
        misses=(
            Text("分散在全天、各窗口的代刷", "settlements spread over all hours and desks"),
            Text("每次项目均不相同的代刷", "another item each time"),
            Text(
                "占该窗口该时段大部分业务以外的少量代刷", "a few settlements among many of the same item at that hour"
            ),
            Text("没有时刻的数据", "records without a time of day"),
        ),
        legal_basis=("Order 735 art. 38(6)(7)", "Order 735 art. 40(1)(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        tables = build.tables
        least_units = int(params["least_units"])
        cells = _cells(tables, least_units, float(params["least_lift"]))
        groups = [
            _chosen(one)
            for one in _with_members(tables, _together(cells, float(params["least_log_p"])))
            if _returns(one.held, float(params["least_again"]), int(params["least_days"]))
        ]
        groups.sort(key=lambda group: group.settlements)
        told = Told(self.spec, "card_holder", _text, leading="one_desk", leading_weight=1.5)
        return chosen(tables, AT_A_DESK, groups, told, least_units=least_units)


@dataclass(frozen=True, slots=True)
class _Desks:
    """Cells of the same persons: `held` their visits there, `log_p` in nats."""

    held: pd.DataFrame
    log_p: float


def _cells(tables: duckdb.DuckDBPyConnection, least_units: int, least_lift: float) -> pd.DataFrame:
    """The visits of all cells that stand out, one shard of the sites after another; `cell` numbers them through."""
    asked = {"least_units": least_units, "least_lift": least_lift}
    found = [tables.execute(read_sql("one_desk"), {**asked, "sites": sites}).df() for sites in _shards(tables)]
    # the union bound is over the cells of all shards; where nothing stands out there are few to choose from
    held = sum(int(rows["held"].iloc[0]) for rows in found if not rows.empty)
    if not held:
        return pd.DataFrame()
    rows = pd.concat([rows for rows in found if not rows.empty], ignore_index=True).assign(held=held)
    return rows.assign(cell=rows.groupby(["site_no", "desk_no", "hour", "item_code"]).ngroup())


def _shards(tables: duckdb.DuckDBPyConnection) -> Iterator[list[int]]:
    """The sites in the order of their numbers, so many at a time that they have about SHARD settlements together."""
    sites: list[int] = []
    total = 0
    for site, n in tables.execute(
        "SELECT site_no, count(*) FROM settlements GROUP BY site_no ORDER BY site_no"
    ).fetchall():
        if sites and total + n > SHARD:
            yield sites
            sites, total = [], 0
        sites.append(int(site))
        total += n
    if sites:
        yield sites


def _together(rows: pd.DataFrame, least_log_p: float) -> list[pd.DataFrame]:
    """The visits of cells that chance does not explain, cells of the same persons together."""
    if rows.empty:
        return []
    rows = rows.assign(log_p=_log_p(rows))
    rows = rows[rows["log_p"] <= -least_log_p]
    # to hold every cell against every other takes minutes in a large city; those that share too few need not be
    near = linked(rows, node="cell", by="person_no", least_shared=LEAST_SHARED)
    number = {cell: place for place, cells in enumerate(near) for cell in cells}
    return [
        held[held["cell"].isin(together)]
        for _, held in rows.groupby(rows["cell"].map(number), sort=True)
        for together in joined(held, node="cell", by="person_no", least_shared=LEAST_SHARED, least_share=LEAST_SHARE)
    ]


def _log_p(rows: pd.DataFrame) -> pd.Series[float]:
    """Log of the binomial bound (Chernoff) on so large a share of an item's households in a cell, all cells tried."""
    k, n = rows["told"].to_numpy(np.float64), rows["units"].to_numpy(np.float64)
    usual = rows["usual"].to_numpy(np.float64).clip(1e-9, 0.999)
    share = (k / n).clip(1e-9, 1 - 1e-9)
    return pd.Series(np.log(rows["held"].to_numpy(np.float64)) - log_odds(k, n, share, usual), index=rows.index)


def _with_members(tables: duckdb.DuckDBPyConnection, together: list[pd.DataFrame]) -> Iterable[_Desks]:
    """Each group of cells with those of its persons whose visits to the sites lie there, and not otherwise."""
    if not together:
        return
    pairs = pd.concat(
        [
            held[["person_no"]]
            .drop_duplicates()
            .merge(held[["site_no"]].drop_duplicates(), how="cross")
            .assign(group_no=number)
            for number, held in enumerate(together)
        ]
    )
    tables.register("one_desk_group", pairs)
    try:
        rows = tables.execute(read_sql("one_desk_visits")).df()
    finally:
        tables.unregister("one_desk_group")
    for number, held in enumerate(together):
        visits = rows[rows["group_no"] == number]
        told = visits.assign(is_told=visits["settlement_no"].isin(held["settlement_no"]))
        persons = told.groupby("person_no").agg(n=("is_told", "size"), k=("is_told", "sum"))
        members = belonging(persons, _usual(held))
        inside = held[held["person_no"].isin(members)]
        if not inside.empty:
            yield _Desks(inside, float(held.drop_duplicates("cell")["log_p"].min()))


def _usual(held: pd.DataFrame) -> float:
    """The share of a site's other visits that lies in the group's cells; several items at one desk and hour count once."""
    desks = held.drop_duplicates("cell").groupby(["site_no", "handler_no", "hour"], dropna=False)["usual"].max()
    return float(desks.groupby("site_no").sum().mean())


def _returns(held: pd.DataFrame, least_again: float, least_days: int) -> bool:
    """Whether the households came back: on so many dates each, and on so many dates in all."""
    dates = held.groupby("unit_no")["day"].nunique()
    return bool(dates.sum() >= least_again * len(dates)) and held["day"].nunique() >= least_days


def _chosen(desks: _Desks) -> Chosen:
    """What is told of a group: the strongest of its cells, the operators, and each one's own calendar."""
    strongest = desks.held.sort_values(["log_p", "cell"]).iloc[0]
    hour, share, usual = int(strongest["hour"]), float(strongest["share"]), float(strongest["usual"])
    sites = desks.held["site_no"].nunique()
    signals = [
        Signal(
            "one_item_at_one_desk",
            math.log(share / usual) / 2,
            1.0,
            Text(
                f"该机构含项目{strongest['item_code']}的结算有{share:.0%}由同一操作员在{hour}时段办理，其他结算仅{usual:.1%}",
                f"{share:.0%} of the site's visits with item {strongest['item_code']} were settled by one operator between "
                f"{hour}:00 and {hour}:59, and {usual:.1%} of its others",
            ),
        )
    ]
    if sites > 1:
        signals.append(
            Signal(
                "same_persons_at_several_desks",
                math.log(sites),
                1.5,
                Text(f"同一批人在{sites}家机构均如此", f"the same persons were settled so at {sites} sites"),
            )
        )
    operators = desks.held["handler_no"].dropna()
    members = tuple(Member("handler", int(no), "operator", 0.6) for no in sorted(operators.unique()))
    return Chosen.of(desks.held, desks.log_p, Added(members, tuple(signals), (own_steps(desks.held),)))


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算集中在少数操作员的同一时段、同类项目，涉及{len(group.days)}个日期；"
        f"他们在其他时段很少到该机构结算。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households on {len(group.days)} "
        "dates were made for one thing at one desk in one hour of the day; at other hours they are seldom settled there.",
    )
