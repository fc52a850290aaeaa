"""Visits as one structured array: what happened, before it is written as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphaudit.simulation.randomness import Column

OUTPATIENT, CHRONIC, EMERGENCY, STAY, SHOP, BIRTH, ANTENATAL, DAY_SURGERY = range(8)
MEDICAL_CATEGORIES = ("11", "14", "13", "21", "41", "52", "51", "28")
CLEARING = ("11", "11", "11", "21", "41", "21", "11", "21")

NOBODY = -1

#: Seconds are counted from midnight of the city's first day.
VISIT = np.dtype(
    [
        ("number", "i8"),  # unique over the city; ids of the visit, its settlement and its lines follow from it
        ("person", "i4"),
        ("site", "i4"),
        ("at", "i4"),  # settled
        ("begin", "i4"),
        ("end", "i4"),
        ("kind", "i1"),
        ("diagnosis", "i2"),
        ("template", "i2"),
        ("basket", "i8"),  # equal baskets hold equal goods
        ("scale", "f4"),  # multiplies quantities of drugs
        ("price", "f4"),  # multiplies prices
        ("doctor", "i4"),
        ("operator", "i2"),  # NOBODY = whoever is on duty
        ("credential", "i1"),
        ("card_of", "i4"),  # whose credential was presented
        ("phone_of", "i4"),  # whose phone was written down
        ("pack_of", "i8"),  # number of the visit whose packs are sold again; NOBODY = fresh packs
        ("referred", "?"),  # a prescription from elsewhere was filled
        ("case", "i4"),  # paper reimbursement; NOBODY = settled online
        ("bed", "i4"),
        ("ring", "i2"),  # NOBODY = honest
    ]
)


def visits_of(count: int) -> Column:
    """`count` blank visits: nobody's, fresh goods, nothing special."""
    made = np.zeros(count, dtype=VISIT)
    for field in ("number", "doctor", "operator", "card_of", "phone_of", "pack_of", "case", "bed", "ring"):
        made[field] = NOBODY
    made["scale"] = 1.0
    made["price"] = 1.0
    return made


def joined(parts: Sequence[Column]) -> Column:
    """All visits of the parts in one array."""
    return np.concatenate(parts) if parts else visits_of(0)


def occurrence(values: Column) -> Column:
    """For each entry, how many equal entries stand before it."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(values) else np.zeros(0, dtype=np.int64)
    counts = np.diff(np.r_[starts, len(values)])
    result = np.empty(len(values), dtype=np.int64)
    result[order] = np.arange(len(values)) - np.repeat(starts, counts)
    return result
