"""How big a city is and how well its rings hide: the two dials of a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from graphaudit.errors import ConfigurationError

DAY = 86_400
HOUR = 3_600
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Size:
    """Counts of one city. `visits` is the aim for settlements per person and month, all kinds together."""

    name: str
    persons: int
    hospitals: int
    clinics: int
    village_clinics: int
    pharmacies: int
    begins: date
    days: int
    visits: float
    rings: int
    largest_ring: int
    block: int
    dialysis_shifts: int
    chemo_cohorts: int
    refill_cohorts: int
    companion_groups: int
    check_ups: int
    nursing_homes: int
    handlers: int
    offices: int

    @property
    def months(self) -> float:
        return self.days / 30.4


SIZES: dict[str, Size] = {
    size.name: size
    for size in (
        Size(
            "tiny", 2_000, 3, 5, 3, 9, date(2026, 1, 1), 181, 1.67, 5, 14, 100_000,
            dialysis_shifts=1, chemo_cohorts=1, refill_cohorts=2, companion_groups=4, check_ups=2, nursing_homes=1,
            handlers=8, offices=2,
        ),
        Size(
            "small", 20_000, 6, 18, 10, 46, date(2026, 1, 1), 181, 2.5, 20, 60, 100_000,
            dialysis_shifts=8, chemo_cohorts=4, refill_cohorts=16, companion_groups=40, check_ups=16, nursing_homes=3,
            handlers=18, offices=4,
        ),
        Size(
            "main", 200_000, 24, 110, 100, 366, date(2025, 7, 1), 365, 1.25, 60, 200, 50_000,
            dialysis_shifts=60, chemo_cohorts=30, refill_cohorts=120, companion_groups=600, check_ups=200,
            nursing_homes=25, handlers=70, offices=12,
        ),
        Size(
            "large", 1_000_000, 80, 400, 420, 1_600, date(2025, 7, 1), 365, 1.25, 120, 200, 50_000,
            dialysis_shifts=250, chemo_cohorts=120, refill_cohorts=600, companion_groups=3_000, check_ups=900,
            nursing_homes=110, handlers=240, offices=30,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Camouflage:
    """How rings hide and how good the records are; shares in [0, 1], spread in seconds."""

    level: int
    attendance: float  # of the members awake, at one session
    fewest_sites: int
    most_sites: int
    spread: int  # over which one session is drawn out
    cover_visits: int  # ordinary-looking visits for each visit of the ring
    hijacked: float  # members whose own life goes on unchanged
    sleeping: float  # members who pause in a given month
    drifts: bool  # sites and goods change in the middle of the period
    betrayal: float  # share of visits that carry the ring's technical traces: operator, keyed-in card, phone
    households_known: float
    faulty_sites: float  # sites with a shifted clock or batch uploads


CAMOUFLAGE: tuple[Camouflage, ...] = (
    Camouflage(0, 0.90, 1, 1, HOUR, 0, 0.0, 0.0, False, 0.95, 1.0, 0.0),
    Camouflage(1, 0.60, 2, 3, 3 * HOUR, 1, 0.2, 0.2, True, 0.75, 0.85, 0.02),
    Camouflage(2, 0.40, 4, 6, 2 * DAY, 2, 0.5, 0.4, True, 0.55, 0.60, 0.05),
)


def size_named(name: str) -> Size:
    """The size called `name`; ConfigurationError when there is none."""
    if name not in SIZES:
        raise ConfigurationError(f"no city size {name}", hint=f"choose one of {', '.join(SIZES)}")
    return SIZES[name]


def camouflage_at(level: int) -> Camouflage:
    """The camouflage level 0, 1 or 2; ConfigurationError for anything else."""
    if not 0 <= level < len(CAMOUFLAGE):
        raise ConfigurationError(f"no camouflage level {level}", hint="choose 0, 1 or 2")
    return CAMOUFLAGE[level]
