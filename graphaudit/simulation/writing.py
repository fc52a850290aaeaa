"""Draws the city's life block by block and writes every table of the source folder."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphaudit.progress import Progress
from graphaudit.simulation.case_tables import invoice_numbers, reason_codes, write_cases
from graphaudit.simulation.cases import plan_ordinary_cases
from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.faults import Faults, without_lost
from graphaudit.simulation.folder import Folder
from graphaudit.simulation.ordinary import ordinary_visits, through_open_doors
from graphaudit.simulation.randomness import Column, share
from graphaudit.simulation.register_tables import write_people, write_sites, write_staff
from graphaudit.simulation.registration_tables import write_benign_register, write_registrations
from graphaudit.simulation.rings.conduct import name_only_seen
from graphaudit.simulation.settlement_tables import Outcome, SettlementTables
from graphaudit.simulation.sizes import Size
from graphaudit.simulation.stays import assign_beds, ordinary_stays
from graphaudit.simulation.visits import NOBODY, STAY, joined


def blocks_of(size: Size) -> list[tuple[int, int]]:
    """Ranges of persons that are drawn and written together."""
    starts = range(0, size.persons, size.block)
    return [(first, min(first + size.block, size.persons)) for first in starts]


def _planned_visits(city: City, plan: Plan) -> tuple[Column, Column]:
    """Stays, and everything planned, numbered in an order that tells nothing."""
    stays = ordinary_stays(city, plan)
    planned = joined([*plan.visits, stays])
    died = planned["at"] >= city.people.died_at[planned["person"]]
    planned = planned[~died | (planned["ring"] != NOBODY)]
    settled_at_once = (planned["ring"] == NOBODY) & (planned["case"] == NOBODY) & (planned["kind"] != STAY)
    planned[settled_at_once] = through_open_doors(city, planned[settled_at_once])
    rng = city.streams.of("numbers")
    numbers = rng.permutation(len(planned))
    _renumber_packs(planned, numbers)
    planned["number"] = numbers
    lying = planned["kind"] == STAY
    lain = planned[lying]
    assign_beds(city, lain)
    planned["bed"][lying] = np.where(planned["bed"][lying] >= 0, planned["bed"][lying], lain["bed"])
    on_paper = np.isin(planned["template"], city.goods.paper_stay[city.goods.paper_stay >= 0])
    return planned, planned[lying & ~on_paper]


def _renumber_packs(planned: Column, numbers: Column) -> None:
    """Packs sold again refer to the visit that first sold them by its provisional number, in place."""
    again = planned["pack_of"] != NOBODY
    first_sold = np.flatnonzero(planned["number"] != NOBODY)
    provisional = planned["number"][first_sold]
    place = np.searchsorted(provisional, planned["pack_of"][again])
    place = np.minimum(place, len(provisional) - 1)
    known = provisional[place] == planned["pack_of"][again]
    planned["pack_of"][again] = np.where(known, numbers[first_sold[place]], NOBODY)


def _credentials(city: City, visits: Column) -> None:
    """People mostly present their usual credential, in place; what a plan has set stays."""
    usual = city.people.credential[visits["person"]]
    other = 1 + (visits["basket"] % 3)
    drawn = np.where(share(visits["number"], 72) < 0.9, usual, other)
    visits["credential"] = np.where(visits["credential"] > 0, visits["credential"], drawn)
    visits["card_of"] = np.where(visits["card_of"] >= 0, visits["card_of"], city.people.card_of[visits["person"]])


def write_city(
    city: City, plan: Plan, folder: Folder, persons: pa.Table, show: Progress, faults: Faults | None = None
) -> None:
    """Write all tables; fills settlements and amounts of the plan's rings, and who was settled at all."""
    plan_ordinary_cases(city, plan)
    planned, stays = _planned_visits(city, plan)
    next_number = len(planned)
    if faults is not None:
        planned = without_lost(faults, planned)
        for number, ring in enumerate(plan.rings):
            name_only_seen(city, ring, planned[planned["ring"] == number])
    twice = np.zeros(0, dtype=np.int64) if faults is None else np.flatnonzero(faults.second_from >= 0)
    write_people(city, folder, persons, twice)
    write_sites(city, plan, folder)
    write_staff(city, plan, folder, persons)
    write_registrations(city, plan, folder, persons)
    write_benign_register(city, plan, folder, persons)
    cases = np.concatenate(plan.cases)
    tables = SettlementTables(
        city,
        folder,
        persons,
        invoice_numbers(cases),
        reason_codes(cases),
        cases["accepted_by"].astype(np.int64),
        faults,
    )
    amounts = np.zeros((2, len(cases)), dtype=np.int64)
    behind = planned[planned["case"] != NOBODY]
    behind = behind[np.argsort(behind["case"])]
    for part, (first, last) in enumerate(blocks_of(city.size)):
        ordinary = ordinary_visits(city, first, last, stays, part)
        ordinary["number"] = next_number + np.arange(len(ordinary))
        next_number += len(ordinary)
        if faults is not None:
            ordinary = without_lost(faults, ordinary)
        mine = planned[(planned["person"] >= first) & (planned["person"] < last)]
        visits = joined([mine, ordinary])
        visits = visits[np.lexsort((visits["number"], visits["at"]))]
        _credentials(city, visits)
        outcome = tables.write(visits, part)
        _book(plan, outcome)
        paper = outcome.visits["case"] != NOBODY
        amounts[0, outcome.visits["case"][paper]] = outcome.total_fen[paper]
        amounts[1, outcome.visits["case"][paper]] = outcome.fund_fen[paper]
        show.advance(note=f"persons {first + 1} to {last}: {len(visits)} visits")
    write_cases(city, folder, persons, cases, behind, amounts[0], amounts[1])


def _book(plan: Plan, outcome: Outcome) -> None:
    """Note who was settled in a block, and enter its ring visits into the rings."""
    plan.settled[outcome.visits["person"]] = True
    of_rings = np.flatnonzero(outcome.visits["ring"] >= 0)
    for index in of_rings.tolist():
        ring = plan.rings[int(outcome.visits["ring"][index])]
        ring.settlements.append(int(outcome.visits["number"][index]))
        ring.amount_fen += int(outcome.total_fen[index])
