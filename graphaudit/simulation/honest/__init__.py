"""Honest groups that look like rings: each is planned here and named in the truth as benign."""

from __future__ import annotations

from collections.abc import Callable

from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.honest.campaigns import plan_check_ups, plan_moving_custom, plan_suspensions
from graphaudit.simulation.honest.care import note_infants, plan_agents, plan_nursing_homes, plan_pickups
from graphaudit.simulation.honest.company import note_families, plan_companions
from graphaudit.simulation.honest.schedules import (
    note_market_days,
    plan_chemotherapy,
    plan_dialysis,
    plan_refill_days,
    plan_rehabilitation,
)
from graphaudit.simulation.honest.staff import note_staff, plan_household_payees

__all__ = ["plan_honest_groups"]

#: In this order: whoever plans first finds the most people unengaged.
GROUPS: tuple[Callable[[City, Plan], None], ...] = (
    plan_moving_custom,
    plan_suspensions,
    plan_dialysis,
    plan_chemotherapy,
    plan_rehabilitation,
    plan_nursing_homes,
    plan_agents,
    plan_refill_days,
    plan_companions,
    plan_pickups,
    plan_check_ups,
    plan_household_payees,
    note_infants,
    note_families,
    note_market_days,
    note_staff,
)


def plan_honest_groups(city: City, plan: Plan) -> None:
    """Plan every class of honest group, in a fixed order."""
    for group in GROUPS:
        group(city, plan)
