"""Customers of a suspended site who are settled elsewhere from that day on (为非定点、停业机构刷卡结算)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Member, Text


class MovedBuyers:
    """Finds outlets to which customers of a suspended site move beyond what nearness and size would send there."""

    spec = DetectorSpec(
        id="moved_buyers",
        version=2,
        pattern="proxy_settlement",
        kind="moved_buyers",
        title=Text("停业机构的顾客转到另一机构结算", "Customers of a suspended site who are settled at another"),
        question=Text(
            "某机构暂停结算后，其常客从当日起集中转到哪些同类机构结算，超过距离与规模所能解释的程度？",
            "When a site is suspended, at which sites of its kind are its regular customers settled from that day on, beyond "
            "what nearness and size explain?",
        ),
        status="trial",
        params=(
            Param("least_persons", 4, "fewer move for private reasons"),
            Param("least_units", 4, "a family moves together"),
            Param("least_log_p", 3.0, "nats by which the movers to one outlet beat nearness and size"),
            Param("most_share", 0.4, "an outlet that takes more of the movers is the natural successor"),
        ),
        needs=("site_pauses.from_at", "settlements.settled_at"),
        null_model=Text(
            "转移人数服从泊松分布，均值按距离和业务量在同类机构间分配。",
            "Movers come to an outlet as a Poisson number; the mean is shared among sites of the kind by nearness and volume.",
        ),
        benign=(
            Text("顾客自然转往最近的机构", "customers who move to the nearest open site"),
            Text("同一连锁的另一门店", "another shop of the same chain"),
        ),
        misses=(
            Text("由接收多数顾客的机构代为结算", "settlement by the very site that takes most of the customers"),
            Text("暂停前就已开始代刷的情形", "settlement for another place that began before the suspension"),
            Text(
                "从未定点、没有暂停记录的机构", "places that were never designated and so have no suspension on record"
            ),
            Text("没有经纬度的机构", "sites without coordinates"),
        ),
        legal_basis=("Order 735 art. 38(6)(7)",),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("moved_buyers")).df()
        kinds = dict(build.tables.execute("SELECT site_no, kind FROM sites").fetchall())
        groups = _groups(
            rows,
            kinds,
            least_persons=int(params["least_persons"]),
            least_log_p=float(params["least_log_p"]),
            most_share=float(params["most_share"]),
        )
        for is_firm, firmness in ((True, 1.0), (False, 0.35)):
            told = Told(
                self.spec,
                "buyer",
                _text,
                leading="moved_buyers",
                leading_weight=1.0,
                firmness=firmness,
            )
            of_kind = [group for group, firm in groups if firm == is_firm]
            yield from chosen(build.tables, VISITS, of_kind, told, least_units=int(params["least_units"]))


def _groups(
    rows: pd.DataFrame, kinds: Mapping[int, str], *, least_persons: int, least_log_p: float, most_share: float
) -> list[tuple[Chosen, bool]]:
    """Groups of movers, and whether they are firm: went to several of the outlets that stand out."""
    groups = []
    for _, of_stop in rows.groupby(["from_site", "from_day"], sort=True):
        from_site = int(of_stop["from_site"].iloc[0])
        outlets = of_stop.groupby("site_no").agg(
            n=("person_no", "nunique"), expected=("expected", "first"), movers=("movers", "first")
        )
        expected = outlets["expected"].clip(lower=0.3)
        log_p = log_tail(outlets["n"], expected) + math.log(len(outlets))
        # who takes most of the custom is its natural successor
        natural = outlets["n"] > most_share * outlets["movers"]
        standing = outlets[(log_p <= -least_log_p) & (outlets["n"] >= least_persons) & ~natural]
        if standing.empty:
            continue
        loose = of_stop[of_stop["site_no"].isin(standing.index)]
        told = _firm(loose, least_persons)
        moved, sent = int(standing["n"].sum()), float(standing["expected"].sum())
        kind = kinds[from_site]
        of_chain = int(told[told["same_chain"]].drop_duplicates(["site_no", "person_no"]).shape[0])
        group = Chosen.of(
            told,
            float(log_p[outlets.index.isin(standing.index)].sum()),
            Added(
                members=(Member("pharmacy" if kind == "pharmacy" else "institution", from_site, "hidden_site", 0.5),),
                benign=(
                    BenignCause(
                        "moved_to_a_neighbour",
                        min(0.9, sent / moved),
                        Text(
                            f"按距离与规模预计有{sent:.1f}人转入，实际{moved}人",
                            f"nearness and size would send {sent:.1f} persons there; {moved} came",
                        ),
                    ),
                    BenignCause(
                        "another_shop_of_the_chain",
                        0.6 * of_chain / moved,
                        Text(
                            f"{moved}人中有{of_chain}人转到同一连锁的门店",
                            f"{of_chain} of {moved} went to another shop of the same chain",
                        ),
                    ),
                ),
            ),
        )
        groups.append((group, len(told) < len(loose)))
    return groups


def _firm(told: pd.DataFrame, least_persons: int) -> pd.DataFrame:
    """Of customers who moved to several outlets that stand out, those who went to two of them, where they are a group.

    Neighbours of the closed site settle on one of the outlets; who is taken along turns up where the others do.
    """
    outlets = told.groupby("person_no")["site_no"].nunique()
    several = outlets.index[outlets >= 2]
    return told[told["person_no"].isin(several)] if len(several) >= least_persons else told


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"一家机构暂停结算后，其{len(group.members)}名常客（{group.units}个家庭）转到另一机构结算{settlements}笔，"
        f"涉及{len(group.days)}个日期。",
        f"After a site was suspended, {len(group.members)} of its regular customers ({group.units} households) were settled "
        f"elsewhere {settlements} times on {len(group.days)} dates.",
    )
