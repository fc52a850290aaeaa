"""Groups admitted and discharged together again and again (inducement: 组团住院、同进同出)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from detectors.base import DetectorSpec, Param, Value
from detectors.gathered import SEARCHED_AGAIN, SHUFFLES, Told, pairs_worth, search
from detectors.groups import Gathering, Group, Stream, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

STAYS = Stream("stay", chain_days=True, own="own_stays")
ADMISSIONS = Stream("admission", chain_days=True, own="own_stays")


class AdmissionGroups:
    """Finds groups of unrelated persons whose stays at one institution begin and end together on several occasions."""

    spec = DetectorSpec(
        id="admission_groups",
        version=3,
        pattern="inducement",
        kind="admission_session",
        title=Text("多人反复同进同出住院", "Persons repeatedly admitted and discharged together"),
        question=Text(
            "哪些不同家庭的参保人多次在同一机构于两日之内一同入院、一同出院？",
            "Which persons of different households are admitted to one institution within two days of each other, and "
            "discharged within two days, on several occasions?",
        ),
        status="trial",
        params=(
            Param("least_pair_llr", 3.0, "loose: evidence is pooled over the group"),
            Param("least_llr", 4.0, "nats by which a newcomer's admissions must beat chance"),
            Param("least_units", 4, "fewer households are neighbours or relatives"),
            Param("least_days", 2, "one common admission is a screening or an operation day"),
            SHUFFLES,
            Param("method", "leiden", "leiden (constant Potts model) or louvain (modularity)"),
        ),
        needs=("settlements.begin_at", "settlements.end_at"),
        null_model=Text(
            "每名成员的住院按机构每日入院量散布；对成员组合与场次的选择取并集界。" + SEARCHED_AGAIN.zh,
            "Each member's stays are spread by the institution's daily admissions; a union bound pays for the choice of "
            "members and of sessions. " + SEARCHED_AGAIN.en,
        ),
        benign=(
            Text("养老机构签约住院", "a nursing home with a contracted hospital"),
            Text("化疗、透析等周期性住院", "chemotherapy and other stays in cycles"),
            Text(
                "长期住院患者同日分段结算（视为一次住院）", "long stays settled on one day while they go on (one stay)"
            ),
            Text("白内障等集中筛查手术日", "screening and operation days such as cataract"),
            Text("冬季呼吸道高峰", "the winter peak of respiratory illness"),
        ),
        misses=(
            Text("只共同住院一次的团伙", "groups with one common stay only"),
            Text("入院日期错开三天以上的团伙", "groups that stagger admissions by more than two days"),
        ),
        legal_basis=("Order 735 art. 15", "Order 735 art. 40(1)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        pairs = pairs_worth(read_sql("stay_pairs"), float(params["least_pair_llr"]), weighted=False)
        told = Told(self.spec, "patient", _text, further=stay_signals)
        by_contact = build.tables.execute(read_sql("stay_contacts")).fetchall()
        seeds = [persons for (persons,) in by_contact]
        return search(build.tables, ADMISSIONS, None, params, seed=build.seed, told=told, met=pairs, seeds=seeds)


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）{len(group.sessions)}次在同一机构一同入院，"
        f"涉及{settlements}次住院。",
        f"{len(group.members)} insured persons of {group.units} households were admitted together {len(group.sessions)} "
        f"times ({settlements} stays).",
    )


def stay_signals(gathering: Gathering, groups: dict[int, Group]) -> dict[int, tuple[Signal, ...]]:
    """Light and look-alike bills, one contact phone on many stays: what an organiser leaves behind."""
    result: dict[int, tuple[Signal, ...]] = {}
    for number, low, spread, n, same_contact, _, persons in gathering.rows("stay_content"):
        if number not in groups:
            continue
        signals = []
        if spread < 0.8 and n >= 6:
            signals.append(
                Signal(
                    "bills_alike",
                    (0.8 - spread) * math.log(n),
                    2.0,
                    Text(
                        f"费用离散度为该机构平时的{spread:.0%}",
                        f"spread of the bills is {spread:.0%} of the institution's own",
                    ),
                )
            )
        if low < -0.15:
            signals.append(
                Signal(
                    "low_severity",
                    min(-low, 1.0),
                    3.0,
                    Text(
                        f"费用比该机构平均住院低{1 - math.exp(low):.0%}",
                        f"bills {1 - math.exp(low):.0%} below the institution's mean stay",
                    ),
                )
            )
        if same_contact >= 3:
            signals.append(
                Signal(
                    "one_contact",
                    math.log(same_contact),
                    2.0 * same_contact / persons,
                    Text(
                        f"{same_contact}人住院登记同一联系电话",
                        f"one contact phone on the stays of {same_contact} persons",
                    ),
                )
            )
        result[number] = tuple(signals)
    return result
