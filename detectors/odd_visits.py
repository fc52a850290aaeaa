"""Groups whose odd visits keep meeting: gathered cards that spread over many sites, hours and days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from detectors.base import DetectorSpec, Param, Value
from detectors.content import WEIGHTS
from detectors.gathered import SEARCHED_AGAIN, SHUFFLES, Told, pairs_worth, search
from detectors.groups import Group, Stream, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Text

ODD_VISITS = Stream(
    "odd",
    chain_days=True,
    own="own_visits",
    channels=frozenset(WEIGHTS),
    least_units=2,
    least_share=0.0,
    graded=True,
    personal=("person_no", "fee_gap", "unusual_credential", "odd_p"),
)


class OddVisitGroups:
    """Finds groups of unrelated persons whose visits that are odd for themselves meet at the same places and days.

    Where a ring spreads over many sites, hours and days, any two members meet once or twice only. A single meeting
    of ordinary visits says nothing; a meeting of two visits that are odd for both persons is rare enough to count.
    """

    spec = DetectorSpec(
        id="odd_visit_groups",
        version=1,
        pattern="hoarded_cards",
        kind="odd_visit_session",
        title=Text("多人反常就诊相互重合", "Odd visits of several persons that keep coinciding"),
        question=Text(
            "哪些不同家庭的参保人，其对本人而言反常的就诊（少去的机构、少用的凭证、偏高的费用）反复落在同一机构的相邻日期？",
            "Which persons of different households make visits that are odd for themselves (a site seldom visited, a "
            "credential seldom used, an unusual fee) at the same sites within a day of each other, again and again?",
        ),
        status="trial",
        params=(
            Param("least_pair_llr", 4.0, "nats: one meeting of two very odd visits is enough to start from"),
            Param(
                "least_llr", 7.0, "nats by which a newcomer's visits must beat chance: thousands of persons could join"
            ),
            Param("least_units", 4, "fewer than four households go together for innumerable private reasons"),
            Param("least_days", 3, "one or two dates are an event"),
            SHUFFLES,
            Param("method", "leiden", "leiden (constant Potts model) or louvain (modularity)"),
        ),
        needs=("settlements.settled_at", "settlements.total_fen"),
        null_model=Text(
            "每名成员的反常就诊按其他人反常就诊的日期散布；对成员组合与场次的选择取并集界。" + SEARCHED_AGAIN.zh,
            "Each member's odd visits are spread over the days of everybody else's odd visits; a union bound pays for the "
            "choice of members and of sessions. " + SEARCHED_AGAIN.en,
        ),
        benign=(
            Text("体检日、筛查日", "check-up and screening days"),
            Text("结伴外出就医的邻居", "neighbours who travel to a specialist together"),
            Text("新开业或促销的药店", "a pharmacy that opens or holds a member day"),
            Text("停业机构的患者转往邻近机构", "patients of a closed site who move to its neighbour"),
        ),
        misses=(
            Text("成员经常光顾的机构上的聚集", "gatherings at sites that the members visit often"),
            Text("费用与凭证均与平时一致的聚集", "gatherings with usual fees and usual credentials"),
        ),
        legal_basis=("Order 735 art. 17", "Order 735 art. 19", "Order 735 art. 40(1)(3)", "Order 735 art. 41(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        pairs = pairs_worth(read_sql("odd_pairs"), float(params["least_pair_llr"]))
        told = Told(
            self.spec,
            "card_holder",
            _text,
            triangles=0,
            seed_size=3,
            rounds=3,
            needs_content=True,
            resolutions=(0.7, 1.5, 3.0),
        )
        return search(build.tables, ODD_VISITS, None, params, seed=build.seed, told=told, met=pairs)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）对本人而言反常的就诊在{len(group.days)}个日期相互重合，"
        f"涉及{settlements}笔结算。",
        f"Visits that are odd for themselves of {len(group.members)} insured persons of {group.units} households "
        f"coincided on {len(group.days)} dates ({settlements} settlements).",
    )
