"""Contexts that link persons, and which of them depart together more than their sites and their kind do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
from scipy import stats

from detectors.communities import Floats, Ints
from detectors.departures import DIMENSIONS, TOGETHER
from detectors.groups import read_sql
from graphaudit.findings import Text

#: Settlements of the city's rate that every site's own rate is mixed with.
CITY_SETTLEMENTS = 50
#: Fewer contexts of a kind do not show how far contexts of that kind differ by themselves.
LEAST_CONTEXTS = 20
#: A group is told by departures of which at most this share would be expected anyway.
MOST_EXPECTED = 0.4

_CARE = frozenset(dimension.name for dimension in DIMENSIONS if dimension.is_care)
_PLACE = frozenset({"new_site", "distance"})
#: What the hours and the clock of a desk bring about.
_STAFF = frozenset({"hour", "swipe", "elsewhere"})


@dataclass(frozen=True, slots=True)
class Context:
    """A kind of link between persons: `name` of its query, and the dimensions that it brings about by itself."""

    name: str
    text: Text
    decides: frozenset[str] = frozenset()


CONTEXTS = (
    Context("doctor", Text("同一医师", "one doctor"), _CARE | _STAFF),
    Context("purchases_after_doctor", Text("就诊于同一医师后一天内的购药", "purchases within a day of seeing one doctor"), _CARE | _STAFF),
    Context("operator", Text("同一操作员", "one operator"), _CARE | _STAFF),
    Context("terminal", Text("同一终端", "one terminal"), _CARE | _STAFF),
    Context("period", Text("同一机构同一时段", "one site in one fortnight"), _CARE | _STAFF | _PLACE),
    Context("contact", Text("同一联系电话", "one contact phone")),
    Context("employer", Text("同一单位的人员在同一机构", "people of one employer at one site"), _PLACE),
    Context("address", Text("同一住址的人员在同一机构", "people of one address at one site"), _PLACE),
    Context("origin", Text("同一常去机构的人员在另一机构", "people who mostly go to one site, at one other site"), _CARE | _PLACE | _STAFF),
    Context("account", Text("同一收款账户", "one account that was paid")),
    Context("reviewer", Text("同一经办人的零星报销", "paper cases of one handler"), _CARE),
    Context("companions", Text("时常同场的人员", "people who are often at the same place at once"), _PLACE | _STAFF),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Departing:
    """A context whose households depart: `told` holds the bits of the dimensions that tell, the strongest first.

    `counts` has, for each of them, households that depart and how many would be expected; `log_p` is the log of the chance
    of so much in any dimension of this one context.
    """

    context: Context
    key: int
    told: tuple[int, ...]
    counts: tuple[tuple[int, float], ...]
    units: int
    log_p: float


def departing(tables: duckdb.DuckDBPyConnection, context: Context, least_units: int) -> tuple[int, list[Departing]]:
    """Test every context of one kind; the number tested, and those beyond e^-3, by key. Leaves `context` filled."""
    tables.execute(f"CREATE OR REPLACE TEMP TABLE context AS {read_sql(f'context_{context.name}')}")
    held = tables.execute(read_sql("context_units"), {"least_units": least_units}).fetchnumpy()
    if not len(held["key"]):
        return 0, []
    rates = _Rates(tables)
    keys, key = np.unique(np.asarray(held["key"], np.int64), return_inverse=True)
    n, flags = np.asarray(held["n"], np.int64), np.asarray(held["flags"], np.int64)
    cell = rates.cell(np.asarray(held["site_no"], np.int64), np.asarray(held["service_no"], np.int64))
    usual = rates.elsewhere(key, cell, n, flags)
    unit = _numbered(key, np.asarray(held["unit_no"], np.int64))
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    key_of = key[first]
    of = _Contexts(
        expected=_summed(key_of, -np.expm1(np.add.reduceat(n[:, None] * np.log1p(-usual), first)), len(keys)),
        observed=_summed(key_of, _bits(np.bitwise_or.reduceat(flags, first)), len(keys)),
        units=np.bincount(key_of, minlength=len(keys)),
    )
    barred = [bit for bit, each in enumerate(DIMENSIONS) if each.name in context.decides]
    if context.decides >= _CARE:
        barred.append(TOGETHER)
    return len(keys), list(of.told(context, keys, barred, least_units))


class _Rates:
    """How often settlements of a site and service depart, dimension by dimension."""

    def __init__(self, tables: duckdb.DuckDBPyConnection) -> None:
        rows = tables.execute(read_sql("departure_rates")).fetchnumpy()
        site, service = (np.asarray(rows[name], np.int64) for name in ("site_no", "service_no"))
        self.services = int(service.max()) + 1
        cell = self.cell(site, service)
        number = np.asarray(rows["n"], np.int64)
        size = (int(site.max()) + 1) * self.services
        self.n = np.bincount(cell, weights=number, minlength=size)
        self.departed = _summed(cell, _bits(np.asarray(rows["flags"], np.int64)) * number[:, None], size)
        by_service = np.arange(size) % self.services
        of_service = _summed(by_service, self.departed, self.services)
        self.city = (of_service / np.bincount(by_service, weights=self.n)[:, None])[by_service]

    def cell(self, site: Ints, service: Ints) -> Ints:
        return site * self.services + service

    def elsewhere(self, key: Ints, cell: Ints, n: Ints, flags: Ints) -> Floats:
        """The rate at each row's site and service outside the row's context, mixed with some of the city's."""
        inside = _numbered(key, cell, ordered=False)
        own = np.bincount(inside, weights=n)
        own_departed = _summed(inside, _bits(flags) * n[:, None], len(own))
        others = self.n[cell] - own[inside]
        departed = np.maximum(self.departed[cell] - own_departed[inside], 0)
        rate = (departed + CITY_SETTLEMENTS * self.city[cell]) / (others + CITY_SETTLEMENTS)[:, None]
        return np.asarray(np.clip(rate, 1e-5, 0.999), np.float64)


