"""Honest groups that look like rings: each is planned here and named in the truth as benign."""

from __future__ import annotations

from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.honest.company import note_families, plan_companions

__all__ = ["plan_honest_groups"]


def plan_honest_groups(city: City, plan: Plan) -> None:
    """Plan every class of honest group, in a fixed order."""
    for group in (note_families, plan_companions):
        group(city, plan)
