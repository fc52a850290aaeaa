"""From tested pairs to findings: the steps that the detectors of visits and of stays have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd

from detectors import content, innocence
from detectors.base import DetectorSpec, Param
from detectors.chance import six_digits
from detectors.communities import Ints, PairGraph, communities, consensus, truss
from detectors.content import Content
from detectors.groups import Gathering, Group, Stream, best_of, merged, pairs_between, standing_events
from detectors.shuffles import null_of
from graphaudit.findings import BenignCause, Finding, Member, MemberKind, Signal, Text
from graphaudit.leads.score import LEAST_WEIGHT
from graphaudit.query_spec import Value

#: Sites with at least this share of a group's settlements are worth a check themselves.
SITE_SHARE = 0.25

#: Runs of Leiden at each resolution; pairs that all put together belong together. On tuning cities four of five joined
#: rings that share a site, five of five broke a ring in two.
SEEDS = 3


SHUFFLES = Param(
    "shuffles",
    5,
    "shards of the city whose persons are exchanged to see what chance makes of the search; 0 leaves the union bound alone",
)

#: What the null model of a search says beside its union bound.
SEARCHED_AGAIN = Text(
    "另在同一机构、同一星期日和时段内交换参保人后重做全部搜索，取两个概率中较大者。",
    "The whole search is run again on persons exchanged within each site, weekday and hour; the larger of both chances counts.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What turns pairs into groups and a group into a finding: the detector's specification, sentences and choices.

    A pair must close `triangles` triangles; groups of `seed_size` are grown over `rounds`; γ of the constant Potts
    model is the least density inside a group: 0.1 holds camouflaged groups together, 0.5 separates neighbours.
    `leading` names the signal that says how far beyond chance the group is; `firmness` in (0, 1] says how firmly its
    members belong: where firmer evidence speaks of the same lead, members of loose groups alone are left out. Innocent
    causes in `never` cannot explain what the detector looks for. With `needs_content`, groups whose common visits are
    like the members' others are left out.
    """

    spec: DetectorSpec
    person_role: str
    text: Callable[[Group, int], Text]
    triangles: int = 1
    seed_size: int = 4
    rounds: int = 2
    resolutions: tuple[float, ...] = (0.1, 0.25, 0.5)
    further: Callable[[Gathering, dict[int, Group]], dict[int, tuple[Signal, ...]]] | None = None
    leading: str = "co_presence"
    leading_weight: float = 1.0
    firmness: float = 1.0
    never: frozenset[str] = frozenset()
    needs_content: bool = False


def pairs_worth(query: str, least: float, *, weighted: bool = True) -> Callable[[duckdb.DuckDBPyConnection], PairGraph]:
    """What asks tables for the pairs (a, b, llr) of `query` worth at least `least` nats; `weighted` links weigh so much."""

    def pairs(tables: duckdb.DuckDBPyConnection) -> PairGraph:
        a, b, worth = pairs_between(tables, query)
        enough = worth >= least
        return PairGraph.of(a[enough], b[enough], worth[enough] if weighted else np.ones(int(enough.sum())))

    return pairs


def search(
    tables: duckdb.DuckDBPyConnection,
    stream: Stream,
    pairs: PairGraph | None,
    params: Mapping[str, Value],
    *,
    seed: int,
    told: Told,
    met: Callable[[duckdb.DuckDBPyConnection], PairGraph],
    seeds: Sequence[Sequence[int]] = (),
) -> Iterable[Finding]:
    """Yield the findings among `pairs`: truss, communities, regrowth by attendance, merging, then evidence.

    `met` makes pairs of the open stream: those of the shuffles, and of the city where `pairs` is None. `seeds` are
    further groups to start from, by number of their persons. `params` needs least_units, least_days, least_llr,
    shuffles and method; findings come in the order of their members.
    """
    least_units, least_days = int(params["least_units"]), int(params["least_days"])

    def grown(gathering: Gathering, graph: PairGraph) -> dict[int, Group]:
        return _grown(gathering, graph, params, seed=seed, told=told, seeds=seeds)

    with standing_events(tables, stream) as events:
        with Gathering.of(tables, stream, events) as gathering:
            groups = grown(gathering, met(tables) if pairs is None else pairs)
            passing = {n: g for n, g in groups.items() if len(g.days) >= least_days and g.units >= least_units}
            final = sorted(best_of(passing, 0.5).values(), key=lambda g: g.members)
        if not final:
            return
        null = null_of(
            tables,
            stream,
            lambda shuffled: list(grown(shuffled, met(tables)).values()),
            shuffles=int(params["shuffles"]),
            seed=seed,
            events=events,
        )
        with Gathering.of(tables, stream, events) as gathering:
            gathering.settle([group.members for group in final])
            groups = gathering.groups()
            chances = {number: null.p_value(group.surprise) for number, group in groups.items()}
            yield from evidence(gathering, gathering.widen(groups) if stream.graded else groups, told, chances=chances)


