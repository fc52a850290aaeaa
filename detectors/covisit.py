"""Groups of cards that settle together beyond volume and habit (hoarded cards)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from detectors.base import DetectorSpec, Param, Value
from detectors.communities import PairGraph
from detectors.content import WEIGHTS
from detectors.gathered import SEARCHED_AGAIN, SHUFFLES, Told, search
from detectors.groups import Group, Stream, pairs_between, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.derive.run import pairs_among
from graphaudit.findings import Finding, Text

VISITS = Stream("visit", chain_days=False, own="own_visits", channels=frozenset(WEIGHTS))

_CHOSEN = "NOT same_household AND llr >= $least_pair_llr"


class CoPresenceGroups:
    """Finds groups of unrelated persons who settle within one site's window on several irregular days."""

    spec = DetectorSpec(
        id="co_presence_groups",
        version=1,
        pattern="hoarded_cards",
        kind="co_swipe_session",
        title=Text("多张凭证反复在同一时段结算", "Cards that repeatedly settle within one window"),
        question=Text(
            "哪些不同家庭的参保人反复在同一机构同一时段结算，且机构业务量和本人习惯都不能解释？",
            "Which persons of different households settle together again and again, beyond what the sites' volumes and "
            "their own weekly and monthly habits explain?",
        ),
        status="trial",
        params=(
            Param("least_pair_llr", 3.0, "loose: evidence is pooled over the group, not decided by one pair"),
            Param("least_llr", 5.0, "nats by which a newcomer's attendance must beat chance"),
            Param("least_units", 4, "fewer than four households go together for innumerable private reasons"),
            Param("least_days", 4, "check-ups and screenings meet on one or two dates"),
            SHUFFLES,
            Param("method", "leiden", "leiden (constant Potts model) or louvain (modularity, small cities only)"),
        ),
        needs=("settlements.settled_at",),
        null_model=Text(
            "每名成员的到访按机构业务量和本人星期习惯散布；对成员组合与场次的选择取并集界。" + SEARCHED_AGAIN.zh,
            "Each member's visits are spread by the site's volume and the member's own weekdays; a union bound pays for the "
            "choice of members and of sessions. " + SEARCHED_AGAIN.en,
        ),
        benign=(
            Text("家庭成员同行", "family members going together"),
            Text("透析、化疗、康复班次", "dialysis, chemotherapy and rehabilitation shifts"),
            Text("28天或30天续方", "28- or 30-day refills"),
            Text("体检日、筛查日", "check-up and screening days"),
            Text("结伴就医的邻居（购买同样的东西）", "neighbours who go together and buy the same things"),
            Text("养老机构、同一单位、登记代办人", "nursing homes, one employer, a registered agent"),
            Text("村卫生室赶集日", "market days at a village clinic"),
        ),
        misses=(
            Text("少于4个家庭的团伙", "groups of fewer than four households"),
            Text("每次间隔超出机构时间窗的团伙", "groups that spread each gathering beyond the site's window"),
            Text("没有时刻的数据在繁忙机构中看不出同时性", "simultaneity at busy sites when times carry no clock"),
        ),
        legal_basis=("Order 735 art. 17", "Order 735 art. 19", "Order 735 art. 40(1)(3)", "Order 735 art. 41(1)"),
        references=("Tumminello et al. 2011 (validated projections)", "Traag et al. 2011 (constant Potts model)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""

        def met(tables: duckdb.DuckDBPyConnection) -> PairGraph:
            with pairs_among(tables, read_sql("shuffled_co_events")) as source:
                return pairs(tables, source)

        def pairs(tables: duckdb.DuckDBPyConnection, source: str) -> PairGraph:
            query = f"SELECT person_a AS a, person_b AS b, llr FROM {source} WHERE {_CHOSEN}"
            a, b, llr = pairs_between(tables, query, least_pair_llr=float(params["least_pair_llr"]))
            return PairGraph.of(a, b, [1.0] * len(llr))

        told = Told(self.spec, "card_holder", _text)
        city = pairs(build.tables, "co_present")
        return search(build.tables, VISITS, city, params, seed=build.seed, told=told, met=met)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在{len(group.days)}个日期共{len(group.sessions)}次于同一机构"
        f"同一时段结算，涉及{settlements}笔结算。",
        f"{len(group.members)} insured persons of {group.units} households settled within one window at one site on "
        f"{len(group.days)} dates ({len(group.sessions)} sessions, {settlements} settlements).",
    )
