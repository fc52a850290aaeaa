"""Faults that honest records carry, at low rates: refunds, invalid rows, blank doctors, placeholder phones, clocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphaudit.simulation.bills import Lines, Money
from graphaudit.simulation.city import City
from graphaudit.simulation.faults import Faults, uploaded
from graphaudit.simulation.randomness import Column, share
from graphaudit.simulation.sizes import DAY, HOUR
from graphaudit.simulation.visits import NOBODY

REFUNDED = 0.008
PARTLY = 0.15  # of the refunds
INVALID = 0.003
UNKNOWN_DOCTOR = 0.012
PLACEHOLDER_PHONE = 0.012
UNSETTLED_LINES = 0.0005


@dataclass(frozen=True, slots=True)
class Refunds:
    """One entry a refund: index of the refunded visit, when, and the lines given back."""

    visit: Column
    at: Column
    lines: Column  # indexes into the lines
    of_line: Column  # for each of them, index into these refunds
    money: Money


def faulty_times(city: City, faults: Faults | None, site: Column, at: Column) -> Column:
    """Times as the site's system records them: shifted clocks, or uploads at the end of the hour or of the day."""
    sites = city.places.sites
    shifted = at + sites.clock_offset[site]
    batched = (shifted // HOUR + 1) * HOUR + at % 240
    return uploaded(faults, site, np.where(sites.batches[site], batched, shifted))


def is_invalid(visits: Column) -> Column:
    """Rows that the platform itself has flagged as void."""
    honest = (visits["ring"] == NOBODY) & (visits["case"] == NOBODY)
    result: Column = honest & (share(visits["number"], 81) < INVALID)
    return result


def doctor_text(visits: Column, codes: Column) -> Column:
    """Doctor codes as written: blank at pharmacies, sometimes unknown."""
    text = np.where(visits["doctor"] >= 0, codes[np.maximum(visits["doctor"], 0)], "")
    draw = share(visits["number"], 82)
    lost = (visits["doctor"] >= 0) & (draw < UNKNOWN_DOCTOR)
    return np.where(lost, np.where(draw < UNKNOWN_DOCTOR / 2, "未知", ""), text)


def phone_text(visits: Column, phones: Column) -> Column:
    """Phones as written, sometimes a placeholder."""
    draw = share(visits["number"], 83)
    fill = np.where(draw < PLACEHOLDER_PHONE / 2, "13800000000", "00000000000")
    honest = visits["ring"] == NOBODY
    return np.where(honest & (draw < PLACEHOLDER_PHONE), fill, phones)


def refunds_of(visits: Column, lines: Lines, money: Money, latest: int) -> Refunds:
    """Refunds of the block; a partial one gives back the first line only."""
    honest = (visits["ring"] == NOBODY) & (visits["case"] == NOBODY) & ~is_invalid(visits)
    draw = share(visits["number"], 84)
    at = visits["at"] + (60 + share(visits["number"], 85) ** 4 * 3 * DAY).astype(np.int64)
    chosen = np.flatnonzero(honest & (draw < REFUNDED) & (at < latest))
    partly = draw[chosen] < REFUNDED * PARTLY
    rank = np.full(len(visits), NOBODY)
    rank[chosen] = np.arange(len(chosen))
    first = np.r_[True, lines.visit[1:] != lines.visit[:-1]] if len(lines.visit) else np.zeros(0, dtype=bool)
    of_line = rank[lines.visit]
    only_first = np.zeros(len(visits), dtype=bool)
    only_first[chosen] = partly
    taken = np.flatnonzero((of_line >= 0) & (first | ~only_first[lines.visit]))
    back = np.zeros(len(chosen), dtype=np.int64)
    np.add.at(back, of_line[taken], lines.amount_fen[taken])
    whole = back == money.total[chosen]
    fund = np.where(
        whole, money.fund[chosen], np.minimum(np.rint(back * money.ratio[chosen]), money.fund[chosen])
    ).astype(np.int64)
    account = np.where(whole, money.account[chosen], np.minimum(back - fund, money.account[chosen]))
    return Refunds(
        chosen, at[chosen], taken, of_line[taken],
        Money(-back, -fund, -account, -(back - fund - account), money.ratio[chosen]),
    )  # fmt: skip