def _grown(
    gathering: Gathering,
    pairs: PairGraph,
    params: Mapping[str, Value],
    *,
    seed: int,
    told: Told,
    seeds: Sequence[Sequence[int]],
) -> dict[int, Group]:
    """The groups of the open stream that pairs and `seeds` lead to, whatever their size: what chance is tested on."""
    graph = truss(pairs, told.triangles) if told.triangles else pairs
    candidates = [group.tolist() for group in _candidates(graph, str(params["method"]), seed, told.resolutions)]
    candidates = [group for group in candidates if len(group) >= told.seed_size]
    candidates += [sorted(group) for group in seeds]
    for _ in range(told.rounds):
        if not candidates:
            return {}
        # prune and regrow by attendance, then let fragments of one group find each other
        gathering.settle(candidates)
        current = {n: g for n, g in gathering.groups().items() if len(g.days) >= 2}
        candidates = merged(gathering.regrown(current, least_llr=float(params["least_llr"]), least_share=0.34), 0.5)
    if not candidates:
        return {}
    gathering.settle(candidates)
    return gathering.groups()


@dataclass(frozen=True, slots=True)
class Added:
    """What a detector itself knows of one group, beside what every group is asked."""

    members: tuple[Member, ...] = ()
    signals: tuple[Signal, ...] = ()
    benign: tuple[BenignCause, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A group by number of its persons, the settlements that tell of it, and the log chance of the same by luck."""

    persons: tuple[int, ...]
    settlements: tuple[int, ...]
    log_p: float
    added: Added = Added()

    @classmethod
    def of(cls, rows: pd.DataFrame, log_p: float, added: Added) -> Chosen:
        """The group of all `person_no` and `settlement_no` in `rows`; chance cannot be likelier than certain."""
        persons, settlements = (np.unique(rows[name]).tolist() for name in ("person_no", "settlement_no"))
        return cls(tuple(persons), tuple(settlements), min(0.0, log_p), added)


def evidence(
    gathering: Gathering,
    groups: dict[int, Group],
    told: Told,
    added: Mapping[int, Added] | None = None,
    chances: Mapping[int, float] | None = None,
) -> Iterable[Finding]:
    """Yield one finding for each of `groups`, the current ones of `gathering`: content, innocent causes, members.

    `chances` are the groups' p-values where they are larger than their union bounds.
    """
    measured = content.measure(gathering)
    causes = innocence.explain(gathering, groups, measured)
    extra = told.further(gathering, groups) if told.further else {}
    known = {number: (added or {}).get(number, Added()) for number in groups}
    for number, own in known.items():
        extra[number] = (*extra.get(number, ()), *own.signals)
        weighed = [cause for cause in causes.get(number, ()) if cause.cause not in told.never]
        weighed += [cause for cause in own.benign if cause.weight >= LEAST_WEIGHT]
        causes[number] = tuple(sorted(weighed, key=lambda c: (-c.weight, c.cause)))
    others = {number: own.members for number, own in known.items()}
    if told.needs_content:
        groups = {number: group for number, group in groups.items() if number in measured and measured[number].signals}
    chances = chances or {number: math.exp(group.log_p) for number, group in groups.items()}
    yield from _findings(gathering, groups, measured, causes, extra, others, told, chances)


def chosen(
    tables: duckdb.DuckDBPyConnection,
    stream: Stream,
    groups: Sequence[Chosen],
    told: Told,
    *,
    least_units: int,
) -> Iterable[Finding]:
    """Yield a finding for each of `groups` with `least_units` households: found by what settlements are, not by meeting."""
    if not groups:
        return
    with Gathering.of(tables, stream) as gathering:
        gathering.take(
            [group.persons for group in groups],
            [(number, no) for number, group in enumerate(groups) for no in group.settlements],
        )
        found = {
            number: replace(group, surprise=-groups[number].log_p)
            for number, group in gathering.groups().items()
            if group.units >= least_units
        }
        yield from evidence(gathering, found, told, {number: group.added for number, group in enumerate(groups)})


def _candidates(graph: PairGraph, method: str, seed: int, resolutions: tuple[float, ...]) -> list[Ints]:
    if method == "louvain":
        return list(communities(graph, resolution=1.0, seed=seed, method="louvain"))
    return list(consensus(graph, resolutions=resolutions, seeds=tuple(seed + i for i in range(SEEDS))))


def _findings(
    gathering: Gathering,
    groups: dict[int, Group],
    measured: dict[int, Content],
    causes: dict[int, tuple[BenignCause, ...]],
    extra: dict[int, tuple[Signal, ...]],
    others: Mapping[int, tuple[Member, ...]],
    told: Told,
    chances: Mapping[int, float],
) -> Iterable[Finding]:
    settlements: dict[int, list[int]] = {}
    for number, settlement in gathering.tables.execute(
        "SELECT DISTINCT group_no, settlement_no FROM inside ORDER BY ALL"
    ).fetchall():
        settlements.setdefault(number, []).append(settlement)
    sites: dict[int, list[tuple[int, MemberKind, int]]] = {}
    for number, site, kind, n, _ in sorted(gathering.rows("site_shares")):
        sites.setdefault(number, []).append((site, kind, n))
    for number, group in sorted(groups.items()):
        inside = settlements.get(number, [])
        typical = sorted(group.attendance)[len(group.attendance) // 2] or 1.0
        members = [
            Member("person", person, told.person_role, round(told.firmness * min(1.0, share / typical), 4))
            for person, share in zip(group.members, group.attendance, strict=True)
            if share > 0
        ]
        total = sum(n for _, _, n in sites[number])
        members += [
            Member(kind, site, "site", round(n / total, 4))
            for site, kind, n in sites[number]
            if n >= SITE_SHARE * total
        ]
        found = measured.get(number, Content((), None, 0.0, 0.0))
        if found.operator is not None:
            members.append(Member("handler", found.operator, "operator", 0.6))
        members += others.get(number, ())
        signals = [
            beyond_chance(told.leading, group.log_p, told.leading_weight),
            *found.signals,
            *extra.get(number, ()),
        ]
        yield Finding(
            detector=told.spec.id,
            pattern=told.spec.pattern,
            kind=told.spec.kind,
            members=tuple(sorted(members)),
            settlements=tuple(inside),
            signals=stated(signals),
            text=told.text(group, len(inside)),
            p_value=six_digits(chances[number]),
            benign=tuple(replace(cause, weight=round(cause.weight, 6)) for cause in causes.get(number, ())),
            channel=told.spec.channel,
            values={
                "days": len(group.days),
                "sessions": len(group.sessions),
                "persons": len(members) - sum(1 for m in members if m.kind != "person"),
                "households": group.units,
                "settlements": len(inside),
            },
        )


def stated(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """Signals as findings state them: sums over several threads differ in the last bits from run to run."""
    return tuple(replace(signal, value=round(signal.value, 6)) for signal in signals)


def beyond_chance(name: str, log_p: float, weight: float) -> Signal:
    """The signal `name` that says how far beyond chance something is, by the log of a bound on its chance."""
    excess = abs(min(log_p, 0.0))
    return Signal(
        name,
        math.log1p(excess),
        weight,
        Text(
            f"偶然出现同样情形的对数概率上界为{0.0 - excess:.0f}",
            f"log of a bound on the chance of the same by luck: {0.0 - excess:.0f}",
        ),
    )
