"""The rings of a city, one module a pattern: how they behave, and how they hide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.rings import hoarded_cards

__all__ = ["plant_rings"]

Planter = Callable[[City, Plan, np.random.Generator], None]

#: Twenty rings; bigger cities repeat the list, smaller ones begin it.
ORDER: tuple[tuple[str, Planter], ...] = (("hoarded_cards", hoarded_cards.plant),)


def plant_rings(city: City, plan: Plan) -> None:
    """Plant as many rings as the size asks for."""
    for number in range(city.size.rings):
        name, plant = ORDER[number % len(ORDER)]
        plant(city, plan, city.streams.of(f"ring:{name}", number))
