"""How far every settlement departs from its person's own past and from peers, in every dimension that is measured.

Fills the temporary table `departures`: one row a settlement with its household, a bit for each dimension in which it lies
beyond the limit, and `odd_p`, the share of settlements of its service that depart at least as much in all dimensions
together, in the city or at the site, whichever is more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from detectors.groups import read_sql
from graphaudit.findings import Text

#: Share of a service's settlements beyond the limit of one dimension.
BEYOND = 0.03
#: Below this quantile a settlement is ordinary in a dimension and adds nothing to how odd it is as a whole.
ORDINARY = 0.85
#: Settlements from which limits are taken, at most about so many: more move them in the third digit only.
SAMPLE = 400_000

#: What goes by number while settlements are measured.
_CODES = ("item", "diagnosis", "credential")
_STEPS = ("departure_events", "departure_items", "departure_measures")


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that is measured of a settlement: a column of departure_measures, and what lies beyond its limit.

    `is_care` marks what follows from the kind of care, so that whoever gives care of one kind (a specialist, a campaign)
    departs in it innocently.
    """

    name: str
    text: Text
    is_care: bool = False


#: In the order of their bits.
DIMENSIONS = (
    Dimension("fee_high", Text("金额高于本人与同类水平", "amounts above the person's own and the peers'")),
    Dimension("fee_low", Text("金额低于本人与同类水平", "amounts below the person's own and the peers'")),
    Dimension("many_lines", Text("明细行数多于平时", "more items on the bill than usual"), is_care=True),
    Dimension("few_lines", Text("明细行数少于平时", "fewer items on the bill than usual"), is_care=True),
    Dimension("quantity", Text("数量大于平时", "larger quantities than usual"), is_care=True),
    Dimension("one_item", Text("金额集中于单一项目", "amounts concentrated on one item"), is_care=True),
    Dimension("fund_high", Text("统筹支付比例高于平时", "a larger share paid by the fund than usual")),
    Dimension("fund_low", Text("统筹支付比例低于平时", "a smaller share paid by the fund than usual")),
    Dimension("account_high", Text("个人账户支付比例高于平时", "a larger share paid from the account than usual")),
    Dimension("hour", Text("时刻与本人习惯不同", "hours unlike the person's own")),
    Dimension("new_site", Text("本人少去的机构", "sites that the person seldom uses")),
    Dimension("distance", Text("远离本人平时就诊地", "places far from where the person usually goes")),
    Dimension("credential", Text("使用与平时不同的凭证", "a credential unlike the person's own habit")),
    Dimension("new_diagnosis", Text("本人少见的诊断", "diagnoses unlike the person's others"), is_care=True),
    Dimension("refunded", Text("结算后退费", "settlements refunded afterwards"), is_care=True),
    Dimension("equal_bill", Text("与他人金额分毫不差", "amounts equal to the fen with many others' at the site"), is_care=True),
    Dimension("stay_long", Text("住院日偏长", "stays longer than the diagnosis explains")),
    Dimension("stay_short", Text("住院日偏短", "stays shorter than the diagnosis explains")),
    Dimension("no_bed", Text("住院无床位记录", "stays without a bed on record")),
    Dimension("foreign_items", Text("本人他处从未使用的罕见项目", "rare items that the person never had elsewhere"), is_care=True),
    Dimension("broken_off", Text("须长期使用的项目仅零星购买", "items for lasting use bought only now and then")),
    Dimension("misfit", Text("项目与诊断不相符", "items that seldom go with the diagnosis"), is_care=True),
    Dimension("elsewhere", Text("与本人他处结算时间重叠", "times that overlap with the same person elsewhere")),
    Dimension("unprepared", Text("入院前两周内无就诊", "stays that no visit in the fortnight before led to")),
    Dimension("like_bill", Text("住院金额与另一笔几乎相同", "bills for stays that are nearly another's at the site")),
    Dimension("swipe", Text("与前一笔间隔极短", "very short time since the previous settlement at the site")),
)  # fmt: skip

