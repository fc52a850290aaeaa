"""The map: neighbourhoods, designated sites with their desks, and the doctors who work there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphaudit.simulation.randomness import Column, Streams, below, mix, share
from graphaudit.simulation.sizes import DAY, HOUR, Size

HOSPITAL, CLINIC, VILLAGE, PHARMACY, REMOTE = range(5)
SPECIALITIES = ("general", "orthopaedics", "gynaecology", "paediatrics")
REMOTE_HOSPITALS = 8
MARKET_CYCLE = 5  # days between two market days
FOREVER = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """One entry a neighbourhood; persons are numbered neighbourhood by neighbourhood. Kilometres."""

    x: Column
    y: Column
    division: Column
    is_village: Column

    def __len__(self) -> int:
        return len(self.x)


@dataclass(slots=True)
class Sites:
    """One entry a designated site. Times in seconds since the city's first day."""

    kind: Column
    x: Column
    y: Column
    division: Column
    level: tuple[str, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    beds: Column
    operators: Column
    opens: Column  # hour of the day
    closes: Column
    market_phase: Column  # -1 = no market
    price_factor: Column
    chain: Column  # pharmacies of one chain share a number; -1 = independent
    open_from: Column
    open_until: Column
    paused_from: Column
    paused_until: Column
    heir: Column  # the site to which custom goes while this one is closed
    clock_offset: Column
    batches: Column  # settlements are uploaded at the end of the hour

    def __len__(self) -> int:
        return len(self.kind)

    def is_shut(self, site: Column, at: Column) -> Column:
        """Not open yet, closed for good, or suspended."""
        paused = (at >= self.paused_from[site]) & (at < self.paused_until[site])
        return (at < self.open_from[site]) | (at >= self.open_until[site]) | paused

    def always_open(self, until: int) -> Column:
        """Sites that are open from the first second to the last."""
        return (self.open_from < 0) & (self.open_until > until) & (self.paused_from > until)

    def neighbour(self, site: int, among: Column) -> int:
        """The site nearest to `site` among others."""
        distance = np.hypot(self.x[among] - self.x[site], self.y[among] - self.y[site])
        return int(among[int(np.where(among == site, np.inf, distance).argmin())])

    def of_kind(self, *kinds: int) -> Column:
        return np.flatnonzero(np.isin(self.kind, kinds))

    def on_duty(self, site: Column) -> Column:
        """How many operators work at the site on one day."""
        result: Column = np.maximum(1, (self.operators[site] * 3 + 4) // 5)
        return result

    def operator_at(self, site: Column, at: Column, draw: Column) -> Column:
        """The operator who serves a visit, out of those on duty that day."""
        day = at // DAY
        return (day + below(self.on_duty(site), draw, 71)) % self.operators[site]

    def is_on_duty(self, site: Column, operator: Column, day: Column) -> Column:
        return (operator - day) % self.operators[site] < self.on_duty(site)


@dataclass(frozen=True, slots=True)
class Doctors:
    """One entry a doctor; `pool` lists who can be met at a site for a speciality."""

    site: Column
    second_site: Column  # -1 = practises at one site only
    speciality: Column
    pool: Column
    pool_first: Column  # [site, speciality]
    pool_count: Column

    def __len__(self) -> int:
        return len(self.site)

    def choose(self, site: Column, speciality: Column, person: Column, draw: Column) -> Column:
        """The doctor of a visit: mostly the person's own at that site, else anyone there; -1 at pharmacies."""
        count = self.pool_count[site, speciality]
        own = mix(person, site, speciality, 11)
        anyone = mix(draw, 13)
        pick = np.where(share(draw, 12) < 0.7, own, anyone) % np.maximum(count, 1).astype(np.uint64)
        chosen = self.pool[self.pool_first[site, speciality] + pick.astype(np.int64)]
        return np.where(count > 0, chosen, -1)


@dataclass(frozen=True, slots=True)
class Places:
    neighbourhoods: Neighbourhoods
    sites: Sites
    doctors: Doctors
    reach: dict[int, tuple[Column, Column]]  # site kind -> (site numbers, cumulative chances by neighbourhood)

    def nearby(self, kind: int, neighbourhood: Column, draw: Column) -> Column:
        """A site of this kind, near ones being likelier; `draw` in [0, 1) decides which."""
        numbers, cumulative = self.reach[kind]
        flat = (cumulative + np.arange(len(cumulative))[:, None]).ravel()
        found = np.searchsorted(flat, neighbourhood + draw * 0.999999, side="right")
        result: Column = numbers[np.minimum(found - neighbourhood * len(numbers), len(numbers) - 1)]
        return result


def _neighbourhoods(
    size: Size, villages: tuple[Column, Column], centres: Column, rng: np.random.Generator
) -> Neighbourhoods:
    total = max(10, size.persons // 220)
    rural = round(total * 0.36)
    centre = rng.integers(0, len(centres), total - rural)
    x = centres[centre, 0] + rng.normal(0, 2.6, total - rural)
    y = centres[centre, 1] + rng.normal(0, 2.6, total - rural)
    at = np.arange(rural) % len(villages[0])
    x = np.concatenate([x, villages[0][at] + rng.normal(0, 0.9, rural)])
    y = np.concatenate([y, villages[1][at] + rng.normal(0, 0.9, rural)])
    is_village = np.arange(total) >= total - rural
    distance = (x[:, None] - centres[None, :, 0]) ** 2 + (y[:, None] - centres[None, :, 1]) ** 2
    division = distance.argmin(axis=1)
    order = np.lexsort((y, x, is_village, division))
    return Neighbourhoods(x[order], y[order], division[order], is_village[order])


def _sites(size: Size, centres: Column, rng: np.random.Generator) -> Sites:
    counts = (size.hospitals, size.clinics, size.village_clinics, size.pharmacies, REMOTE_HOSPITALS)
    kind = np.repeat(np.arange(5), counts)
    total = len(kind)
    centre = rng.integers(0, len(centres), total)
    angle, radius = rng.uniform(0, 2 * np.pi, total), np.abs(rng.normal(0, 3.0, total))
    radius = np.where(kind == VILLAGE, rng.uniform(8, 18, total), radius)
    radius = np.where(kind == REMOTE, rng.uniform(150, 900, total), radius)
    x = centres[centre, 0] + radius * np.cos(angle)
    y = centres[centre, 1] + radius * np.sin(angle)
    division = ((x[:, None] - centres[None, :, 0]) ** 2 + (y[:, None] - centres[None, :, 1]) ** 2).argmin(axis=1)
    rank = np.concatenate([np.arange(n) for n in counts])
    big = (kind == HOSPITAL) & (rank < max(1, size.hospitals // 3))
    level = np.where(kind == HOSPITAL, np.where(big, "02", np.where(rank % 2 == 0, "05", "08")), "11")
    level = np.where(kind == CLINIC, "09", np.where(kind == VILLAGE, "10", np.where(kind == REMOTE, "02", level)))
    spread = rng.random(total)
    beds = np.where(kind == HOSPITAL, np.where(big, 700, 90 + (spread * 160).astype(np.int64)), 0)
    operators = np.select(
        [big, kind == HOSPITAL, kind == CLINIC, kind == VILLAGE], [12, 6, 3, 2], 2 + (spread * 2.4).astype(np.int64)
    )
    scrambled = 1_000 + rng.permutation(total)
    codes, names = [], []
    titles = ("医院", "社区卫生服务中心", "村卫生室", "大药房", "省外医院")
    words = ("安", "康", "和", "仁", "济", "民", "益", "福", "宁", "同", "德", "泰", "春", "永", "华", "平")
    for n in range(total):
        letter = "P" if kind[n] == PHARMACY else "H"
        area = "980100" if kind[n] == REMOTE else f"9901{division[n] + 1:02d}"
        codes.append(f"{letter}{area}{scrambled[n]:05d}")
        names.append(f"{words[n % 16]}{words[(n // 16 + n * 5 + 3) % 16]}{titles[kind[n]]}{n}")
    chain = np.where((kind == PHARMACY) & (spread < 0.55), rank % max(2, size.pharmacies // 12), -1)
    return Sites(
        kind=kind, x=x, y=y, division=division, level=tuple(str(v) for v in level), codes=tuple(codes),
        names=tuple(names), beds=beds, operators=operators,
        opens=np.select([kind == PHARMACY, kind == HOSPITAL], [8, 8], 8),
        closes=np.select([kind == PHARMACY, kind == HOSPITAL, kind == VILLAGE], [21, 18, 18], 17),
        market_phase=np.where(kind == VILLAGE, rank % MARKET_CYCLE, -1),
        price_factor=np.round(rng.normal(1.0, 0.05, total).clip(0.85, 1.2), 3), chain=chain,
        open_from=np.full(total, -1, dtype=np.int64), open_until=np.full(total, FOREVER, dtype=np.int64),
        paused_from=np.full(total, FOREVER, dtype=np.int64),
        paused_until=np.full(total, FOREVER, dtype=np.int64),
        heir=np.arange(total), clock_offset=np.zeros(total, dtype=np.int64), batches=np.zeros(total, dtype=bool),
    )  # fmt: skip


def _doctors(sites: Sites, rng: np.random.Generator, second_jobs: float) -> Doctors:
    per_site = np.select(
        [sites.beds >= 500, sites.kind == HOSPITAL, sites.kind == CLINIC, sites.kind == VILLAGE, sites.kind == REMOTE],
        [40, 16, 5, 2, 6], 0,
    )  # fmt: skip
    site = np.repeat(np.arange(len(sites)), per_site)
    turn = np.concatenate([np.arange(n) for n in per_site])
    speciality = np.where(sites.kind[site] == HOSPITAL, np.array([0, 0, 1, 0, 2, 0, 3, 0])[turn % 8], 0)
    second = np.full(len(site), -1)
    hosts = sites.of_kind(CLINIC)
    guests = np.flatnonzero((sites.kind[site] == HOSPITAL) & (rng.random(len(site)) < second_jobs))
    second[guests] = hosts[rng.integers(0, len(hosts), len(guests))]
    who = np.concatenate([np.arange(len(site)), guests])
    where = np.concatenate([site, second[guests]])
    what = np.concatenate([speciality, np.zeros(len(guests), dtype=np.int64)])
    order = np.lexsort((who, what, where))
    who, where, what = who[order], where[order], what[order]
    cell = where * len(SPECIALITIES) + what
    cells = np.arange(len(sites) * len(SPECIALITIES))
    first = np.searchsorted(cell, cells).reshape(len(sites), -1)
    count = (np.searchsorted(cell, cells, side="right")).reshape(len(sites), -1) - first
    for s in range(1, len(SPECIALITIES)):
        lacking = count[:, s] == 0
        first[lacking, s], count[lacking, s] = first[lacking, 0], count[lacking, 0]
    return Doctors(site, second, speciality, who, first, count)


def _reach(neighbourhoods: Neighbourhoods, sites: Sites, rng: np.random.Generator) -> dict[int, tuple[Column, Column]]:
    scale = {HOSPITAL: 8.0, CLINIC: 2.2, VILLAGE: 1.2, PHARMACY: 1.6, REMOTE: 500.0}
    reach = {}
    for kind, length in scale.items():
        numbers = sites.of_kind(kind)
        appeal = rng.lognormal(0, 0.5, len(numbers)) * np.where(sites.beds[numbers] >= 500, 4.0, 1.0)
        distance = np.hypot(
            neighbourhoods.x[:, None] - sites.x[None, numbers], neighbourhoods.y[:, None] - sites.y[None, numbers]
        )
        weight = appeal[None, :] * np.exp(-np.minimum(distance / length, 60.0)) + 1e-12
        cumulative = np.cumsum(weight, axis=1)
        reach[kind] = (numbers, cumulative / cumulative[:, -1:])
    return reach


def lay_out(size: Size, streams: Streams, second_jobs: float, faulty_sites: float) -> Places:
    """The map of one city; `second_jobs` and `faulty_sites` are shares."""
    rng = streams.of("places")
    angle = np.arange(size.offices) * 2 * np.pi / size.offices
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (3.0 * np.sqrt(size.offices))
    sites = _sites(size, centres, rng)
    villages = sites.of_kind(VILLAGE)
    neighbourhoods = _neighbourhoods(size, (sites.x[villages], sites.y[villages]), centres, rng)
    faults = streams.of("faults").random((2, len(sites)))
    local = sites.kind != REMOTE
    sites.clock_offset = np.where(local & (faults[0] < faulty_sites), (faults[1] - 0.5) * 2 * HOUR, 0).astype(np.int64)
    sites.batches = local & (faults[0] > 1 - faulty_sites)
    return Places(neighbourhoods, sites, _doctors(sites, rng, second_jobs), _reach(neighbourhoods, sites, rng))
