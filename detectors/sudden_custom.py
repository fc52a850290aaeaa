"""Outlets to which a group of new customers comes from one week on (为非定点机构刷卡、集中转入)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from detectors.base import DetectorSpec, Param, Value
from detectors.chance import Floats, log_tail_of_mixture
from detectors.covisit import VISITS
from detectors.custom import Custom, followed_their_doctor
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Group
from detectors.steps import Expectation, Step, from_week, rises
from graphaudit.builds.view import BuildView
from graphaudit.findings import BenignCause, Finding, Member, MemberKind, Signal, Text

#: A rise of so many nats is looked at; what is named is tested again, with all that was tried.
LOOKED_AT = 3.0
#: A rise in the outlet's own custom of so many nats is told.
TOLD = 8.0


class SuddenCustom:
    """Finds outlets to which, from one week on, customers of another place or of another area come as a group."""

    spec = DetectorSpec(
        id="sudden_custom",
        version=1,
        pattern="proxy_settlement",
        kind="sudden_custom",
        title=Text(
            "某机构自某周起集中转入另一机构或外片区的顾客",
            "An outlet to which customers of one other place, or of another area, come from one week on",
        ),
        question=Text(
            "哪些机构自某一周起，新顾客的数量和来源突然改变：多名顾客同时离开另一机构或从外片区而来，超过同类机构的共同变化、距离、"
            "规模和本机构以往所能解释的程度？",
            "At which outlets do number and origin of new customers change from one week on: persons who leave one other place "
            "at that time, or come from out of the area, beyond the common movement of peers, nearness, size and the outlet's "
            "own past?",
        ),
        status="trial",
        params=(
            Param("burn_in", 56, "days at the start in which a new customer cannot be told from one who came before"),
            Param("least_days", 3, "days at the outlet that make a customer; two are an errand"),
            Param("longest", 10, "weeks within which a group changes place; what takes longer is drift"),
            Param("least_persons", 4, "fewer change place for private reasons"),
            Param("least_units", 4, "a family changes place together"),
            Param("least_log_p", 3.0, "nats by which the group beats chance after all places and weeks tried"),
        ),
        needs=("settlements.settled_at", "sites.longitude", "sites.latitude"),
        null_model=Text(
            "每周新顾客数服从负二项分布：均值为同类同级机构当周共同变化乘以本机构以往份额，离散度由各机构以往估计；由一处转来的人数"
            "的均值另取距离与规模、以往转移、当周总体去向三者中最大的份额。累积和广义似然比给出变化周，按所试机构与星期数放大概率。",
            "New customers of a week are a negative-binomial number: the mean is what peers of kind and level have that week "
            "times the outlet's share so far, the spread is learnt from all outlets' past. Those who come from one place are "
            "expected by the largest of three shares: nearness and size, earlier moves, and where all new customers go in those "
            "weeks. A generalised likelihood-ratio CUSUM gives the week; chance is paid for all places and weeks tried.",
        ),
        benign=(
            Text("新开业的机构", "an outlet that has just opened"),
            Text("邻近机构停业，顾客就近转移", "a neighbour that closed, whose customers go to the nearest"),
            Text("停业机构的自然接替者、同一连锁的门店", "the natural successor of a closed place, a shop of the same chain"),
            Text("节日、流行病等全市共同的变化", "a holiday, an epidemic: what all peers see"),
            Text("促销等从各处吸引顾客", "a promotion that draws customers from everywhere"),
            Text("登记的定点、签约或慢病认定", "a registration that names the outlet"),
            Text("医师带走的患者", "patients who follow their doctor"),
            Text("缺周之后补传的数据", "weeks missing from the feed and delivered later"),
            Text("在附近就医、工作的人", "persons who have other business nearby"),
        ),
        misses=(
            Text("逐渐转入的顾客", "custom that moves gradually"),
            Text(
                "多数顾客离去的机构：停业、关闭后的自然转移与代刷难以区分（有暂停记录的另有检测）",
                "a place that most of its customers leave: honest successors look the same (suspensions have a detector)",
            ),
            Text("与自然转移一样只占少数的转入", "a group no larger than what nearness and size send there"),
            Text("数据开始前或开始后八周内已转入的顾客", "custom that moved before the data begin or in their first eight weeks"),
            Text("与本人平时就诊毫无差别的结算", "settlements that differ in nothing from the persons' own other visits"),
            Text("未在任何定点机构结算过的顾客", "customers who were settled nowhere before"),
        ),
        legal_basis=("Order 735 art. 38(6)(7)",),
        references=("M. Höhle, M. Paul, Count data regression charts for the monitoring of surveillance time series, CSDA 52 (2008)",),
    )  # fmt: skip

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        least, longest = int(params["least_persons"]), int(params["longest"])
        most = -float(params["least_log_p"])
        with Custom.of(
            build.tables, burn_in=int(params["burn_in"]), least_days=int(params["least_days"]), longest=longest
        ) as custom:
            if custom is None:
                return
            standing = [each for each in _from_one_place(custom, least, longest) if each.log_p <= most]
            named = {(each.site, person) for each in standing for person in each.persons}
            standing += [
                each
                for each in _from_elsewhere(custom, least, longest)
                # those of whom is known which place they left are told of once
                if each.log_p <= most and sum((each.site, person) not in named for person in each.persons) >= least
            ]
            told = Told(
                self.spec, "buyer", _text, leading="sudden_custom", leading_weight=1.0, firmness=0.5, needs_content=True
            )
            groups = _chosen(build.tables, custom, standing, longest)
            yield from chosen(build.tables, VISITS, groups, told, least_units=int(params["least_units"]))


@dataclass(frozen=True, slots=True)
class Arrived:
    """Persons who began to come to `site` within a step, from `from_site` (−1: from out of the area), and their chance."""

    site: int
    from_site: int
    step: Step
    persons: tuple[int, ...]
    expected: float
    log_p: float


def _from_one_place(custom: Custom, least: int, longest: int) -> Iterable[Arrived]:
    """Groups whose custom was withdrawn from one other place."""
    moves = custom.moves
    flows = moves.groupby(["from_site", "site"], sort=True)["person_no"].nunique()
    pairs = [pair for pair in flows.index[flows >= least] if not custom.same_chain(*pair)]
    if not pairs:
        return
    came, expected = _flows(custom, pairs, longest)
    tried = math.log(len(flows)) + math.log(max(custom.weeks / longest, 1.0))
    begins = range(custom.first + 1, custom.weeks)
    for step in rises(came, expected, custom.spread, begins=begins, longest=longest, least_llr=LOOKED_AT):
        from_site, site = pairs[step.row]
        inside = moves[
            (moves["from_site"] == from_site)
            & (moves["site"] == site)
            & (moves["week"] >= step.begin)
            & (moves["week"] < step.end)
        ]
        # of a place that all leave, the nearest outlets and the successor take them: another detector's question
        if len(inside) < least or custom.loses(from_site, step.begin):
            continue
        if custom.pull(from_site)[site] <= 0 or not custom.is_told(site, step.begin, inside["day"]):
            continue
        log_p = log_tail_of_mixture(step.seen, step.expected, custom.spread) + tried
        yield Arrived(int(site), int(from_site), step, tuple(inside["person_no"].tolist()), step.expected, log_p)


def _flows(custom: Custom, pairs: list[tuple[int, int]], longest: int) -> tuple[Floats, Expectation]:
    """For each pair of a place left and an outlet who came in each week, and what the place's leavers let expect."""
    moves, weeks = custom.moves, custom.weeks
    left = np.zeros_like(custom.persons)
    every = moves.drop_duplicates(["person_no", "from_site", "week"])
    np.add.at(left, (every["from_site"], every["week"]), 1.0)
    number = pd.Series(np.arange(len(pairs)), index=pd.MultiIndex.from_tuples(pairs))
    at = number.reindex(pd.MultiIndex.from_frame(moves[["from_site", "site"]])).to_numpy(np.float64)
    came = np.zeros((len(pairs), weeks))
    np.add.at(came, (at[np.isfinite(at)].astype(np.int64), moves["week"].to_numpy()[np.isfinite(at)]), 1.0)
    from_sites, sites = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    pulls = {place: custom.pull(place) for place in sorted(set(from_sites.tolist()))}
    near = np.array([pulls[place][site] for place, site in pairs])[:, None]
    kinds = custom.sites["kind"].to_numpy()
    everywhere = {kind: custom.arrivals[kinds == kind].sum(axis=0) for kind in sorted(set(kinds.tolist()))}
    of_place, others = left[from_sites], custom.arrivals[sites] - came
    elsewhere = np.array([everywhere[kinds[site]] for site in sites]) - came
    shares = (
        near * np.ones(weeks),
        (_before(came) + near) / (_before(of_place) + 1.0),
        (from_week(came, longest) + near) / (from_week(of_place, longest) + 1.0),
        # where all others go who begin somewhere in the weeks of a rise
        _ahead(others, longest) / np.maximum(_ahead(elsewhere, longest), 1.0),
    )
    return came, Expectation(of_place, np.maximum.reduce(shares))


