"""Clients of a desk who come back to it oddly often: households, payee accounts of several, contact phones of several."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detectors.assignment import Bools, returning_tails
from detectors.case_findings import Handled
from detectors.chance import log_tail
from detectors.communities import Ints
from detectors.groups import Floats
from detectors.pattern_rows import Candidate
from graphaudit.findings import Member, Signal, Text

#: Levels of oddness of one client's coming back that are tried; the choice among them is paid for.
LEVELS = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005)
#: Of the clients named, so many may be there by chance.
MOST_CHANCE = 0.25
#: An account or phone of more persons belongs to a charity, a school or a village office.
MOST_PERSONS = 80
#: What cases may have in common: a household, a payee account of several, a contact phone of several.
FAMILIES = ("unit_no", "account_no", "phone_no")


@dataclass(frozen=True, slots=True)
class Returned:
    """Clients of one family who come back to some desks: rows of the office's cases, and the log chance."""

    family: str
    rows: Ints
    log_p: float


def clients_of(cases: pd.DataFrame, family: str) -> Ints:
    """The client of each case in one family, −1 for none; an account or phone counts when several households use it."""
    values = cases[family]
    known = values.notna()
    if family != "unit_no":
        users = cases[known].groupby(family).agg(units=("unit_no", "nunique"), persons=("person_no", "nunique"))
        shared = users.index[(users["units"] >= 2) & (users["persons"] <= MOST_PERSONS)]
        known &= values.isin(shared)
    return values.where(known, -1).fillna(-1).to_numpy(np.int64)


def comings(client: Ints, days: Ints) -> Ints:
    """`client` with −1 for further cases of the same day: who hands in several at once comes to one desk, once."""
    again = pd.DataFrame({"client": client, "day": days}).duplicated().to_numpy()
    return np.where(again, -1, client)


def returned(
    family: str, client: Ints, client_days: Ints, chance: Floats, inside: Bools, desks: int, least_clients: int
) -> Iterator[Returned]:
    """The clients who come back oddly often, at the level at which their number is least likely chance.

    `client_days` is `client` as `comings` gives it, `chance` each case's chance to be `inside`.
    """
    _, times = np.unique(client_days[inside & (client_days >= 0)], return_counts=True)
    if (times >= 2).sum() < least_clients:
        return
    known, counts, tails = returning_tails(chance, client_days, inside)
    seen = np.where(counts >= 2, tails[np.arange(len(known)), counts], 1.0)
    best: Returned | None = None
    for level in LEVELS:
        odd = seen <= level
        n = int(odd.sum())
        # the chance of a client to be that odd is the largest of its tails (from two cases on) below the level
        attained = np.where(tails[:, 2:] <= level, tails[:, 2:], 0.0).max(axis=1)
        expected = max(float(attained.sum()), 0.05)
        if n < least_clients or expected > MOST_CHANCE * n:
            continue
        log_p = float(log_tail(n, expected)) + math.log(len(LEVELS) * len(FAMILIES) * max(desks, 1))
        if best is None or log_p < best.log_p:
            best = Returned(family, np.flatnonzero(inside & np.isin(client, known[odd])), log_p)
    if best is not None:
        yield best


def group_of(
    cases: pd.DataFrame, desks: tuple[int, ...], found: list[Returned], least_log_p: float, signal: str
) -> Iterator[Handled]:
    told = [each for each in found if each.log_p <= -least_log_p]
    if not told:
        return
    held = cases.iloc[np.unique(np.concatenate([each.rows for each in told]))]
    log_p = min(each.log_p for each in told)
    members = [Member("person", int(no), "claimant") for no in np.unique(held["person_no"])]
    members += [Member("handler", int(no), "handler") for no in desks]
    for each in told:
        if each.family == "account_no":
            accounts = np.unique(cases.iloc[each.rows]["account_no"])
            members += [Member("bank_account", int(no), "payee") for no in accounts]
    yield Handled(
        Candidate(tuple(sorted(members)), tuple(np.unique(held["settlement_no"]).tolist())),
        (
            Signal(
                signal,
                math.log1p(-log_p),
                3.0,
                Text(
                    f"随机分派下出现同样情形的对数概率上界为{log_p:.0f}",
                    f"log of a bound on the chance of the same under random assignment: {log_p:.0f}",
                ),
            ),
        ),
        log_p,
    )
