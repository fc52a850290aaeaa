"""Customers of a suspended site who are settled elsewhere from that day on (为非定点、停业机构刷卡结算)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import Floats, log_tail, log_tail_of_mixture
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Member, Text

#: What nearness and size send to one outlet against another is known to within its own size: variance = m + m².
SPREAD = 1.0


class MovedBuyers:
    """Finds outlets to which customers of a suspended site move beyond what nearness and size would send there."""

    spec = DetectorSpec(
        id="moved_buyers",
        version=3,
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
            Param(
                "most_share",
                0.4,
                "an outlet that takes more of the movers is the natural successor, unless the nearest one has them too",
            ),
        ),
        needs=("site_pauses.from_at", "settlements.settled_at"),
        null_model=Text(
            "转移人数服从泊松分布，均值按距离和业务量在同类机构间分配；接收多数顾客的机构另按最近机构实际接收的人数折算。",
            "Movers come to an outlet as a Poisson number; the mean is shared among sites of the kind by nearness and volume. An "
            "outlet that takes most of them is held against what the nearest site took as well.",
        ),
        benign=(
            Text("顾客自然转往最近的机构", "customers who move to the nearest open site"),
            Text("同一连锁的另一门店", "another shop of the same chain"),
            Text("离顾客其他就诊地点更近的机构", "a site nearer to the customers' other places"),
            Text("登记的定点、签约或慢病认定", "a registration that names the site"),
        ),
        misses=(
            Text(
                "由最近的机构，或接收几乎全部顾客的机构代为结算",
                "settlement by the nearest site, or by one that takes nearly all of the customers",
            ),
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
            n=("person_no", "nunique"),
            expected=("expected", "first"),
            movers=("movers", "first"),
            draws_most=("draws_most", "first"),
            km=("km", "first"),
        )
        expected = outlets["expected"].clip(lower=0.3)
        log_p = log_tail(outlets["n"], expected) + math.log(len(outlets))
        beyond = (log_p <= -least_log_p) & (outlets["n"] >= least_persons)
        standing = outlets[beyond & ~_natural(outlets, beyond, most_share, least_log_p)]
        if standing.empty:
            continue
        loose = of_stop[of_stop["site_no"].isin(standing.index)]
        told = _firm(loose, least_persons)
        moved, sent = int(standing["n"].sum()), float(standing["expected"].sum())
        kind = kinds[from_site]
        pairs = told.drop_duplicates(["site_no", "person_no"])
        of_chain = int(pairs["same_chain"].sum())
        # where it makes no difference half of them are nearer by chance
        nearer, farther = int((pairs["nearer"] > 0).sum()), int((pairs["nearer"] < 0).sum())
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
                    BenignCause(
                        "nearer_to_other_places",
                        0.9 * max(nearer - farther, 0) / moved,
                        Text(
                            f"{moved}人中有{nearer}人的其他就诊地点离接收机构比离停业机构更近",
                            f"the other places of {nearer} of {moved} lie nearer to where they went than to the site they left",
                        ),
                    ),
                ),
            ),
        )
        groups.append((group, len(told) < len(loose)))
    return groups


def _natural(outlets: pd.DataFrame, beyond: pd.Series, most_share: float, least_log_p: float) -> pd.Series:
    """Which outlets are natural successors: that which nearness and size draw to most, and who takes most of the custom.

    The latter not where the former has a good part of it, and by that measure far too many went on beyond it.
    """
    takes_most = outlets["n"] > most_share * outlets["movers"]
    drawing = outlets[beyond & outlets["draws_most"]]
    if len(drawing):
        first = drawing.iloc[0]
        means: Floats = (first["n"] * outlets["expected"] / first["expected"]).clip(lower=0.3).to_numpy(np.float64)
        chance = log_tail_of_mixture(outlets["n"], means, SPREAD) + math.log(len(outlets))
        takes_most &= (outlets["km"] <= first["km"]) | (chance > -least_log_p)
    return takes_most | outlets["draws_most"]


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