def _before(counts: Floats) -> Floats:
    """Sums of all weeks before each."""
    result: Floats = np.cumsum(counts, axis=-1) - counts
    return result


def _ahead(counts: Floats, weeks: int) -> Floats:
    """Sums of the next so many weeks, each week's own included."""
    result: Floats = from_week(counts, 0) - from_week(counts, weeks)
    return result


def _from_elsewhere(custom: Custom, least: int, longest: int) -> Iterable[Arrived]:
    """Groups from out of the area, without other business near the outlet."""
    tried = math.log(len(custom.sites)) + math.log(max(custom.weeks / longest, 1.0))
    for step in rises(
        custom.distant,
        custom.distant_expected,
        custom.spread,
        begins=range(custom.first + 1, custom.weeks),
        longest=longest,
        least_llr=LOOKED_AT,
    ):
        began = custom.began
        inside = began[
            (began["site"] == step.row)
            & began["is_distant"]
            & (began["week"] >= step.begin)
            & (began["week"] < step.end)
        ]
        inside = inside[~custom.had_to_go(inside["person_no"], step.row, step.begin)]
        if custom.draws_its_neighbours(step.row, slice(step.begin, step.end)):
            continue
        if len(inside) < least or not custom.is_told(step.row, step.begin, inside["day"]):
            continue
        log_p = log_tail_of_mixture(len(inside), step.expected, custom.spread) + tried
        yield Arrived(step.row, -1, step, tuple(inside["person_no"].tolist()), step.expected, log_p)