@dataclass(frozen=True, slots=True)
class _Contexts:
    """Per context and dimension: households expected to depart, and those that do; `units` counts all."""

    expected: Floats
    observed: Floats
    units: Ints

    def told(self, context: Context, keys: Ints, barred: list[int], least_units: int) -> Iterator[Departing]:
        log_p = np.column_stack([self._log_p(bit) for bit in range(TOGETHER + 1)])
        log_p[:, barred] = 0.0
        log_p[(self.observed < least_units) | (self.expected > MOST_EXPECTED * self.observed)] = 0.0
        dimensions = TOGETHER + 1 - len(barred)
        best = log_p.min(axis=1) + math.log(dimensions)
        for place in np.flatnonzero(best < -3.0):
            bits = [
                int(bit)
                for bit in np.argsort(log_p[place], kind="stable")
                if log_p[place, bit] + math.log(dimensions) < -3.0
            ]
            counts = tuple((int(self.observed[place, bit]), float(self.expected[place, bit])) for bit in bits)
            yield Departing(context, int(keys[place]), tuple(bits), counts, int(self.units[place]), float(best[place]))

    def _log_p(self, bit: int) -> Floats:
        """Log chance of the observed in one dimension: Poisson, wider where contexts of this kind differ by themselves."""
        observed, expected = self.observed[:, bit], np.maximum(self.expected[:, bit], 0.05)
        many = self.expected[:, bit] >= 1.0
        spread = 0.0
        if many.sum() >= LEAST_CONTEXTS:
            low, high = np.quantile(observed[many] / expected[many], [0.1, 0.9])
            spread = max(0.0, ((high - low) / 2.563) ** 2 - float(np.mean(1.0 / expected[many])))
        if spread > 1e-3:
            shape = 1.0 / spread
            tail = stats.nbinom.logsf(observed - 1, shape, shape / (shape + expected))
        else:
            tail = stats.poisson.logsf(observed - 1, expected)
        return np.asarray(np.maximum(tail, -700.0), np.float64)


def _bits(flags: Ints) -> Floats:
    return ((flags[:, None] >> np.arange(TOGETHER + 1)) & 1).astype(np.float64)


def _summed(group: Ints, values: Floats, size: int) -> Floats:
    """Sums of the rows of `values` by their number in `group`."""
    return np.column_stack([np.bincount(group, weights=column, minlength=size) for column in values.T])


def _numbered(one: Ints, other: Ints, *, ordered: bool = True) -> Ints:
    """A number for each pair of values; with `ordered` the pairs come sorted and only changes are counted."""
    if ordered:
        changes = (np.diff(one, prepend=one[:1]) != 0) | (np.diff(other, prepend=other[:1]) != 0)
        return np.cumsum(changes).astype(np.int64)
    return np.asarray(np.unique(one * (int(other.max()) + 1) + other, return_inverse=True)[1], np.int64)
