"""The rings of a city, one module a pattern: how they behave, and how they hide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.rings import (
    doctor_pharmacy,
    drug_resale,
    hoarded_cards,
    impersonation,
    inducement,
    insider,
    proxy_settlement,
    sham_stay,
    unseen,
)

__all__ = ["plant_rings"]

PLANTERS: dict[str, Callable[[City, Plan, np.random.Generator], None]] = {
    "hoarded_cards": hoarded_cards.plant,
    "impersonation": impersonation.plant,
    "inducement": inducement.plant,
    "insider": insider.plant,
    "doctor_pharmacy": doctor_pharmacy.plant,
    "drug_resale": drug_resale.plant,
    "proxy_settlement": proxy_settlement.plant,
    "sham_stay": sham_stay.plant,
}

#: Twenty rings; bigger cities repeat the list, smaller ones begin it.
ORDER: tuple[str, ...] = (
    "hoarded_cards", "impersonation", "inducement", "insider", "doctor_pharmacy",
    "hoarded_cards", "drug_resale", "hoarded_cards", "inducement", "impersonation",
    "proxy_settlement", "hoarded_cards", "sham_stay", "insider", "hoarded_cards",
    "doctor_pharmacy", "drug_resale", "impersonation", "inducement", "hoarded_cards",
)  # fmt: skip


def plant_rings(city: City, plan: Plan, *, with_unseen: bool = False) -> None:
    """Plant as many rings as the size asks for; those of the held-out kind come last, one for ten of the others."""
    for number in range(city.size.rings):
        name = ORDER[number % len(ORDER)]
        PLANTERS[name](city, plan, city.streams.of(f"ring:{name}", number))
    for number in range(max(1, city.size.rings // 10) if with_unseen else 0):
        unseen.plant(city, plan, city.streams.of("ring:unseen", number))
