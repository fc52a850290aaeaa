"""The explanation contest: every group is held against each innocent cause, with the data that would show it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from detectors.content import Content
from detectors.groups import Gathering, Group
from graphaudit.findings import BenignCause, Text
from graphaudit.leads import own_medicines
from graphaudit.leads.score import LEAST_WEIGHT

EPOCH = date(1970, 1, 1)

#: Content that going together does not bring about.
_NOT_COMPANIONS = frozenset({"fee_above_own", "credential_unlike_own", "one_operator"})

#: Calendars, the cause that each stands for, and what it is called in both languages.
_CALENDARS = {
    "weekly": ("regular_timetable", "每周同一天"),
    "21 days": ("regular_timetable", "每21天"),
    "28 days": ("refill_calendar", "每28天"),
    "30 days": ("refill_calendar", "每30天"),
    "day of the month": ("refill_calendar", "每月同一日"),
    "even steps": ("refill_calendar", "间隔均匀"),
    "market days": ("market_day", "日期尾数相同的集日"),
}

#: Days that a supply lasts at least, for its even steps to be those of refills.
LASTING = 10

#: Who works together also goes together, on however many dates: so much of it the employer explains.
BY_EMPLOYER = 0.6

#: The causes that a calendar alone shows.
CALENDAR_CAUSES = frozenset(cause for cause, _ in _CALENDARS.values())


def explain(
    gathering: Gathering, groups: dict[int, Group], content: dict[int, Content]
) -> dict[int, tuple[BenignCause, ...]]:
    """Innocent causes of each current group, nearest first; weight is the share of the evidence it explains."""
    members = {row[0]: row[1:] for row in gathering.rows("innocence_members")}
    sessions = {row[0]: row[1:] for row in gathering.rows("innocence_sessions")}
    are_stays = gathering.stream.own == "own_stays"
    days = {} if are_stays else {row[0]: row[1:] for row in gathering.rows("innocence_days")}
    medicines = {} if are_stays else {row[0]: row[1:4] for row in own_medicines.measured(gathering.tables)}
    result: dict[int, tuple[BenignCause, ...]] = {}
    for number, group in groups.items():
        persons, units, address, employer, phone, agent, planned, registered = members[number]
        _, chronic, diagnosis, fee_spread, covered, usual = sessions[number]
        measured = content.get(number)
        held = calendars(group.days)
        calendar = _best(held)
        few_dates = 1.0 if len(group.days) <= 2 else max(0.0, 1.0 - (len(group.days) - 2) / 3)
        causes = [
            household(persons, units),
            _plan(planned / persons, chronic, calendar),
            *_kept_calendars(held),
            _check_up(few_dates, fee_spread, employer / persons, are_stays=are_stays),
            _companions(measured) if gathering.stream.name == "visit" else None,
            shared_address(address / persons, units / persons, registered / persons),
            one_employer(employer / persons, few_dates),
            registered_agent(agent / persons),
            _registered_day(covered, usual),
        ]
        if number in days:
            busy, usually, at_once, in_heaps = days[number]
            causes += [_busy_day(busy, usually), _feed_fault(at_once, in_heaps)]
        if number in medicines:
            causes.append(own_medicines.bought_again(*medicines[number]))
        if are_stays:
            causes.append(_screening(diagnosis, len(group.days)))
        else:
            causes.append(_informal_agent(phone / persons, units / persons, measured))
        kept = [cause for cause in causes if cause is not None and cause.weight >= LEAST_WEIGHT]
        result[number] = tuple(sorted(kept, key=lambda c: (-c.weight, c.cause)))
    return result


def by_registers(row: Sequence[int], weighs: Sequence[str]) -> tuple[BenignCause, ...]:
    """Those causes named in `weighs` that one row of innocence_members (without its group) shows, nearest first."""
    persons, units, address, employer, _, agent, _, registered = row
    causes = {
        "household": household(persons, units),
        "shared_address": shared_address(address / persons, units / persons, registered / persons),
        "employer": one_employer(employer / persons, 1.0),
        "agent": registered_agent(agent / persons),
    }
    kept = [causes[name] for name in weighs if name in causes and causes[name].weight >= LEAST_WEIGHT]
    return tuple(sorted(kept, key=lambda c: (-c.weight, c.cause)))


def regularity(days: Sequence[int]) -> tuple[float, str]:
    """How far a calendar alone would place these days: (share beyond chance in [0, 1], name of the calendar)."""
    return _best(calendars(days))


def calendars(days: Sequence[int]) -> dict[str, float]:
    """For each calendar the share of these days (since 1970) that it places beyond chance, in [0, 1].

    The share of sessions in a calendar's most frequent slot (or few slots) is compared with the share that as many
    random days would reach; with few sessions random days cluster too.
    """
    # a session drawn out over following days is one occasion
    held = set(days)
    occasions = sorted(day for day in held if day - 1 not in held)
    # a day of the month: the last ones of a month are one slot, since months differ
    of_month = [min((EPOCH + timedelta(days=day)).day, 30) for day in occasions]
    return {
        "weekly": _few_slots([day % 7 for day in occasions], 7),
        "21 days": _one_slot([day % 21 for day in occasions], 21),
        "28 days": _one_slot([day % 28 for day in occasions], 28),
        "30 days": _one_slot([day % 30 for day in occasions], 30),
        "day of the month": _one_slot([day - 1 for day in of_month], 30),
        "even steps": _even_steps(occasions),
        "market days": _few_slots([day % 10 for day in of_month], 10),
    }


def _best(held: Mapping[str, float]) -> tuple[float, str]:
    name = max(held, key=lambda name: held[name])
    return (held[name], name) if held[name] > 0 else (0.0, "")


def _one_slot(slots: Sequence[int], period: int) -> float:
    n, counts = len(slots), Counter(slots)
    # neighbouring slots count half: a refill drifts by a day
    top = max(counts[s] + 0.5 * (counts[(s + 1) % period] + counts[(s - 1) % period]) for s in counts)
    chance = min(1.0, 2.0 / period + 1.6 / math.sqrt(n * max(period, 4) / 4) + 1.0 / n)
    return max(0.0, (min(top / n, 1.0) - chance) / max(1.0 - chance, 0.05))


def _even_steps(occasions: Sequence[int]) -> float:
    # whoever fetches what lasts four weeks or five comes when it runs out, whatever the calendar says
    steps = [b - a for a, b in pairwise(occasions)]
    usual = sorted(steps)[len(steps) // 2] if len(steps) >= 4 else 0
    if usual < LASTING:
        return 0.0
    near = max(2.0, 0.12 * usual)
    even = sum(1 for step in steps if min(abs(step - usual), abs(step - 2 * usual)) <= near) / len(steps)
    # of random days one step in six looks so
    chance = 1 / 6 + 2.0 * math.sqrt(5 / 36 / len(steps)) + 1.0 / len(steps)
    return max(0.0, (even - chance) / max(1.0 - chance, 0.05))


def _few_slots(slots: Sequence[int], period: int) -> float:
    # a course takes place on one to three weekdays, a market on one to three last digits
    n, best = len(slots), 0.0
    ordered = sorted(Counter(slots).values(), reverse=True)
    for most in range(1, 4):
        expected = most / period
        # the best of many pairs and triples of slots looks regular sooner than the best single one
        errors = (1.6 if most == 1 else 2.8) * (1.0 if period < 10 else 1.3)
        chance = expected + errors * math.sqrt(expected * (1 - expected) / n) + 1.0 / n
        if chance < 0.95:
            best = max(best, (sum(ordered[:most]) / n - chance) / (1.0 - chance))
    return best


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


def _kept_calendars(held: Mapping[str, float]) -> list[BenignCause]:
    """One cause for each kind of calendar, by the calendar that places most of the days."""
    kept: dict[str, tuple[float, str]] = {}
    for name, share in held.items():
        cause = _CALENDARS[name][0]
        if share > kept.get(cause, (0.0, ""))[0]:
            kept[cause] = (share, name)
    return [
        BenignCause(
            cause,
            0.9 * share,
            Text(
                f"共同日期的规律性：{_CALENDARS[name][1]}（{share:.0%}）",
                f"regularity of the common dates: {name} ({share:.0%})",
            ),
        )
        for cause, (share, name) in kept.items()
    ]


def _check_up(few_dates: float, fee_spread: float, employer: float, *, are_stays: bool) -> BenignCause:
    # nobody but an employer has people admitted to be checked up: bills of stays alike are what an organiser leaves behind
    same_fee = 0.0 if are_stays else max(0.0, 1.0 - fee_spread / 0.5)
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
    joint = 0.9 * max(0.0, min(1.0, (measured.joint - 0.25) / 0.5))
    # the same thing together, but another one each time: on tuning cities gathered cards reach 1.5, companions 1.2 to 4
    each_time = 0.6 * max(0.0, min(1.0, (measured.alike - 1.25) / 1.25))
    weight = (1.0 - (1.0 - joint) * (1.0 - each_time)) * math.exp(-unusual / 12.0)
    return BenignCause(
        "companions",
        weight,
        Text(
            f"同行时{measured.joint:.0%}的项目与同伴相同，相同程度至少为不同场次之间的{measured.alike:.1f}倍",
            f"{measured.joint:.0%} of what members took there was the same as a companion's, at least "
            f"{measured.alike:.1f} times as often as between different sessions",
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
    weight = max(0.0, (employer - 0.5) / 0.5) * (BY_EMPLOYER + (0.9 - BY_EMPLOYER) * few_dates)
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


def _busy_day(busy: float, usual: float) -> BenignCause:
    beyond = max(0.0, (busy - usual) / max(1.0 - usual, 0.05)) if busy > usual else 0.0
    return BenignCause(
        "busy_day_of_the_site",
        0.8 * beyond,
        Text(
            f"{busy:.0%}的共同场次落在该机构其他参保人至少为平日两倍的日期（这类日期占{usual:.0%}）",
            f"{busy:.0%} of the common sessions fall on days with at least twice the site's usual number of other persons "
            f"({usual:.0%} of its days are such)",
        ),
    )


def _feed_fault(at_once: float, in_heaps: float) -> BenignCause:
    return BenignCause(
        "feed_fault_of_the_site",
        0.9 * max(at_once, in_heaps),
        Text(
            f"{at_once:.0%}的共同场次当天，该机构其他结算多数记在同一分钟；{in_heaps:.0%}紧接无上传之日且当天成倍补传",
            f"on {at_once:.0%} of the common sessions most other settlements of the site bear one minute; {in_heaps:.0%} "
            "follow days without any and hold several days' settlements",
        ),
    )


def _informal_agent(phone: float, independent: float, measured: Content | None) -> BenignCause:
    # whoever runs errands for neighbours leaves one phone, and buys what they always need for what it always costs
    unusual = sum(s.value * s.weight for s in measured.signals) if measured else 0.0
    return BenignCause(
        "informal_agent",
        0.7 * max(0.0, (phone - 0.2) / 0.8) * independent * math.exp(-unusual / 12.0),
        Text(
            f"{phone:.0%}的成员登记同一联系电话，所购与本人平时相符程度计入权重",
            f"{phone:.0%} of members give one contact phone; counts as far as they bought what they usually do",
        ),
    )


def _screening(diagnosis: float, days: int) -> BenignCause:
    return BenignCause(
        "screening_or_operation_day",
        0.8 * diagnosis if days <= 2 else 0.0,
        Text(f"{days}个入院日，{diagnosis:.0%}诊断相同", f"{days} admission days, {diagnosis:.0%} with one diagnosis"),
    )
