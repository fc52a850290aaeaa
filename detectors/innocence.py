"""The explanation contest: every group is held against each innocent cause, with the data that would show it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from detectors.content import Content
from detectors.groups import Gathering, Group
from graphaudit.findings import BenignCause, Text

#: Content that going together does not bring about.
_NOT_COMPANIONS = frozenset({"fee_above_own", "credential_unlike_own", "one_operator"})


#: Causes that explain less than this are not worth a line.
LEAST_WEIGHT = 0.05


def explain(
    gathering: Gathering, groups: dict[int, Group], content: dict[int, Content]
) -> dict[int, tuple[BenignCause, ...]]:
    """Innocent causes of each current group, nearest first; weight is the share of the evidence it explains."""
    members = {row[0]: row[1:] for row in gathering.rows("innocence_members")}
    sessions = {row[0]: row[1:] for row in gathering.rows("innocence_sessions")}
    result: dict[int, tuple[BenignCause, ...]] = {}
    for number, group in groups.items():
        persons, units, address, employer, _, agent, planned, registered = members[number]
        _, chronic, diagnosis, fee_spread, covered, usual = sessions[number]
        measured = content.get(number)
        calendar = regularity(group.days)
        few_dates = 1.0 if len(group.days) <= 2 else max(0.0, 1.0 - (len(group.days) - 2) / 3)
        causes = [
            household(persons, units),
            _plan(planned / persons, chronic, calendar),
            _calendar(calendar),
            _check_up(few_dates, fee_spread, employer / persons),
            _companions(measured) if gathering.stream.name == "visit" else None,
            shared_address(address / persons, units / persons, registered / persons),
            one_employer(employer / persons, few_dates),
            registered_agent(agent / persons),
            _registered_day(covered, usual),
        ]
        if gathering.stream.name == "stay":
            causes.append(_screening(diagnosis, len(group.days)))
        kept = [cause for cause in causes if cause is not None and cause.weight >= LEAST_WEIGHT]
        result[number] = tuple(sorted(kept, key=lambda c: (-c.weight, c.cause)))
    return result


def by_registers(row: Sequence[int], weighs: Sequence[str]) -> tuple[BenignCause, ...]:
    """The causes named in `weighs` for one row of innocence_members (without its group), nearest first."""
    persons, units, address, employer, _, agent, _, registered = row
    causes = {
        "household": household(persons, units),
        "shared_address": shared_address(address / persons, units / persons, registered / persons),
        "employer": one_employer(employer / persons, 1.0),
        "agent": registered_agent(agent / persons),
    }
    kept = [causes[name] for name in weighs if causes[name].weight >= 0.05]
    return tuple(sorted(kept, key=lambda c: (-c.weight, c.cause)))


def regularity(days: Sequence[int]) -> tuple[float, str]:
    """How far a calendar alone would place these days: (share beyond chance in [0, 1], name of the calendar).

    For each calendar the share of sessions in its most frequent slot (of the week: one to three) is compared with the
    share that as many random days would reach; with few sessions random days cluster too.
    """
    best, name = 0.0, ""
    # a session drawn out over following days is one occasion
    held = set(days)
    days = sorted(day for day in held if day - 1 not in held)
    n = len(days)
    for label, period, most in (("weekly", 7, 3), ("28 days", 28, 1), ("30 days", 30, 1)):
        counts = Counter(day % period for day in days)
        if most == 1:
            # neighbouring slots count half: a refill drifts by a day
            top = max(counts[s] + 0.5 * (counts[(s + 1) % period] + counts[(s - 1) % period]) for s in counts)
            chance = min(1.0, 2.0 / period + 1.6 / math.sqrt(n * max(period, 4) / 4) + 1.0 / n)
            beyond = max(0.0, (min(top / n, 1.0) - chance) / max(1.0 - chance, 0.05))
            best, name = max((best, name), (beyond, label))
            continue
        # a course takes place on one to three weekdays
        ordered = sorted(counts.values(), reverse=True)
        for slots in range(1, most + 1):
            expected = slots / period
            # the best of many pairs and triples of weekdays looks regular sooner than the best single one
            errors = 1.6 if slots == 1 else 2.8
            chance = expected + errors * math.sqrt(expected * (1 - expected) / n) + 1.0 / n
            if chance >= 0.95:
                continue
            beyond = max(0.0, (sum(ordered[:slots]) / n - chance) / (1.0 - chance))
            best, name = max((best, name), (beyond, label))
    return best, name


def household(persons: int, units: int) -> BenignCause:
    return BenignCause(
        "household",
        round(1.0 - units / persons, 4),
        Text(f"{persons}人分属{units}个家庭", f"{persons} persons in {units} households"),
    )


def _plan(planned: float, chronic: float, calendar: tuple[float, str]) -> BenignCause:
    weight = 0.9 * planned * max(chronic, calendar[0])
    return BenignCause(
        "registered_treatment_plan",
        weight,
        Text(
            f"{planned:.0%}的成员登记有门慢门特，{chronic:.0%}的同行结算为门慢门特",
            f"{planned:.0%} of members have a registered chronic-disease plan, {chronic:.0%} of the common visits were under one",
        ),
    )


def _calendar(calendar: tuple[float, str]) -> BenignCause:
    names = {"weekly": "每周同一天", "28 days": "每28天", "30 days": "每30天", "": "无"}
    return BenignCause(
        "regular_timetable",
        0.9 * calendar[0],
        Text(
            f"共同日期的规律性：{names[calendar[1]]}（{calendar[0]:.0%}）",
            f"regularity of the common dates: {calendar[1] or 'none'} ({calendar[0]:.0%})",
        ),
    )


def _check_up(few_dates: float, fee_spread: float, employer: float) -> BenignCause:
    same_fee = max(0.0, 1.0 - fee_spread / 0.5)
    return BenignCause(
        "check_up_day",
        max(0.95 * few_dates * max(same_fee, employer), 0.6 * same_fee * employer),
        Text(
            f"共同日期集中、金额相近（对数离散度{fee_spread:.2f}）",
            f"few common dates and equal fees (log spread {fee_spread:.2f})",
        ),
    )


def _companions(measured: Content | None) -> BenignCause | None:
    if measured is None:
        return None
    # who goes together queues together and buys the same thing, new or not, but for ordinary money and with own cards
    unusual = sum(s.value * s.weight for s in measured.signals if s.name in _NOT_COMPANIONS)
    weight = 0.9 * max(0.0, min(1.0, (measured.joint - 0.25) / 0.5)) * math.exp(-unusual / 12.0)
    return BenignCause(
        "companions",
        weight,
        Text(
            f"同行时{measured.joint:.0%}的项目与同伴相同",
            f"{measured.joint:.0%} of what members took there was the same as a companion's",
        ),
    )


def shared_address(address: float, independent: float, registered: float) -> BenignCause:
    shared = max(0.0, (address - 0.3) / 0.7) * independent
    return BenignCause(
        "nursing_home_or_shared_address",
        0.95 * max(shared, registered),
        Text(
            f"{address:.0%}的成员住址相同，{registered:.0%}在登记名册中",
            f"{address:.0%} of members share one address, {registered:.0%} stand in the unit's register",
        ),
    )


def one_employer(employer: float, few_dates: float) -> BenignCause:
    weight = max(0.0, (employer - 0.5) / 0.5) * (0.4 + 0.5 * few_dates)
    return BenignCause(
        "employer_or_school",
        weight,
        Text(f"{employer:.0%}的成员属同一单位", f"{employer:.0%} of members belong to one employer or school"),
    )


def registered_agent(agent: float) -> BenignCause:
    return BenignCause(
        "registered_agent",
        0.7 * max(0.0, (agent - 0.2) / 0.8),
        Text(
            f"{agent:.0%}的成员由同一登记代办人代办", f"{agent:.0%} of members are represented by one registered agent"
        ),
    )


def _registered_day(covered: float, usual: float) -> BenignCause:
    beyond = max(0.0, (covered - usual) / max(1.0 - usual, 0.05)) if covered > usual else 0.0
    return BenignCause(
        "registered_event",
        0.9 * beyond,
        Text(
            f"登记事项覆盖{covered:.0%}的共同场次（覆盖该机构全部日期的{usual:.0%}）",
            f"register entries of the site cover {covered:.0%} of the common sessions ({usual:.0%} of all its days)",
        ),
    )


def _screening(diagnosis: float, days: int) -> BenignCause:
    return BenignCause(
        "screening_or_operation_day",
        0.8 * diagnosis if days <= 2 else 0.0,
        Text(f"{days}个入院日，{diagnosis:.0%}诊断相同", f"{days} admission days, {diagnosis:.0%} with one diagnosis"),
    )
