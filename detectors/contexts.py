"""Contexts that link persons, and which of them depart together more than their sites and their kind do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
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


@dataclass(frozen=True, slots=True)
class Departures:
    """The table of departures in arrays, one entry a settlement, and how often those of a site and service depart.

    `place` finds the entry of a settlement by its number, -1 where it was not measured; households are numbered from 0,
    a cell is a site and service.
    """

    place: Ints
    unit: Ints
    cell: Ints
    flags: Ints
    units: int
    rates: _Rates

    @classmethod
    def of(cls, tables: duckdb.DuckDBPyConnection) -> Departures:
        """Read the temporary table `departures`."""
        rows = tables.execute(
            "SELECT settlement_no, site_no, service_no, unit_no, flags FROM departures ORDER BY settlement_no"
        ).fetchnumpy()
        numbers = np.asarray(rows["settlement_no"], np.int64)
        place = np.full(int(numbers[-1]) + 1 if len(numbers) else 0, -1, np.int64)
        place[numbers] = np.arange(len(numbers))
        site, service = (np.asarray(rows[name], np.int64) for name in ("site_no", "service_no"))
        services = int(service.max(initial=0)) + 1
        cell, flags = site * services + service, np.asarray(rows["flags"], np.int64)
        unit, known = pd.factorize(np.asarray(rows["unit_no"], np.int64))
        return cls(place, np.asarray(unit, np.int64), cell, flags, len(known), _Rates.of(cell, flags, services))


def departing(
    tables: duckdb.DuckDBPyConnection, departures: Departures, context: Context, least_units: int
) -> tuple[int, list[Departing]]:
    """Test every context of one kind; the number tested, and those beyond e^-3, by key. Leaves `context` filled.

    Contexts of fewer than `least_units` households that depart in anything are not tested.
    """
    tables.execute(f"CREATE OR REPLACE TEMP TABLE context AS {read_sql(f'context_{context.name}')}")
    rows = tables.execute("SELECT key, settlement_no FROM context").fetchnumpy()
    number = np.asarray(rows["settlement_no"], np.int64)
    known = number < len(departures.place)
    at = np.where(known, departures.place[np.where(known, number, 0)], -1) if len(departures.place) else number[:0]
    measured = at >= 0
    key, keys = pd.factorize(np.asarray(rows["key"], np.int64)[measured], sort=True)
    held = _Held.of(np.asarray(key, np.int64), at[measured], departures, least_units)
    if held is None:
        return 0, []
    tested, inside = held
    barred = [bit for bit, each in enumerate(DIMENSIONS) if each.name in context.decides]
    if context.decides >= _CARE:
        barred.append(TOGETHER)
    of = inside.contexts(departures.rates, [bit for bit in range(TOGETHER + 1) if bit not in barred])
    return len(tested), list(of.told(context, np.asarray(keys, np.int64)[tested], barred, least_units))


@dataclass(frozen=True, slots=True)
class _Held:
    """What the tested contexts of one kind hold, columnar.

    A part is a context's household at one site and service, with `n` settlements: its household of the context
    (`pair`, ascending from 0), its context's `cell` of the `cells`. `of_pair` has each pair's context. `departed`
    are the settlements that depart in anything, by cell; `shown` what each pair departs in, or 0.
    """

    pair: Ints
    n: Ints
    cell: Ints
    of_pair: Ints
    cells: Ints
    of_cell: Ints
    departed: tuple[Ints, Ints]
    shown: tuple[Ints, Ints]

    @classmethod
    def of(cls, key: Ints, at: Ints, departures: Departures, least_units: int) -> tuple[Ints, _Held] | None:
        """The numbers of the contexts that are tested, ascending, and what they hold; None where there is none."""
        flags, unit, cell = departures.flags[at], departures.unit[at], departures.cell[at]
        odd = np.flatnonzero(flags)
        pair = key[odd] * departures.units + unit[odd]
        order = np.argsort(pair)
        first = _changes(pair[order])
        shown_pair = pair[order][first]
        shown = np.bitwise_or.reduceat(flags[odd][order], first) if len(first) else flags[:0]
        tested = np.flatnonzero(np.bincount(shown_pair // departures.units) >= least_units)
        if not len(tested):
            return None
        number = np.full(int(key.max()) + 1, -1, np.int64)
        number[tested] = np.arange(len(tested))
        kept, kept_odd = number[key] >= 0, number[key[odd]] >= 0
        kept_shown = number[shown_pair // departures.units] >= 0
        size = int(departures.cell.max()) + 1
        code = np.sort((key[kept] * departures.units + unit[kept]) * size + cell[kept])
        first = _changes(code)
        code, n = code[first], np.diff(first, append=len(code))
        households = code // size
        begun = _changes(households)
        part = number[households // departures.units] * size + code % size
        cells = np.unique(part)
        held = cls(
            pair=np.repeat(np.arange(len(begun)), np.diff(begun, append=len(households))),
            n=n,
            cell=np.searchsorted(cells, part),
            of_pair=number[households[begun] // departures.units],
            cells=cells % size,
            of_cell=cells // size,
            departed=(
                np.searchsorted(cells, number[key[odd][kept_odd]] * size + cell[odd][kept_odd]),
                flags[odd][kept_odd],
            ),
            shown=(number[shown_pair[kept_shown] // departures.units], shown[kept_shown]),
        )
        return tested, held

    def contexts(self, rates: _Rates, bits: list[int]) -> _Contexts:
        """Expected and observed households of each context in the dimensions `bits`."""
        number = int(self.of_cell[-1]) + 1
        own = np.asarray(np.bincount(self.cell, weights=self.n, minlength=len(self.cells)), np.float64)
        parts = np.bincount(self.pair)
        several = parts[self.pair] > 1
        # households with all their settlements at one site and service are alike where they have as many
        most = int(self.n.max()) + 1
        alike, households = np.unique(self.cell[~several] * most + self.n[~several], return_counts=True)
        alike_cell, alike_n = alike // most, alike % most
        pair = self.pair[several]
        first = _changes(pair)
        of_pair = self.of_pair[pair[first]]
        expected, observed = (np.zeros((number, TOGETHER + 1), np.float64) for _ in range(2))
        for bit in bits:
            departed = np.bincount(self.departed[0][_has(self.departed[1], bit)], minlength=len(self.cells))
            never = np.log1p(-rates.elsewhere(bit, self.cells, own, departed))
            one = -np.expm1(alike_n * never[alike_cell]) * households
            expected[:, bit] = np.bincount(self.of_cell[alike_cell], weights=one, minlength=number)
            if len(first):
                more = -np.expm1(np.add.reduceat(self.n[several] * never[self.cell[several]], first))
                expected[:, bit] += np.bincount(of_pair, weights=more, minlength=number)
            observed[:, bit] = np.bincount(self.shown[0][_has(self.shown[1], bit)], minlength=number)
        return _Contexts(expected, observed, np.bincount(self.of_pair, minlength=number))


@dataclass(frozen=True, slots=True)
class _Rates:
    """How often settlements depart: `n` of each cell, and per dimension those that do, there and in the city's service."""

    n: Floats
    departed: Floats
    city: Floats

    @classmethod
    def of(cls, cell: Ints, flags: Ints, services: int) -> _Rates:
        """Count the settlements of each cell, whose service is its number modulo `services`."""
        size = -(-(int(cell.max(initial=0)) + 1) // services) * services
        n = np.bincount(cell, minlength=size).astype(np.float64)
        odd = np.flatnonzero(flags)
        odd_cell, odd_flags = cell[odd], flags[odd]
        departed = np.column_stack(
            [np.bincount(odd_cell[_has(odd_flags, bit)], minlength=size) for bit in range(TOGETHER + 1)]
        ).astype(np.float64)
        by_service = np.arange(size) % services
        of_service = departed.reshape(-1, services, TOGETHER + 1).sum(axis=0)
        every = np.maximum(np.bincount(by_service, weights=n), 1)
        return cls(n, departed, (of_service / every[:, None])[by_service])

    def elsewhere(self, bit: int, cell: Ints, own: Floats, own_departed: Ints) -> Floats:
        """The rate of one dimension at each cell without the `own` settlements there, mixed with some of the city's."""
        departed = np.maximum(self.departed[cell, bit] - own_departed, 0)
        rate = (departed + CITY_SETTLEMENTS * self.city[cell, bit]) / (self.n[cell] - own + CITY_SETTLEMENTS)
        return np.asarray(np.clip(rate, 1e-5, 0.999), np.float64)


@dataclass(frozen=True, slots=True)
class _Contexts:
    """Per context and dimension: households expected to depart, and those that do; `units` counts all."""

    expected: Floats
    observed: Floats
    units: Ints

    def told(self, context: Context, keys: Ints, barred: list[int], least_units: int) -> Iterator[Departing]:
        log_p = np.zeros_like(self.observed)
        many = (self.observed >= least_units) & (self.expected <= MOST_EXPECTED * self.observed)
        many[:, barred] = False
        for bit in np.flatnonzero(many.any(axis=0)):
            log_p[many[:, bit], bit] = self._log_p(int(bit), many[:, bit])
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

    def _log_p(self, bit: int, asked: npt.NDArray[np.bool_]) -> Floats:
        """Log chance of what the contexts `asked` show in one dimension: Poisson, wider where contexts differ anyway."""
        observed, expected = self.observed[:, bit], np.maximum(self.expected[:, bit], 0.05)
        many = self.expected[:, bit] >= 1.0
        spread = 0.0
        if many.sum() >= LEAST_CONTEXTS:
            low, high = np.quantile(observed[many] / expected[many], [0.1, 0.9])
            spread = max(0.0, ((high - low) / 2.563) ** 2 - float(np.mean(1.0 / expected[many])))
        if spread > 1e-3:
            shape = 1.0 / spread
            tail = stats.nbinom.logsf(observed[asked] - 1, shape, shape / (shape + expected[asked]))
        else:
            tail = stats.poisson.logsf(observed[asked] - 1, expected[asked])
        return np.asarray(np.maximum(tail, -700.0), np.float64)


def _has(flags: Ints, bit: int) -> npt.NDArray[np.bool_]:
    return np.asarray((flags >> bit) & 1, np.bool_)


def _changes(ordered: Ints) -> Ints:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
