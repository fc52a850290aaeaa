"""Groups that depart together from their own past and from their peers, in whatever dimension: the channel for the unforeseen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import duckdb
import numpy as np

from detectors.base import DetectorSpec, Param, Value
from detectors.communities import PairGraph, communities
from detectors.content import binomial_llr
from detectors.contexts import CONTEXTS, Departing, Departures, departing
from detectors.departures import DIMENSIONS, TOGETHER, TOGETHER_TEXT, measured
from detectors.gathered import SHUFFLES, Added, Chosen, Told, chosen, pairs_worth, search
from detectors.groups import Gathering, Group, Stream, read_sql
from detectors.odd_visits import ODD_VISITS
from graphaudit.builds.view import BuildView
from graphaudit.findings import Finding, Signal, Text

DEPARTED = replace(ODD_VISITS, name="departed", own="own_departures", channels=frozenset())
#: All settlements, for groups that one dimension tells of and not the sum of all.
LINKED = Stream("linked", chain_days=True, own="own_departures")
#: γ of the constant Potts model for communities of co-present persons.
RESOLUTION = 0.2
#: Dimensions told of a group that was found by the sum of all, and the nats below which one is what luck shows.
TOLD, LEAST_LLR = 3, 3.0


class UnforeseenGroups:
    """Finds groups linked by anything whose settlements depart together, without a pattern named beforehand."""

    spec = DetectorSpec(
        id="unforeseen_groups",
        version=1,
        pattern="unexplained",
        kind="common_departure",
        title=Text("未预设模式的群体性偏离", "Common departures of a group, no pattern named beforehand"),
        question=Text(
            "哪些由同一医师、操作员、终端、时段、电话、单位、住址、账户等联系起来的参保人，其结算共同偏离本人以往与同类水平？",
            "Which persons linked by a doctor, an operator, a terminal, a fortnight at a site, a phone, an employer, an "
            "address, an account or each other's company have settlements that depart together from their own past and "
            "from their peers, in any dimension that is measured?",
        ),
        status="trial",
        channel="unforeseen",
        params=(
            Param("least_units", 4, "fewer households have private reasons"),
            Param("least_days", 3, "one or two dates are an event"),
            Param("least_log_p", 4.0, "nats by which a group beats chance after all contexts and dimensions tried"),
            Param("least_pair_llr", 6.0, "nats: two settlements that depart, at one site within a day of each other"),
            Param("least_llr", 7.0, "nats by which a newcomer's settlements must beat chance: thousands could join"),
            SHUFFLES,
            Param("method", "leiden", "leiden (constant Potts model) or louvain (modularity)"),
        ),
        needs=("settlements.settled_at", "settlements.total_fen"),
        null_model=Text(
            "同一机构、同类服务的其他结算决定每户在某一维度偏离的概率；同类联系之间的差异另计；"
            "对全部联系与全部维度的搜索已计入。",
            "Each household departs in a dimension at the rate of the same site's other settlements of the service, and "
            "contexts differ as much as others of their kind do; the search over all contexts and dimensions is paid for.",
        ),
        benign=(
            Text("整个机构的数据故障", "a fault of a whole site's feed"),
            Text("专科医师、专科终端", "a specialist, a department's own terminal"),
            Text("体检日、义诊、换季", "check-up days, campaigns, a season"),
            Text("新药目录、新开业机构", "a new list of drugs, a site that opens"),
            Text("家庭、养老机构", "families, nursing homes"),
        ),
        misses=(
            Text("各维度均与平时一致的群体", "groups that do what they always do, in every dimension"),
            Text("占机构大部分业务的群体", "groups that are most of a site's custom"),
        ),
        legal_basis=("Order 735 art. 24",),
    )

    def find(self, build: BuildView, params: Mapping[str, Value]) -> Iterable[Finding]:
        """See Detector."""
        tables = build.tables
        with measured(tables):
            yield from self._by_context(tables, params, build.seed)
            yield from self._by_meeting(tables, params, build.seed)

    def _by_context(
        self, tables: duckdb.DuckDBPyConnection, params: Mapping[str, Value], seed: int
    ) -> Iterable[Finding]:
        least_units, least_days = int(params["least_units"]), int(params["least_days"])
        tried, groups = 0, []
        _fill_companions(tables, seed)
        departures = Departures.of(tables)
        for context in CONTEXTS:
            number, found = departing(tables, departures, context, least_units)
            tried += number
            groups += _groups(tables, found, least_days)
        tables.execute("DROP TABLE context")
        tables.execute("DROP TABLE companions")
        beyond = [replace(group, log_p=min(0.0, group.log_p + math.log(max(tried, 1)))) for group in groups]
        beyond = [group for group in beyond if group.log_p <= -float(params["least_log_p"])]
        told = Told(self.spec, "person", _text, leading="common_departure", leading_weight=2.0)
        yield from chosen(tables, LINKED, beyond, told, least_units=least_units)

    def _by_meeting(
        self, tables: duckdb.DuckDBPyConnection, params: Mapping[str, Value], seed: int
    ) -> Iterable[Finding]:
        pairs = pairs_worth(read_sql("odd_pairs"), float(params["least_pair_llr"]))
        told = Told(
            self.spec,
            "person",
            _meeting_text,
            triangles=0,
            seed_size=3,
            rounds=3,
            resolutions=(0.7, 1.5, 3.0),
            leading="common_departure",
            leading_weight=2.0,
            further=_dimensions,
        )
        least = math.exp(-float(params["least_log_p"]))
        for finding in search(tables, DEPARTED, None, params, seed=seed, told=told, met=pairs):
            if finding.p_value is not None and finding.p_value <= least:
                yield finding


def _fill_companions(tables: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Communities of persons of different households who are at the same places at once, into `companions`."""
    rows = tables.execute(
        "SELECT person_a, person_b, llr FROM co_present WHERE NOT same_household AND llr >= 6 ORDER BY ALL"
    ).fetchnumpy()
    worth = np.minimum(np.asarray(rows["llr"], np.float64) / 6, 3)
    groups = communities(
        PairGraph.of(rows["person_a"], rows["person_b"], worth),
        resolution=RESOLUTION,
        seed=seed,
    )
    numbers = [number for number, group in enumerate(groups) for _ in group]
    tables.execute(
        "CREATE OR REPLACE TEMP TABLE companions AS "
        "SELECT unnest($numbers::INTEGER[]) AS community_no, unnest($persons::INTEGER[]) AS person_no",
        {"numbers": numbers, "persons": [int(person) for group in groups for person in group]},
    )


