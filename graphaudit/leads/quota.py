"""Channels with a quota: a few leads of what no named pattern foresees, always below those that compete for the list.

The order of the list is score, then amount, then id. So that leads with a quota never stand above tested ones, their
scores are squeezed below the least score of a tested lead: with s = R / (R + HALF) as for any lead, the channel for the
unforeseen gets least · (1 + s) / 2, exploration least · s / 2. Within a channel the evidence decides,
and one contribution says how much of it the place does not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphaudit.findings import Channel
from graphaudit.leads.fuse import Fused
from graphaudit.leads.score import Scored
from graphaudit.settings import LEAST_SCORE

#: A group of which at least this share of persons is named by leads above it tells nothing new.
KNOWN = 0.5


@dataclass(frozen=True, slots=True)
class Placed:
    """A group of a channel with its score, which is final."""

    channel: Channel
    group: Fused
    scored: Scored


def within_quota(
    channel: Channel,
    groups: Sequence[Fused],
    scored: Sequence[Scored],
    above: Sequence[Placed],
    *,
    least_score: float,
    quota: int,
) -> list[Placed]:
    """The best `quota` of `groups` that the channels above do not know yet, their scores squeezed below those.

    Left out are groups whose own evidence is below `least_score`, groups that an innocent cause explains better, groups
    half of whose persons stand in leads above, and groups that are the same people as one that was explained there.
    """
    listed = [each for each in above if each.channel != "tested" or each.scored.score >= least_score]
    named = {person for each in listed for person in _persons(each.group)}
    explained = [_persons(each.group) for each in above if each.scored.is_innocent]
    least = least_score or min((each.scored.score for each in above if each.channel == "tested"), default=LEAST_SCORE)
    order = sorted(
        zip(groups, scored, strict=True),
        key=lambda pair: (-pair[1].score, len(pair[0].settlements), pair[0].settlements),
    )
    kept: list[Placed] = []
    for group, each in order:
        persons = _persons(group)
        is_known = len(persons & named) >= KNOWN * max(len(persons), 1)
        is_innocent = each.is_innocent or any(_same(persons, others) for others in explained)
        if len(kept) == quota or each.score < (least_score or LEAST_SCORE) or is_known or is_innocent:
            continue
        kept.append(Placed(channel, group, each.placed(_squeezed(channel, each.score, least))))
        named |= persons
    return kept


def _squeezed(channel: Channel, score: float, least: float) -> float:
    """`score` in [0, 1) below `least`: the upper half of what is left for the unforeseen, the lower for exploration."""
    share = (1.0 + score) / 2 if channel == "unforeseen" else score / 2
    # rounding must not lift it onto the least score of a tested lead
    return round(max(min(least * share, least - 1e-6), 0.0), 6)


def _persons(group: Fused) -> frozenset[int]:
    return frozenset(member.no for member in group.members if member.kind == "person")


def _same(persons: frozenset[int], others: frozenset[int]) -> bool:
    shared = len(persons & others)
    return 2 * shared >= len(persons) > 0 and 2 * shared >= len(others)
