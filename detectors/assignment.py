"""How cases of an office would fall to its handlers if nobody chose: among those on duty, by their share of the kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from detectors.communities import Ints
from detectors.groups import Floats, read_sql

Bools = npt.NDArray[np.bool_]

#: The steps of a case: who took it, and on which day.
ENTERED, FIRST, LAST = ("entered_by", "entered_on"), ("first_by", "first_on"), ("last_by", "last_on")
#: A handler's share of a kind of case is taken from so many months before and after, for duties change.
MONTHS_AROUND = 1


@dataclass(frozen=True, slots=True)
class Office:
    """One office: its cases (a row each), its handlers ascending, and who was on duty on which day."""

    cases: pd.DataFrame
    handlers: Ints
    days: Ints
    on_duty: Bools

    def chances(self, step: tuple[str, str], client: Ints) -> Floats:
        """Chance of each handler (columns) to take `step` of each case (rows); rows sum to 1, or to 0 without the step.

        A handler's share is counted over the office's cases of the same kind about the same month, the cases of the
        same `client` (a number a row, negative for none) left out: who comes back must not explain the coming back.
        Nobody takes a case on a day on which the office's records show no act of theirs.
        """
        by, on = step
        done = self.cases[by].notna().to_numpy() & self.cases[on].notna().to_numpy()
        taken = np.searchsorted(self.handlers, self.cases[by].fillna(-1).to_numpy(np.int64))
        taken = np.minimum(taken, len(self.handlers) - 1)
        kinds, kind = np.unique(self.cases["reason"].to_numpy(str), return_inverse=True)
        month = (self.cases["in_month"] - self.cases["in_month"].min()).to_numpy(np.int64) + MONTHS_AROUND
        counted = np.zeros((len(kinds), int(month.max()) + 2 * MONTHS_AROUND, len(self.handlers)))
        np.add.at(counted, (kind[done], month[done], taken[done]), 1.0)
        weight = np.sum([counted[kind, month + d] for d in range(-MONTHS_AROUND, MONTHS_AROUND + 1)], axis=0)
        for row, other in _same_client(client):
            near = done[other] & (kind[row] == kind[other]) & (np.abs(month[row] - month[other]) <= MONTHS_AROUND)
            np.add.at(weight, (row[near], taken[other[near]]), -1.0)
        weight += 1.0 / len(self.handlers)
        at = np.searchsorted(self.days, self.cases[on].fillna(-1).to_numpy(np.int64))
        weight *= self.on_duty[np.minimum(at, len(self.days) - 1)]
        weight[~done] = 0.0
        total = weight.sum(axis=1, keepdims=True)
        shares: Floats = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        return shares


def offices(tables: duckdb.DuckDBPyConnection) -> Iterator[Office]:
    """The agency's offices with their manual cases, by name; only cases of handlers of the office itself are kept."""
    cases = tables.execute(read_sql("agency_cases")).df()
    duty = tables.execute(read_sql("agency_duty")).df()
    present = dict(iter(duty.groupby("office", sort=True)))
    for name, held in cases.groupby("office", sort=True):
        there = present[name]
        handlers, days = np.unique(there["handler_no"].to_numpy(np.int64)), np.unique(there["day"].to_numpy(np.int64))
        on_duty = np.zeros((len(days), len(handlers)), np.bool_)
        on_duty[np.searchsorted(days, there["day"]), np.searchsorted(handlers, there["handler_no"])] = True
        held = held.reset_index(drop=True)
        for by, _ in (FIRST, LAST):
            # a step taken at another office is nobody's choice here
            held[by] = held[by].where(held[by].isin(handlers))
        yield Office(held, handlers, days, on_duty)


def returning_tails(chance: Floats, client: Ints, inside: Bools, most: int = 60) -> tuple[Ints, Ints, Floats]:
    """Per client with two cases or more: its number, its cases `inside`, and P(at least k of them) in column k.

    `chance` is each case's chance to be inside; cases are independent under the null. Clients of more than `most`
    cases are nobody's private matter and left out.
    """
    order = np.argsort(client, kind="stable")
    order = order[client[order] >= 0]
    clients, start, size = np.unique(client[order], return_index=True, return_counts=True)
    kept = (size >= 2) & (size <= most)
    clients, start, size = clients[kept], start[kept], size[kept]
    counts = np.zeros(len(clients), np.int64)
    exact = np.zeros((len(clients), int(size.max(initial=0)) + 1))
    exact[:, 0] = 1.0
    for place in range(int(size.max(initial=0))):
        held = np.flatnonzero(size > place)
        rows = order[start[held] + place]
        p = chance[rows][:, None]
        shifted = np.zeros((len(held), exact.shape[1]))
        shifted[:, 1:] = exact[held, :-1]
        exact[held] = exact[held] * (1 - p) + shifted * p
        counts[held] += inside[rows]
    tails: Floats = np.minimum(np.cumsum(exact[:, ::-1], axis=1)[:, ::-1], 1.0)
    return clients, counts, tails


def _same_client(client: Ints) -> Sequence[tuple[Ints, Ints]]:
    """Row pairs (row, other) of one client, each row with itself too, as arrays; a client's rows with each other."""
    order = np.argsort(client, kind="stable")
    order = order[client[order] >= 0]
    none = np.flatnonzero(client < 0)
    _, start, size = np.unique(client[order], return_index=True, return_counts=True)
    pairs = [(none, none)]
    for n in np.unique(size):
        rows = order[start[size == n][:, None] + np.arange(n)]
        pairs.append((np.repeat(rows, n, axis=1).ravel(), np.tile(rows, (1, n)).ravel()))
    return pairs