def _groups(tables: duckdb.DuckDBPyConnection, found: list[Departing], least_days: int) -> list[Chosen]:
    """Who departs in each of the contexts `found`, and by which settlements."""
    if not found:
        return []
    tables.execute(
        "CREATE OR REPLACE TEMP TABLE chosen_contexts AS SELECT unnest($numbers::INTEGER[]) AS group_no, "
        "unnest($keys::BIGINT[]) AS key, unnest($told::BIGINT[]) AS told",
        {
            "numbers": list(range(len(found))),
            "keys": [each.key for each in found],
            "told": [1 << each.told[0] for each in found],
        },
    )
    rows = tables.execute(read_sql("context_departing")).df()
    tables.execute("DROP TABLE chosen_contexts")
    groups = []
    for _, held in rows.groupby("group_no", sort=True):
        if held["day"].nunique() >= least_days:
            each = found[int(held["group_no"].iloc[0])]
            groups.append(Chosen.of(held, each.log_p, Added(signals=_signals(each))))
    return groups


def _signals(each: Departing) -> tuple[Signal, ...]:
    """One signal for the dimension that tells most: by how much more than expected, and in which context."""
    observed, expected = each.counts[0]
    bit = each.told[0]
    name, text = ("together", TOGETHER_TEXT) if bit == TOGETHER else (DIMENSIONS[bit].name, DIMENSIONS[bit].text)
    return (
        Signal(
            f"departs_{name}",
            math.log(observed / max(expected, 0.25)),
            1.0,
            Text(
                f"{each.context.text.zh}：{each.units}户中{observed}户{text.zh}，按同机构其他结算预计{expected:.1f}户",
                f"{each.context.text.en}: {observed} of {each.units} households show {text.en}; at the rate of the same "
                f"sites' other settlements {expected:.1f} would",
            ),
        ),
    )


def _dimensions(gathering: Gathering, groups: dict[int, Group]) -> dict[int, tuple[Signal, ...]]:
    """Per group, the dimensions in which its households depart more often than odd settlements of others do."""
    flags, n = np.array(gathering.rows("odd_dimensions"), np.int64).reshape(-1, 2).T
    bits = np.arange(len(DIMENSIONS))
    usual = (((flags[:, None] >> bits) & 1) * n[:, None]).sum(axis=0) / max(int(n.sum()), 1)
    rows = np.array(gathering.rows("group_dimensions"), np.int64).reshape(-1, 3)
    result: dict[int, tuple[Signal, ...]] = {}
    for number in sorted(groups):
        held = rows[rows[:, 0] == number, 2]
        departing = ((held[:, None] >> bits) & 1).sum(axis=0)
        llr = [binomial_llr(int(k), len(held), float(share)) for k, share in zip(departing, usual, strict=True)]
        best = [int(bit) for bit in np.argsort(llr, kind="stable")[::-1][:TOLD] if llr[bit] > LEAST_LLR]
        result[number] = tuple(
            Signal(
                f"departs_{DIMENSIONS[bit].name}",
                math.log1p(llr[bit] - LEAST_LLR),
                1.0,
                Text(
                    f"{len(held)}户中{departing[bit]}户{DIMENSIONS[bit].text.zh}",
                    f"{departing[bit]} of {len(held)} households show {DIMENSIONS[bit].text.en}",
                ),
            )
            for bit in best
        )
    return result


def _text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）的{settlements}笔结算以同样方式偏离本人以往与同类水平，"
        f"涉及{len(group.days)}个日期。",
        f"{settlements} settlements of {len(group.members)} insured persons of {group.units} households depart in the same "
        f"way from their own past and from their peers ({len(group.days)} dates).",
    )


def _meeting_text(group: Group, settlements: int) -> Text:
    return Text(
        f"{len(group.members)}名参保人（{group.units}个家庭）偏离本人以往与同类水平的结算在{len(group.days)}个日期相互重合，"
        f"涉及{settlements}笔结算。",
        f"Settlements of {len(group.members)} insured persons of {group.units} households that depart from their own past "
        f"and from their peers coincided on {len(group.days)} dates ({settlements} settlements).",
    )
