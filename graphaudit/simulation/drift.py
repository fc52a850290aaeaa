"""What changes for all in mid-year: the drug list, prescriptions for longer, a clinic that moves, a late winter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from graphaudit.simulation.catalogue import Catalogue
from graphaudit.simulation.people import People
from graphaudit.simulation.places import CLINIC, Places
from graphaudit.simulation.randomness import Column, Streams, share
from graphaudit.simulation.sizes import DAY, Size

CHEAPER = 0.12  # of drugs, after a round of central purchasing
DELISTED = 0.06
TAKES_LONGER = 0.45  # of patients, who then come every second time for twice as much
CYCLE = 28
MOVES_AWAY = 0.7  # of visits by customers for whom the clinic's new place is far
MOVES_IN = 0.3  # of visits of people near the new place to their former clinics
NEAR = 2.5  # km
LATE_WINTER = date(2026, 2, 12)
EASED = 0.4  # of respiratory stays before the late wave that fall away
WAVE = 0.35  # respiratory stays of the wave, for each of the whole period
RESPIRATORY = ("pneumonia", "chronic_bronchitis")


@dataclass(frozen=True, slots=True)
class Move:
    """A clinic moves to another place; kilometres, seconds since the first day."""

    site: int
    at: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drift:
    """What drifts in one city, from when. Seconds since the first day; item columns have one entry an item."""

    list_from: int
    successor: Column
    price: Column
    longer_from: int
    moves: tuple[Move, ...]
    wave: tuple[int, int]  # days

    def listed(self, item: Column, at: Column) -> tuple[Column, Column]:
        """What is handed over for an item at that moment, and by what its price is multiplied."""
        new = at >= self.list_from
        return np.where(new, self.successor[item], item), np.where(new, self.price[self.successor[item]], 1.0)

    def longer(self, refills: Column) -> Column:
        """Refills as they are made once prescriptions may last twice as long."""
        after = (refills["at"] >= self.longer_from) & (share(refills["person"], 121) < TAKES_LONGER)
        turn = (refills["at"] // DAY + (share(refills["person"], 122) * 2 * CYCLE).astype(np.int64)) // CYCLE % 2
        kept = refills[~after | (turn == 0)]
        kept["scale"] = np.where(after[~after | (turn == 0)], 2.0, kept["scale"])
        result: Column = kept
        return result


def _lists(goods: Catalogue, rng: np.random.Generator) -> tuple[Column, Column]:
    """Successor and price factor of each item; a drug is replaced by another one for the same illness."""
    items, menus = goods.items, goods.menus
    successor, price = np.arange(len(items.codes)), np.ones(len(items.codes))
    drugs = np.flatnonzero(items.is_drug)
    cheaper = drugs[rng.random(len(drugs)) < CHEAPER]
    price[cheaper] = rng.uniform(0.35, 0.75, len(cheaper))
    for template in np.unique(goods.shop[goods.shop >= 0]).tolist():
        first, count = int(menus.first[template, 0]), int(menus.count[template, 0])
        pool = menus.choices[first : first + count]
        out = pool[rng.random(count) < DELISTED]
        left = np.setdiff1d(pool, out)
        if len(left):
            successor[out] = left[rng.integers(0, len(left), len(out))]
    return successor, price


def drift_of(size: Size, places: Places, goods: Catalogue, streams: Streams) -> Drift:
    """The drift that this seed decides."""
    rng = streams.of("drift")
    sites, hoods = places.sites, places.neighbourhoods
    months = np.array([d for d in range(size.days) if _day(size, d).day == 1 and 0.25 < d / size.days < 0.75])
    successor, price = _lists(goods, rng)
    clinics = rng.permutation(sites.of_kind(CLINIC))[: max(1, size.clinics // 20)]
    moves = []
    for site in np.sort(clinics).tolist():
        distance = np.hypot(hoods.x - sites.x[site], hoods.y - sites.y[site])
        away = np.flatnonzero((distance > 3.0) & (distance < 12.0))
        to = int(rng.choice(away if len(away) else np.arange(len(hoods))))
        moment = int(rng.uniform(0.3, 0.7) * size.days) * DAY
        moves.append(Move(site, moment, float(hoods.x[to]), float(hoods.y[to])))
    begin = (LATE_WINTER - size.begins).days + int(rng.integers(0, 18))
    return Drift(
        int(rng.choice(months)) * DAY, successor, price, int(rng.choice(months)) * DAY, tuple(moves),
        (begin, begin + int(rng.integers(28, 43))),
    )  # fmt: skip


def _day(size: Size, number: int) -> date:
    return date.fromordinal(size.begins.toordinal() + number)


def follow_moves(drift: Drift, people: People, places: Places, made: Column) -> None:
    """Customers of a clinic that has moved go elsewhere when it is far now, and its new neighbours come, in place."""
    hoods, kinds = places.neighbourhoods, places.sites.kind
    for move in drift.moves:
        home = people.neighbourhood[made["person"]]
        near = np.hypot(hoods.x[home] - move.x, hoods.y[home] - move.y) < NEAR
        after = made["at"] >= move.at
        draw = share(made["person"], made["at"], 123)
        other = places.nearby(CLINIC, home, share(made["person"], made["at"], 124))
        for salt in range(125, 129):  # chances still count the clinic at its former place
            again = places.nearby(CLINIC, home, share(made["person"], made["at"], salt))
            other = np.where(other == move.site, again, other)
        leaves = after & (made["site"] == move.site) & ~near & (draw < MOVES_AWAY)
        comes = after & (kinds[made["site"]] == CLINIC) & near & (draw < MOVES_IN)
        made["site"] = np.where(leaves, other, np.where(comes, move.site, made["site"]))


def late_wave(drift: Drift, goods: Catalogue, stays: Column, rng: np.random.Generator) -> Column:
    """The stays with fewer respiratory ones in early winter and more in the weeks of the wave."""
    lungs = np.isin(stays["diagnosis"], [goods.diagnoses.number(name) for name in RESPIRATORY])
    begin, end = drift.wave
    admitted = stays["begin"] // DAY
    early = lungs & (admitted < begin) & (admitted > begin - 75)
    kept = stays[~(early & (rng.random(len(stays)) < EASED))]
    wave = stays[lungs & (rng.random(len(stays)) < WAVE)].copy()
    moved = ((begin + rng.integers(0, end - begin, len(wave)) - wave["begin"] // DAY) * DAY).astype(np.int32)
    for moment in ("begin", "end", "at"):
        wave[moment] += moved
    wave["basket"] = rng.integers(0, 1 << 60, len(wave))
    result: Column = np.concatenate([kept, wave])
    return result


def drift_in_truth(drift: Drift, size: Size, codes: tuple[str, ...]) -> dict[str, Any]:
    """What drifted, as the truth tells it."""

    def on(second: int) -> str:
        return _day(size, second // DAY).isoformat()

    return {
        "drug_list_from": on(drift.list_from),
        "long_prescriptions_from": on(drift.longer_from),
        "moved": [{"site": codes[move.site], "from": on(move.at)} for move in drift.moves],
        "respiratory_wave": {"from": on(drift.wave[0] * DAY), "to": on(drift.wave[1] * DAY)},
    }