def _chosen(tables: duckdb.DuckDBPyConnection, custom: Custom, arrived: list[Arrived], longest: int) -> list[Chosen]:
    """The groups with their settlements at the outlet."""
    groups = []
    for each in arrived:
        rows = custom.bought(tables, each.site, each.persons)
        groups.append(Chosen.of(rows, each.log_p, _added(custom, each, rows, longest)))
    return groups


def _added(custom: Custom, each: Arrived, rows: pd.DataFrame, longest: int) -> Added:
    n = len(each.persons)
    explained = [
        followed_their_doctor(rows),
        BenignCause(
            "moved_to_a_neighbour",
            min(0.9, each.expected / n),
            Text(
                f"按距离、规模与同类机构的变化预计有{each.expected:.1f}人转入，实际{n}人",
                f"nearness, size and what peers see would bring {each.expected:.1f} persons; {n} came",
            ),
        ),
    ]
    members: tuple[Member, ...] = ()
    if each.from_site >= 0:
        from_site = custom.sites.iloc[each.from_site]
        kind: MemberKind = "pharmacy" if from_site["kind"] == "pharmacy" else "institution"
        members = (Member(kind, int(from_site["site_no"]), "hidden_site", 0.3),)
    return Added(members=members, signals=_volume(custom, each, longest), benign=tuple(explained))


def _volume(custom: Custom, each: Arrived, longest: int) -> tuple[Signal, ...]:
    """Whether the outlet's custom as a whole rises with the group, which a group that is small beside it cannot show."""
    row, begin = each.site, each.step.begin
    found = rises(
        custom.persons[[row]],
        custom.usual.row(row),
        # of few peers the common movement is itself known by a few persons only
        custom.persons_spread + 1 / max(float(custom.usual.base[row].mean()), 1.0),
        begins=range(max(begin - 1, custom.first), min(begin + 3, custom.weeks)),
        longest=longest,
        least_llr=TOLD,
    )
    return tuple(
        Signal(
            "volume_step",
            math.log1p(step.llr - TOLD),
            0.5,
            Text(
                f"该机构每周人数由预计的{step.expected / (step.end - step.begin):.0f}人升至{step.seen / (step.end - step.begin):.0f}人",
                f"the outlet's persons a week rise from the {step.expected / (step.end - step.begin):.0f} expected "
                f"to {step.seen / (step.end - step.begin):.0f}",
            ),
        )
        for step in found
    )


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）在数周之内开始到同一机构结算并持续，共{settlements}笔、"
        f"{len(group.days)}个日期，此前在别处就诊购药。",
        f"{len(group.members)} insured persons of {group.units} households began within weeks of one another to be settled at "
        f"one outlet and stayed ({settlements} settlements on {len(group.days)} dates); before, they went elsewhere.",
    )
