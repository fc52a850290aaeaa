"""Packs that come back: sold to one person, and later at an outlet to another (追溯码重复、回流药).

Two tests: of how many buyers two packs or more came back at an outlet, and of how many households one did that another
site had sold, each against the other outlets' rate. The likelier of the two is told, and paid for as the choice of two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from detectors import innocence
from detectors.base import DetectorSpec, Param, Value
from detectors.chance import log_tail
from detectors.covisit import VISITS
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group, read_sql
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Member, Signal, Text

#: Why somebody bought a drug says nothing of its being sold again.
OF_BUYING = innocence.CALENDAR_CAUSES | {"registered_treatment_plan", "companions", "own_medicines"}

#: Where the other outlets show next to nothing, so many first buyers are taken to be expected.
LEAST_EXPECTED = 0.3

#: Share of the evidence that careless scanning explains when every pack was first sold where it was sold again.
SCANNED_AGAIN = 0.9


class PacksSoldAgain:
    """Finds outlets that sell packs which several persons had bought before: two and more of each, or elsewhere."""

    spec = DetectorSpec(
        id="packs_sold_again",
        version=3,
        pattern="drug_resale",
        kind="packs_sold_again",
        title=Text("多人购得的药盒再次售出", "Packs bought by several persons and sold again"),
        question=Text(
            "哪些机构再次售出了多名参保人此前购得的药盒（同一追溯码），且每人不止一盒，或均为在其他机构购得的同一药品？",
            "Which outlets sell packs (by their trace codes) that several insured persons had bought before, more than one of "
            "each, or all at other sites and of the same drug?",
        ),
        status="trial",
        params=(
            Param("least_units", 3, "households of first buyers; a code repeated twice for each of three is no slip"),
            Param(
                "least_log_p", 3.0, "nats by which they beat the other outlets' rate, after all outlets and tests tried"
            ),
        ),
        needs=("pack_sales.trace_code", "pack_sales.person_no", "pack_sales.site_no"),
        null_model=Text(
            "不止一盒回流的购药人数、以及在他处购得的药盒在此再次售出的家庭数，均服从泊松分布，均值按其他机构每售一盒的比率计算（后者"
            "另按相同药品的比率，取较大者）；两项检验的选择已计入。",
            "First buyers of whom several packs came back, and households of whom one did that was bought elsewhere, come to "
            "an outlet as Poisson numbers at the other outlets' rate per pack sold (the latter also at their rate for the same "
            "drugs, whichever is more); the choice between the two tests is paid for.",
        ),
        benign=(
            Text("退货后再售", "packs that were taken back and sold again"),
            Text("拆零销售", "opened packs sold in parts"),
            Text("不赋码或共用一码的药品", "drugs exempt from codes, or with one code for all"),
            Text("家庭成员之间换人结算", "one purchase settled again for another of the family"),
            Text(
                "普遍扫码差错的机构（同一机构重复扫码）",
                "an outlet, or a city, that scans carelessly: its own codes twice",
            ),
            Text("以箱码代替盒码", "a carton's code scanned for each of its packs"),
        ),
        misses=(
            Text(
                "每人只有一盒、且药品各不相同或由同一机构售出的回流",
                "buyers of whom one pack only came back, of different drugs or sold by that outlet itself",
            ),
            Text("未采集追溯码的销售、销往外地的药品", "sales without a code, and drugs sold on elsewhere"),
        ),
        legal_basis=("Order 735 art. 19", "Order 735 art. 38(4)(5)", "Order 735 art. 41(3)"),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        rows = build.tables.execute(read_sql("packs_sold_again")).df()
        told = Told(self.spec, "buyer", _text, leading="packs_sold_again", leading_weight=2.5, never=OF_BUYING)
        groups: list[Chosen] = []
        again: dict[int, pd.DataFrame] = {}
        for _, held in rows.groupby("outlet_no", sort=True):
            log_p, rows_told = _told(held, float(params["least_log_p"]))
            if log_p > -float(params["least_log_p"]):
                continue
            groups.append(_chosen(rows_told, log_p))
            again[int(held["outlet_no"].iloc[0])] = rows_told
        for finding in chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"])):
            # the second sales are evidence, but who bought them knows of nothing
            (outlet,) = [member.no for member in finding.members if member.role == "outlet"]
            settlements = {*finding.settlements, *again[outlet]["again_no"].tolist()}
            other_persons = len({*again[outlet]["again_by"].tolist()} - finding.persons)
            yield replace(
                finding,
                settlements=tuple(sorted(settlements)),
                text=finding.text.and_of_others(other_persons),
                values={**finding.values, "settlements": len(settlements), "other_persons": other_persons},
            )


def _told(held: pd.DataFrame, least_log_p: float) -> tuple[float, pd.DataFrame]:
    """The log chance of what one outlet's rows tell, after all outlets and both tests tried, and the rows that tell it."""
    first = held.iloc[0]
    several, elsewhere = (
        float(log_tail(int(first[counted]), max(float(first[expected]), LEAST_EXPECTED)))
        + math.log(2 * int(first["outlets"]))
        for counted, expected in (("persons", "expected"), ("elsewhere", "expected_elsewhere"))
    )
    if elsewhere <= -least_log_p:
        return min(several, elsewhere), held
    return several, held[held["often"]]


def _chosen(held: pd.DataFrame, log_p: float) -> Chosen:
    packs = int(held["trace_code"].nunique())
    here = int(held.loc[held["first_site"] == held["outlet_no"], "trace_code"].nunique())
    scanned = BenignCause(
        "scanned_again",
        round(SCANNED_AGAIN * here / packs, 4),
        Text(
            f"{packs}盒中{here}盒首次即由该机构售出，可能为重复扫码",
            f"{here} of the {packs} packs were first sold by this outlet itself: it may have scanned one code twice",
        ),
    )
    outlet = Member(held["outlet_kind"].iloc[0], int(held["outlet_no"].iloc[0]), "outlet", 1.0)
    signal = Signal(
        "packs_came_back",
        math.log1p(packs),
        1.5,
        Text(f"共{packs}盒先后售予两人", f"{packs} packs were sold to one person and then to another"),
    )
    return Chosen.of(
        held.rename(columns={"first_no": "settlement_no"}),
        log_p,
        Added(members=(outlet,), signals=(signal,), benign=(scanned,)),
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在{settlements}笔结算中所购药盒（追溯码）此后由同一机构售予他人，"
        "每人不止一盒，或与其他成员同药且购自他处。",
        f"Packs that {len(group.members)} insured persons of {group.units} households bought in {settlements} settlements, "
        "more than one each, or of the same drug as others and elsewhere, were later sold to somebody else by one outlet.",
    )
