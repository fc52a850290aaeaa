"""Content against one's own: how a group's common visits differ from the same members' other visits.

Strength of co-presence finds groups that are not chance; content tells gathered cards from people who go together.
Every signal is a log-likelihood ratio or a t statistic brought to a common, slowly growing scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from detectors.groups import Gathering, read_sql
from graphaudit.findings import Signal, Text

#: Weights of the channels, tuned on simulated tuning worlds; the ablation stands in docs/detection.md.
WEIGHTS = {
    "fee_above_own": 3.0,
    "drugs_foreign_to_own": 3.0,
    "one_operator": 1.5,
    "seconds_between_swipes": 1.5,
    "credential_unlike_own": 1.5,
}


@dataclass(frozen=True, slots=True)
class Content:
    """Signals of one group, its dominant operator when there is one, and how much members buy jointly.

    `joint` is the share of what a member takes at a session that another takes there too; `alike` how many times more
    often two members take the same at one session than at different ones, at least.
    """

    signals: tuple[Signal, ...]
    operator: int | None
    joint: float
    foreign: float
    alike: float = 0.0


def measure(gathering: Gathering) -> dict[int, Content]:
    """Content signals of the current groups, by group number."""
    tables = gathering.tables
    tables.execute(f"CREATE OR REPLACE TEMP TABLE own_events AS {read_sql(gathering.stream.own)}")
    for name in ("outside", "fee_levels"):
        # names come from this tuple, never from input
        tables.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {read_sql(name)}")
    fees = {row[0]: row[1:] for row in gathering.rows("content_odd" if gathering.stream.graded else "content_fee")}
    drugs = {row[0]: row[1:] for row in gathering.rows("content_drugs")}
    joint = {row[0]: (float(row[1] or 0.0), _alike(row[3], row[4])) for row in gathering.rows("content_joint")}
    gaps = {row[0]: row[1:] for row in gathering.rows("content_gap")}
    operators: dict[int, tuple[float, int, int, int, int]] = {}
    for group, _, handler, k, n, share, choices in sorted(gathering.rows("content_operator")):
        llr = max(binomial_llr(k, n, share) - math.log(max(choices, 1)), 0.0)
        known = operators.get(group, (0.0, 0, 0, 0, 0))
        best_handler, best_k = (handler, k) if k > known[2] else (known[1], known[2])
        operators[group] = (known[0] + llr, best_handler, best_k, known[3] + k, known[4] + n)
    credentials: dict[int, tuple[float, int, int]] = {}
    for group, _, k, n, share in sorted(gathering.rows("content_credential")):
        llr = binomial_llr(k, n, share)
        if llr > credentials.get(group, (0.0, 0, 0))[0]:
            credentials[group] = (llr, k, n)
    groups = sorted(row[0] for row in tables.execute("SELECT DISTINCT group_no FROM inside").fetchall())
    result: dict[int, Content] = {}
    for group in groups:
        signals: list[Signal] = []
        if group in fees:
            signals += _fee(*fees[group])
        if group in drugs:
            signals += _drugs(*drugs[group])
        operator: int | None = None
        if group in operators and operators[group][0] > 0:
            llr, top, _, k, n = operators[group]
            operator = top if llr > 5 else None
            signals += _ratio(
                "one_operator",
                llr,
                Text(
                    f"{n}笔结算中有{k}笔由同一操作员录入，高于该机构平时占比",
                    f"{k} of {n} settlements entered by the same operator, above that operator's usual share",
                ),
            )
        if group in gaps:
            k, n, share = gaps[group]
            signals += _ratio(
                "seconds_between_swipes",
                binomial_llr(k, n, share),
                Text(
                    f"相邻两次刷卡{n}次中有{k}次间隔不超过90秒",
                    f"{k} of {n} steps between members took at most 90 seconds",
                ),
            )
        if group in credentials:
            llr, k, n = credentials[group]
            signals += _ratio(
                "credential_unlike_own",
                llr,
                Text(
                    f"{n}次中有{k}次使用与本人平时不同的凭证",
                    f"{k} of {n} used a credential unlike the members' own habit",
                ),
            )
        foreign = float(drugs[group][3]) if group in drugs else 0.0
        kept = tuple(signal for signal in signals if signal.name in gathering.stream.channels)
        if "one_operator" not in gathering.stream.channels:
            operator = None
        share, alike = joint.get(group, (0.0, 0.0))
        result[group] = Content(kept, operator, share, foreign, alike)
    return result


def _alike(together: float, expected: float | None) -> float:
    """How many times the `expected` pairs took the same thing `together`, one standard error less; 0 where none could."""
    return (together - math.sqrt(together)) / max(expected, 0.5) if expected is not None else 0.0


def binomial_llr(k: int, n: int, share: float) -> float:
    """n·KL(k/n ‖ share) in nats when k/n exceeds `share`, else 0."""
    if n <= 0 or k / n <= share:
        return 0.0
    share = min(max(share, 1e-4), 1 - 1e-4)
    rate = k / n
    other = (1 - rate) * math.log((1 - rate) / (1 - share)) if rate < 1 else 0.0
    return n * (rate * math.log(rate / share) + other)


def student(mean: float, sd: float, n: int, floor: float) -> float:
    """t statistic of a mean over members; `floor` keeps a tiny spread from making much of little."""
    return mean / (max(sd, floor) / math.sqrt(n)) if n > 1 else 0.0


def _fee(mean: float, sd: float, n: int) -> list[Signal]:
    t = student(mean, sd, n, 0.3)
    if mean <= 0.1 or t < 2:
        return []
    percent = round((math.exp(mean) - 1) * 100)
    value = math.log1p(t) * min(mean, 1.5)
    return [
        Signal(
            "fee_above_own",
            value,
            WEIGHTS["fee_above_own"],
            Text(
                f"同行结算金额比成员本人其他就诊平均高{percent}%",
                f"fees of the common visits {percent}% above the members' own other visits",
            ),
        )
    ]


def _drugs(mean: float, sd: float, n: int, foreign: float) -> list[Signal]:
    t = student(mean, sd, n, 0.2)
    if mean <= 0.05 or t < 2:
        return []
    percent = round(foreign * 100)
    return [
        Signal(
            "drugs_foreign_to_own",
            math.log1p(t) * min(2 * mean, 1.0),
            WEIGHTS["drugs_foreign_to_own"],
            Text(
                f"同行所购药品中{percent}%成员本人从未在其他就诊使用",
                f"{percent}% of the drugs bought there were never bought by the same member elsewhere",
            ),
        )
    ]


def _ratio(name: str, llr: float, detail: Text) -> list[Signal]:
    # below three nats it is what one site among many shows by luck
    return [Signal(name, math.log1p(llr - 3.0), WEIGHTS[name], detail)] if llr > 3.0 else []
