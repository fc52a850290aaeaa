"""Rings of chosen size, attendance, sessions and spread in one city: what can be seen of gathered cards, and what not.

Everything else about the rings is the same: the sites and covering visits of the middle level of camouflage, nobody
resting, no change of sites, nothing that differs from ring to ring. What they leave in the content of their visits is
of two kinds: plain traces, as at the middle level, and faint ones, where three purchases in ten are foreign to the
card's owner and nothing else shows. The cells of the grid are dealt out over cities, so that each city holds rings of
every size and attendance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from graphaudit.progress import SilentProgress
from graphaudit.simulation.city import City, Group, Member, Plan, found_city
from graphaudit.simulation.folder import new_folder
from graphaudit.simulation.honest import plan_honest_groups
from graphaudit.simulation.identity import identities, operator_code, person_table
from graphaudit.simulation.people import SOCIAL_CARD
from graphaudit.simulation.places import PHARMACY
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.rings.conduct import (
    attendance,
    betrays,
    complicit_sites,
    enter,
    named_members,
    recruit,
    session_days,
    session_times,
    sign_in_sessions,
    thin_own_life,
    within_hours,
)
from graphaudit.simulation.rings.hoarded_cards import foreign_goods
from graphaudit.simulation.sizes import camouflage_at, size_named
from graphaudit.simulation.truth import truth_of
from graphaudit.simulation.visits import SHOP, visits_of
from graphaudit.simulation.writing import blocks_of, write_city

LEVEL = 1
PLAIN, FAINT = "plain traces", "faint traces"
TRACES = (PLAIN, FAINT)

#: Purchases of a ring with faint traces that are not for an illness of the card's owner.
FAINT_FOREIGN = 0.3
SIZES = (4, 6, 8, 12, 20, 40)
ATTENDANCES = (0.9, 0.6, 0.4)
SESSIONS = (4, 8, 14)

#: How long one session is drawn out: the words of the report, and the level of camouflage that meets in that way.
SPREADS = {"1 hour": 0, "3 hours": 1, "2 days": 2}


@dataclass(frozen=True, slots=True)
class Cell:
    """How one ring behaves."""

    size: int
    attendance: float
    sessions: int
    spread: str


RINGS_A_CITY = len(SIZES) * len(ATTENDANCES)
GRID: tuple[Cell, ...] = tuple(Cell(*values) for values in product(SIZES, ATTENDANCES, SESSIONS, SPREADS))


def cells_of(number: int, seed: int = 0) -> list[Cell]:
    """The cells of city `number` (from 0): every size with every attendance, each with a session plan of its own.

    Nine cities hold the whole grid; then it is dealt anew.
    """
    plans = list(product(SESSIONS, SPREADS))
    deal = np.random.default_rng([seed, number // len(plans)])
    cells = []
    for size, comes in product(SIZES, ATTENDANCES):
        sessions, spread = plans[int(deal.permutation(len(plans))[number % len(plans)])]
        cells.append(Cell(size, comes, sessions, spread))
    return cells


def write_planted_city(out: Path, cells: Sequence[Cell], traces: str, *, size: str, seed: int) -> dict[str, Any]:
    """Write a city with one ring for each of `cells` into `out`; returns its truth, the ring's cell with each ring."""
    chosen = size_named(size)
    city = found_city(chosen, camouflage_at(LEVEL), seed)
    nobody = np.zeros(len(city.people), dtype=bool)
    plan = Plan(engaged=nobody.copy(), settled=nobody.copy())
    plan_honest_groups(city, plan)
    for number, cell in enumerate(cells):
        plant(city, plan, cell, traces, np.random.default_rng([seed, number, 6]))
    with new_folder(out, "parquet", len(blocks_of(chosen))) as folder:
        persons = person_table(city, folder)
        write_city(city, plan, folder, persons, SilentProgress())
        truth = truth_of(city, plan, identities(city, persons), persons)
    for ring, cell in zip(truth["rings"], cells, strict=True):
        ring["cell"] = asdict(cell)
    return truth


def plant(city: City, plan: Plan, cell: Cell, traces: str, rng: np.random.Generator) -> None:
    """Plant one ring of cards gathered at pharmacies that behaves as `cell` says."""
    # level 0 in all but the spread: there a dial means what it says, where rings that hide vary around it
    dial = replace(city.camouflage, level=0, attendance=cell.attendance, sleeping=0.0, drifts=False)
    if traces == FAINT:
        dial = replace(dial, betrayal=0.0)
    meets = replace(city, camouflage=replace(dial, level=SPREADS[cell.spread]))
    city = replace(city, camouflage=dial)
    sites = city.places.sites
    members = recruit(city, plan, cell.size, rng)
    thin_own_life(city, members, rng)
    places = complicit_sites(city, rng, PHARMACY, near=int(members[0]))
    days = session_days(city, rng, cell.sessions, cell.sessions)
    came = attendance(city, len(members), days, rng)
    made = visits_of(len(came.session))
    made["person"] = members[came.member]
    made["site"] = places[rng.integers(0, len(places), len(days))][came.session]
    made["at"] = session_times(meets, came, made["site"], rng)
    within_hours(city, made)
    made["diagnosis"] = goods_of(city, made["person"].astype(np.int64), traces, rng)
    made["kind"], made["template"] = SHOP, city.goods.shop[made["diagnosis"]]
    made["basket"] = rng.integers(0, 1 << 60, len(made))
    if traces == PLAIN:
        made["scale"] = rng.choice([1.0, 2.0, 3.0], len(made), p=[0.3, 0.5, 0.2])
    made["credential"] = np.where(betrays(city, len(made), rng), SOCIAL_CARD, city.people.credential[made["person"]])
    operators = {int(site): int(rng.integers(0, sites.operators[site])) for site in places}
    helper = np.array([operators[int(site)] for site in made["site"]], dtype=np.int64)
    made["operator"] = np.where(betrays(city, len(made), rng), helper, -1)
    made["begin"], made["end"] = made["at"], made["at"]
    sign_in_sessions(city, plan, made)
    used = np.unique(made["site"])
    group = Group("hoarded_cards", named_members("person", "card_holder", members))
    group.members += named_members("pharmacy", "site", used)
    for site in used.tolist():
        group.members.append(Member("handler", f"{sites.codes[site]}:{operator_code(operators[site])}", "operator"))
    enter(city, plan, group, made, rng)


def goods_of(city: City, persons: Column, traces: str, rng: np.random.Generator) -> Column:
    """For each visit the diagnosis that is bought for: with faint traces mostly the owner's own, or a common one."""
    foreign = foreign_goods(city, persons, 6, rng)
    if traces == PLAIN:
        return foreign
    table = city.goods.diagnoses
    acute = table.of_course("acute")
    common = acute[(table.sex[acute] == 0) & (table.age_to[acute] > 70)]
    own = city.people.chronic[persons, 0]
    own = np.where(own >= 0, own, common[rng.integers(0, len(common), len(persons))])
    result: Column = np.where(rng.random(len(persons)) < FAINT_FOREIGN, foreign, own)
    return result
