"""Rings that were warned: four weeks after an inspection of their site they change sites, hours and goods."""

from __future__ import annotations

import numpy as np

from graphaudit.simulation.city import City, Inspection, Plan
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.rings.conduct import within_hours
from graphaudit.simulation.sizes import DAY, HOUR
from graphaudit.simulation.visits import OUTPATIENT, SHOP

INSPECTED = 0.6  # of rings
AFTER = 28  # days


def _elsewhere(city: City, made: Column, later: Column, rng: np.random.Generator) -> None:
    """Each site gives way to another of its kind that the ring has not used, in place."""
    sites = city.places.sites
    used = np.unique(made["site"])
    open_ = sites.always_open(city.seconds)
    for site in np.unique(made["site"][later]).tolist():
        pool = sites.of_kind(int(sites.kind[site]))
        pool = np.setdiff1d(pool[open_[pool]], used)
        if len(pool):
            to = int(rng.choice(pool))
            made["site"] = np.where(later & (made["site"] == site), to, made["site"])
            used = np.append(used, to)


def _other_hours(city: City, made: Column, later: Column, rng: np.random.Generator) -> None:
    """Visits move by a few hours within their day and the hours of the site, in place."""
    moved = made[later & np.isin(made["kind"], (SHOP, OUTPATIENT))]
    before = moved["at"].copy()
    second = moved["at"] % DAY + int(rng.choice([-1, 1]) * rng.integers(2, 5)) * HOUR
    moved["at"] = moved["at"] // DAY * DAY + np.clip(second, 0, DAY - 1)
    within_hours(city, moved)
    for moment in ("begin", "end"):
        moved[moment] += moved["at"] - before
    made[later & np.isin(made["kind"], (SHOP, OUTPATIENT))] = moved


def _other_goods(city: City, made: Column, later: Column, rng: np.random.Generator) -> None:
    """Each illness gives way to another one that is billed in the same form, in place."""
    table = city.goods.diagnoses
    chronic, ill = table.of_course("chronic"), made["diagnosis"].copy()
    for form in (city.goods.trade, city.goods.shop, city.goods.refill):
        pool = chronic[form[chronic] >= 0]
        fits = later & (made["template"] == form[ill]) & np.isin(ill, pool)
        for old in np.unique(ill[fits]).tolist():
            new = int(rng.choice(pool))
            chosen = fits & (ill == old)
            made["diagnosis"] = np.where(chosen, new, made["diagnosis"])
            made["template"] = np.where(chosen, form[new], made["template"])


def react(city: City, plan: Plan, made: Column, *, goods: bool = True, hours: bool = True) -> None:
    """Change what the ring being planted does after its inspection, in place; nothing in a city without drift.

    To be called once sites, times, kinds and templates are set, before doctors and operators follow from the sites.
    """
    if city.drift is None:
        return
    number = len(plan.rings)
    rng = city.streams.of("reaction", number)
    if rng.random() >= INSPECTED:
        return
    inspected = int(rng.uniform(0.2, 0.5) * city.size.days)
    later = made["at"] >= (inspected + AFTER) * DAY
    seen = made["site"][made["at"] < inspected * DAY]
    if not len(seen) or not later.any():
        return
    site = int(np.bincount(seen).argmax())
    plan.inspections[number] = Inspection(site, inspected, inspected + AFTER)
    _elsewhere(city, made, later, rng)
    if goods:
        _other_goods(city, made, later, rng)
    if hours:
        _other_hours(city, made, later, rng)
