"""The same goods or the same amount on the cards of several households, again and again with the same cards (空刷)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import duckdb
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_choose, log_tail
from detectors.content import WEIGHTS, binomial_llr
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, Stream, read_sql
from detectors.linked import linked
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Member, Signal, Text

#: Operators and credentials are compared by this detector itself: one queue has one operator, and a site without a reader
#: for codes settles everybody by card.
ALIKE = Stream(
    "any",
    chain_days=False,
    own="own_visits",
    channels=frozenset(WEIGHTS) - {"one_operator", "credential_unlike_own"},
)

#: Households of a group on one day at the least, for the day to be one of the group's.
LEAST_A_DAY = 3

#: Persons whom two days' settlements share at the least, to be of one group.
LEAST_SHARED = 3

#: Share of a day's settlements that one operator made, for the day to be that operator's.
OF_ONE_OPERATOR = 0.8

#: Nats below which the signals of odd handling are left out, and the signals.
SPARED = 3.0
HANDLED_ODDLY = frozenset({"credential_unlike_usual", "one_operator_each_day"})


class EqualBaskets:
    """Finds cards of several households that are settled for the same thing on the same days, and are handled oddly."""

    spec = DetectorSpec(
        id="equal_baskets",
        version=1,
        pattern="hoarded_cards",
        kind="equal_baskets",
        title=Text(
            "多张凭证反复同日同金额或同清单结算", "Cards settled for the same thing on the same days, again and again"
        ),
        question=Text(
            "哪些不同家庭的凭证在同一机构反复于同日以相同清单或相同金额结算，且所用凭证或操作员也异于平常？",
            "Which cards of different households are settled at one site for the same goods or the same amount on the same "
            "days, again and again, with credentials or an operator unlike the usual ones?",
        ),
        status="trial",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "a vaccination, a screening or a check-up takes a day or two"),
            Param("least_cell_log_p", 6.0, "nats by which one day's equal settlements beat the site and its peers"),
            Param("least_log_p", 3.0, "nats by which the days together do, after the choice of days"),
            Param(
                "least_oddity",
                20.0,
                "nats by which credentials and operator together are unlike the usual: without, regular customers who like "
                "the same thing explain the group",
            ),
        ),
        needs=("settlements.total_fen", "settlements.settled_at", "settlements.handler_no|settlements.card_no"),
        null_model=Text(
            "每日相同结算的家庭数服从泊松分布，均值取该机构其他日期与同类其他机构中此类结算占比的较大者；"
            "对日期的选择取并集界。",
            "Households come for one thing on a day as a Poisson number; the mean is that thing's share of the site's other "
            "days or of the other sites of its kind, whichever is more. A union bound pays for the choice of days.",
        ),
        benign=(
            Text("促销套餐、会员日", "a promotion package, a member day"),
            Text("流感等常见病的相同用药", "the common package for a flu"),
            Text("同一价格的接种、体检、筛查", "vaccinations, check-ups and screenings at one price"),
            Text("固定的挂号费、诊察费", "a fixed registration or consultation fee"),
            Text("透析、康复等疗程", "courses of dialysis or rehabilitation"),
            Text("结伴购买同样东西的邻居", "neighbours who go together and buy the same things"),
        ),
        misses=(
            Text("每张凭证只用一次的空刷", "cards that are used once each"),
            Text("每日均匀进行、与该机构平时无异的空刷", "the same on all days alike, which is that site's usual day"),
            Text("凭证与操作员均如平常的空刷", "swipes with the usual credentials by the usual operators"),
            Text("每张凭证金额与清单各不相同的空刷", "amounts and goods that were made to differ from card to card"),
        ),
        legal_basis=("Order 735 art. 20", "Order 735 art. 40(1)(3)", "Order 735 art. 41(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("equal_baskets"), {"least_a_day": LEAST_A_DAY}).df()
        groups = _groups(
            build.tables,
            rows,
            least_days=int(params["least_days"]),
            least_cell_log_p=float(params["least_cell_log_p"]),
            least_log_p=float(params["least_log_p"]),
        )
        # the goods are alike by choice: that they are says nothing of company
        never = frozenset({"companions"})
        told = Told(self.spec, "card_holder", _text, leading="equal_baskets", leading_weight=1.5, never=never)
        for finding in chosen(build.tables, ALIKE, groups, told, least_units=int(params["least_units"])):
            if _oddity(finding) >= float(params["least_oddity"]):
                yield finding


def _groups(
    tables: duckdb.DuckDBPyConnection,
    rows: pd.DataFrame,
    *,
    least_days: int,
    least_cell_log_p: float,
    least_log_p: float,
) -> list[Chosen]:
    """Days of one site that share persons, with the persons who return; in the order of their settlements."""
    if rows.empty:
        return []
    rows = rows.assign(log_p=log_tail(rows["units"], rows["expected"]))
    rows = rows[rows["log_p"] <= -least_cell_log_p]
    found = []
    for cells in linked(rows, node="cell", by="person_no", least_shared=LEAST_SHARED):
        held = _returning(rows[rows["cell"].isin(cells)])
        log_p = _log_p(held)
        if held["day"].nunique() >= least_days and log_p <= -least_log_p:
            found.append((held, log_p))
    if not found:
        return []
    sites = sorted({int(site) for held, _ in found for site in held["site_no"]})
    persons = sorted({int(person) for held, _ in found for person in held["person_no"]})
    hours = tables.execute(read_sql("operator_hours"), {"sites": sites}).df()
    kinds = tables.execute(read_sql("usual_credentials"), {"sites": sites, "persons": persons}).df()
    groups = [_chosen(held, log_p, hours, kinds) for held, log_p in found]
    return sorted(groups, key=lambda group: group.settlements)


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


def _chosen(held: pd.DataFrame, log_p: float, hours: pd.DataFrame, kinds: pd.DataFrame) -> Chosen:
    persons, days = held["person_no"].nunique(), held["day"].nunique()
    goods = held.drop_duplicates("cell")["likeness"].eq("goods")
    again = Signal(
        "same_cards_again",
        math.log1p(persons),
        1.0,
        Text(
            f"{persons}人均在两个以上日期出现，共{days}个日期；{int(goods.sum())}次清单相同，{int((~goods).sum())}次仅金额相同",
            f"all {persons} persons came on two of the {days} dates or more; {int(goods.sum())} times the goods were the same, "
            f"{int((~goods).sum())} times the amount alone",
        ),
    )
    operator = _operator(held, hours[hours["site_no"] == held["site_no"].iloc[0]])
    credential = _credential(held, kinds)
    signals = (again, *(signal for signal in (operator and operator[1], credential) if signal is not None))
    members = (Member("handler", operator[0], "operator", 0.8),) if operator else ()
    return Chosen.of(held, log_p, Added(members=members, signals=signals))


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
    of_day = known.groupby("day").size()
    best: tuple[float, int, int, int] | None = None
    for no in sorted({int(handler) for handler in known["handler_no"]}):
        own = known[known["handler_no"] == no]
        theirs = own.groupby("day").size().reindex(of_day.index, fill_value=0)
        k, n = int((theirs >= OF_ONE_OPERATOR * of_day).sum()), len(of_day)
        at = hours[hours["handler_no"] == no].set_index("hour")["n"]
        # without the group's own settlements
        usual = (at - own.groupby("hour").size().reindex(at.index, fill_value=0)).clip(lower=0.5)
        everybody = (total - known.groupby("hour").size().reindex(total.index, fill_value=0)).clip(lower=1)
        share = float((usual / everybody).reindex(known["hour"]).fillna(0.0).clip(upper=1.0).mean())
        llr = binomial_llr(k, n, share) - math.log(max(hours["handler_no"].nunique(), 1))
        if best is None or llr > best[0]:
            best = (llr, no, k, n)
    if best is None or best[0] <= SPARED:
        return None
    llr, no, k, n = best
    text = Text(
        f"{n}个日期中有{k}个日期几乎全部由同一操作员结算，高于其同时段平时占比",
        f"on {k} of {n} dates nearly all were entered by one operator, above that operator's usual share of those hours",
    )
    return no, Signal("one_operator_each_day", math.log1p(llr - SPARED), 2.0, text)


def _oddity(finding: Finding) -> float:
    """Nats by which the finding's credentials and operator are unlike the usual."""
    return sum(math.expm1(s.value) + SPARED for s in finding.signals if s.name in HANDLED_ODDLY)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在{len(group.days)}个日期于同一机构以相同清单或相同金额结算，"
        f"共{settlements}笔。",
        f"{len(group.members)} insured persons of {group.units} households were settled at one site for the same goods or the "
        f"same amount on {len(group.days)} dates ({settlements} settlements).",
    )
