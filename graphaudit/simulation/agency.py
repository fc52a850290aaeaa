"""The agency's offices: who accepts paper cases, who reviews them, who does all of one kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphaudit.simulation.randomness import Column, below
from graphaudit.simulation.sizes import DAY, HOUR, Size

SPECIAL_REASON = 2  # treatment elsewhere: where there is a specialist, that one accepts all of it


@dataclass(frozen=True, slots=True)
class Agency:
    """Handlers are numbered office by office; the first half of an office sits at the window, the rest reviews."""

    office: Column  # of each handler
    first: Column  # first handler of each office
    count: Column
    specialist: Column  # handler of each office who does all of one case kind; -1 = none

    def window(self, office: Column, draw: Column) -> Column:
        """Somebody who accepts cases at that office."""
        desks = np.maximum(1, (self.count[office] + 1) // 2)
        desks = np.where(self.count[office] == 2, 2, desks)
        return self.first[office] + below(desks, draw, 201)

    def reviewers(self, office: Column, accepted_by: Column, draw: Column) -> tuple[Column, Column]:
        """First and second reviewer; with two handlers the other one and then either, else two further people."""
        size = self.count[office]
        desks = (size + 1) // 2
        behind = np.maximum(size - desks, 1)
        pick = below(behind, draw, 202)
        one = self.first[office] + desks + pick
        two = self.first[office] + desks + (pick + 1) % behind
        two = np.where(behind == 1, self.first[office] + below(desks, draw, 203), two)
        small = size == 2
        other = self.first[office] + 1 - (accepted_by - self.first[office])
        one = np.where(small, other, one)
        return one, np.where(small, self.first[office] + below(2, draw, 204), two)


def agency_of(size: Size) -> Agency:
    """The offices of a city: one in four has two handlers only, half of the others have a specialist."""
    small = max(1, size.offices // 4)
    large = size.offices - small
    count = np.full(size.offices, 2)
    count[:large] = (size.handlers - 2 * small) // large
    count[: (size.handlers - 2 * small) % large] += 1
    first = np.cumsum(count) - count
    has = (np.arange(size.offices) < large) & (np.arange(size.offices) % 2 == 0)
    return Agency(np.repeat(np.arange(size.offices), count), first, count, np.where(has, first, -1))


def office_time(begins_weekday: int, day: Column, draw: Column) -> Column:
    """A second in office hours on that day, or on the next Monday when it falls on a weekend."""
    weekday = (begins_weekday + day) % 7
    moved = np.where(weekday > 4, day + 7 - weekday, day)
    hour = np.where(
        below(10, draw, 205) < 6, 8.5 + below(3_000, draw, 206) / 1_000, 14 + below(3_000, draw, 207) / 1_000
    )
    return moved * DAY + (hour * HOUR).astype(np.int64)
