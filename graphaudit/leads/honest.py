"""How many honest groups would look as strong as a lead: what chance alone does not say.

A p-value holds a group against chance. Friends, neighbours and carers are no chance either, and an innocent cause is
not always seen in the records. So every pattern is held against the leads of cities without rings too:
`honest_groups.json` keeps their residual evidence, written by `python -m tests.benchmarks.honest_groups` from the
tuning cities. The q-value of a lead is at least the number of honest groups expected at or beyond its evidence, in a
city of this size, for each lead of its pattern that is there. The cities are simulated: another city's honest groups
differ, and a unit that knows its own better writes the file anew.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

#: Half a group in every city that is like none of those cities: their honest groups are simulated, and this city's are
#: not. A pattern without any honest lead so far is not proof against them either.
UNSEEN = 0.5


@dataclass(frozen=True, slots=True)
class HonestGroups:
    """Residual evidence of leads on cities without rings, by pattern, largest first; `persons` of all these cities."""

    persons: int
    residuals: dict[str, tuple[float, ...]]

    def expected(self, pattern: str, residual: float, persons: int) -> float:
        """Honest groups of `pattern` with at least `residual` evidence to expect in a city of `persons`.

        Beyond the largest that was seen, their number falls by e with every mean excess over the smallest.
        """
        seen = self.residuals.get(pattern, ())
        every = [value for values in self.residuals.values() for value in values]
        least = min(every)
        fall = sum(value - least for value in every) / len(every) or 1.0
        stronger = sum(value >= residual for value in seen) * persons / self.persons + UNSEEN
        beyond = max(residual - max(seen, default=least), 0.0)
        return stronger * math.exp(-beyond / fall)


@cache
def known() -> HonestGroups:
    """The honest groups of the cities that the product was tuned on."""
    text = resources.files(__package__).joinpath("honest_groups.json").read_text(encoding="utf-8")
    held = json.loads(text)
    return HonestGroups(held["persons"], {name: tuple(values) for name, values in held["residuals"].items()})


def least_q(leads: Sequence[tuple[str, float]], persons: int, honest: HonestGroups | None = None) -> list[float]:
    """The least q-value of each of `leads` (pattern, residual evidence), in a city of so many `persons`."""
    groups = honest or known()
    by_pattern: dict[str, list[int]] = defaultdict(list)
    for index, (pattern, _) in enumerate(leads):
        by_pattern[pattern].append(index)
    result = [1.0] * len(leads)
    for pattern, indices in by_pattern.items():
        smallest = 1.0
        # from the weakest on: a lead is as good as the best list that ends at it or below
        indices.sort(key=lambda index: leads[index][1])
        for place, index in enumerate(indices):
            residual = leads[index][1]
            there = sum(leads[other][1] >= residual for other in indices[place:])
            smallest = min(smallest, groups.expected(pattern, residual, persons) / max(there, 1))
            result[index] = smallest
    return result