#: The bit of all dimensions together, which follows theirs.
TOGETHER = len(DIMENSIONS)
TOGETHER_TEXT = Text("多个维度同时偏离", "departures in many dimensions at once")


@contextmanager
def measured(tables: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Fill the temporary table `departures` and drop it, and what it is made of, afterwards."""
    try:
        for name in _CODES:
            # what is counted and joined by numbers is so far faster than by codes
            tables.execute(f"CREATE TYPE departure_{name} AS ENUM ({read_sql(f'departure_{name}_codes')})")
        for name in _STEPS:
            # names come from this tuple, never from input
            tables.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {read_sql(name)}")
        _fill(tables)
        for name in (*_STEPS, "departure_scores"):
            tables.execute(f"DROP TABLE {name}")
        yield
    finally:
        for name in (*_STEPS, "departure_scores", "departures"):
            tables.execute(f"DROP TABLE IF EXISTS {name}")
        for name in _CODES:
            tables.execute(f"DROP TYPE IF EXISTS departure_{name}")


def _fill(tables: duckdb.DuckDBPyConnection) -> None:
    """Fill `departure_scores`, service by service, and `departures` from departure_measures."""
    (rows,) = tables.execute("SELECT count(*) FROM departure_measures").fetchall()
    step = max(1, int(rows[0]) // SAMPLE)
    quantiles = tables.execute(_sampled(), {"shares": [ORDINARY, 1.0 - BEYOND], "step": step}).fetchall()
    query, _ = _scores([None] * len(DIMENSIONS))
    tables.execute(f"CREATE OR REPLACE TEMP TABLE departure_scores AS {query} LIMIT 0", {"service": ""})
    for service, *limits in quantiles:
        query, parameters = _scores(limits)
        tables.execute(f"INSERT INTO departure_scores {query}", {"service": service, **parameters})
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE departures AS {read_sql('departures')}",
        {"step": step, "beyond": BEYOND, "together": 1 << TOGETHER},
    )


def _sampled() -> str:
    """The query for the quantiles $shares of every dimension in each service, of every $step-th settlement."""
    limits = ", ".join(f"quantile_cont({dimension.name}, $shares)" for dimension in DIMENSIONS)
    return f"SELECT service, {limits} FROM departure_measures WHERE settlement_no % $step = 0 GROUP BY service ORDER BY service"


def _scores(limits: Sequence[Sequence[float] | None]) -> tuple[str, dict[str, float]]:
    """The query for the scores of one service and its parameters, from the two quantiles of each dimension.

    The names of DIMENSIONS are all that is put into its text. Dimensions that no settlement of the sample has are left
    out; where half or more of the values are one, whatever lies above it is odd at once.
    """
    bits, odd, parameters = ["0::BIGINT"], ["0::FLOAT"], {}
    for bit, (dimension, held) in enumerate(zip(DIMENSIONS, limits, strict=True)):
        if held is None:
            continue
        ordinary, limit = f"ordinary_{bit}", f"limit_{bit}"
        beyond = f"m.{dimension.name} > ${limit}::FLOAT"
        parameters[limit] = held[1]
        bits.append(f"CASE WHEN {beyond} THEN 1::BIGINT << {bit} ELSE 0 END")
        if held[1] > held[0]:
            parameters[ordinary] = held[0]
            share = f"(m.{dimension.name} - ${ordinary}::FLOAT) / (${limit}::FLOAT - ${ordinary}::FLOAT)"
            # what is not measured adds nothing; least and greatest say the same three times as slowly
            odd.append(f"CASE WHEN {share} > 3 THEN 3::FLOAT WHEN {share} > 0 THEN {share} ELSE 0 END")
        else:
            odd.append(f"CASE WHEN {beyond} THEN 3::FLOAT ELSE 0 END")
    query = read_sql("departure_scores").replace("[[bits]]", " | ".join(bits)).replace("[[odd]]", " + ".join(odd))
    return query, parameters
