"""A town whose people buy medicines, which tests of such buyers have in common. A row's `drug` is what was bought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tests.detectors.finding_reader import Row, visit

#: Days over which visits are spread.
SPAN = 180


def own_life(people: Iterable[int], homes: int, *, times: int = 6, seed: int = 3, **more: Any) -> list[Row]:
    """Visits without a medicine in question, each person's at the one of `homes` sites round the corner."""
    random = np.random.default_rng(seed)
    return [visit(p, day, 17, p % homes, **more) for p in people for day in random.choice(SPAN, times, replace=False)]


def customers(outlets: Iterable[int]) -> list[Row]:
    """Eight regulars of each of the outlets across town."""
    return [
        visit(6000 + 10 * site + p, 4 + 20 * n + p, 12, site, kind="pharmacy")
        for site in outlets
        for p in range(8)
        for n in range(8)
    ]


def with_lines(rows: Sequence[Row], **more: Any) -> tuple[list[Row], list[Row]]:
    """The rows without their `drug`, and a fee line for each that has one."""
    plain = [{name: value for name, value in row.items() if name != "drug"} for row in rows]
    lines = [
        {
            "line_id": f"L{number}", "settlement_no": number, "item_code": row["drug"], "is_drug": True,
            "quantity": 1.0, "amount_fen": 5_000, **more,
        }
        for number, row in enumerate(rows)
        if "drug" in row
    ]  # fmt: skip
    return plain, lines
