"""Doctors and institutions with too many persons of some kind, held against everybody else's rate.

For detectors whose single case says little: a wrong entry in a register, a relative's errand, a clerk's mistake come to
everybody at some rate. What counts is where they come to one desk beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pandas as pd

from detectors.base import Value
from detectors.chance import log_tail
from detectors.gathered import Added, Chosen, Told, chosen
from detectors.groups import Stream
from detectors.linked import linked
from graphaudit.findings import Finding, Signal, Text

#: Groups found by what their settlements are, visits or stays: only their operators are compared with others'.
SETTLED = Stream("any", chain_days=False, own="own_any", channels=frozenset({"one_operator", "credential_unlike_own"}))

#: Stands for all doctors of an institution.
EVERY_DOCTOR = -2


@dataclass(frozen=True, slots=True)
class Standing:
    """The cases of doctors or institutions that share persons, and the log of the chance of so many by luck."""

    rows: pd.DataFrame
    log_p: float


def standing(rows: pd.DataFrame, *, least_persons: int, least_log_p: float) -> list[Standing]:
    """Where cases come to a doctor, or to an institution as a whole, beyond the rate of all others.

    `rows` holds the cases: person_no, settlement_no, site_no, doctor_no (-1: unknown), side (kinds of cases with rates
    of their own), doctor_n, site_n, city_n (persons who could be a case, once a doctor) and cells (doctors and
    institutions looked at). Persons come to each as a Poisson number; the choice of where to look is paid for. An
    institution is looked at as a whole where none of its doctors stands out. In the order of the settlements.
    """
    if rows.empty:
        return []
    both = pd.concat(
        [
            rows.assign(cell_doctor=rows["doctor_no"], n=rows["doctor_n"]),
            rows.assign(cell_doctor=EVERY_DOCTOR, n=rows["site_n"]),
        ],
        ignore_index=True,
    )
    both["cell"] = both.groupby(["site_no", "cell_doctor"], sort=True).ngroup()
    sides = both.groupby(["cell", "side"], sort=True).agg(
        k=("person_no", "nunique"), n=("n", "first"), city_n=("city_n", "first")
    )
    cases = rows.drop_duplicates(["site_no", "doctor_no", "side", "person_no"]).groupby("side").size()
    elsewhere = (cases.reindex(sides.index.get_level_values("side")).to_numpy() - sides["k"]).clip(lower=0)
    rate = (elsewhere + 0.5) / ((sides["city_n"] - sides["n"]).clip(lower=0) + 10)
    cells = both.groupby("cell", sort=True).agg(
        site_no=("site_no", "first"), cell_doctor=("cell_doctor", "first"), k=("person_no", "nunique")
    )
    cells["expected"] = (rate * sides["n"]).groupby("cell").sum()
    cells["log_p"] = log_tail(cells["k"], cells["expected"]) + math.log(max(int(rows["cells"].iloc[0]), 1))
    stands = cells[(cells["log_p"] <= -least_log_p) & (cells["k"] >= least_persons)]
    of_doctors = stands.loc[stands["cell_doctor"] != EVERY_DOCTOR, "site_no"]
    stands = stands[(stands["cell_doctor"] != EVERY_DOCTOR) | ~stands["site_no"].isin(of_doctors)]
    told = both[both["cell"].isin(stands.index)]
    found = [
        Standing(told[told["cell"].isin(group)], min(0.0, float(stands.loc[group, "log_p"].sum())))
        for group in linked(told, node="cell", by="person_no", least_shared=2)
    ]
    return sorted(found, key=lambda one: tuple(sorted(set(one.rows["settlement_no"].tolist()))))


def at_desks(
    tables: duckdb.DuckDBPyConnection,
    rows: pd.DataFrame,
    params: Mapping[str, Value],
    told: Told,
    added: Callable[[Standing], Added],
) -> Iterable[Finding]:
    """Yield a finding for each group that `standing` sees among `rows`; `added` is what the detector knows of it.

    `params` needs least_persons, least_log_p and least_units.
    """
    found = standing(rows, least_persons=int(params["least_persons"]), least_log_p=float(params["least_log_p"]))
    groups = [Chosen.of(one.rows, one.log_p, added(one)) for one in found]
    return chosen(tables, SETTLED, groups, told, least_units=int(params["least_units"]))


def by_side(one: Standing, name: str, sides: Mapping[str, Text], weight: float) -> tuple[Signal, ...]:
    """A signal `name`.side for every kind of case of a group, by its persons `n`, which the texts of `sides` speak of."""
    counted = one.rows.groupby("side")["person_no"].nunique()
    return tuple(
        Signal(
            f"{name}.{side}",
            math.log1p(int(n)),
            weight,
            Text(sides[str(side)].zh.format(n=int(n)), sides[str(side)].en.format(n=int(n))),
        )
        for side, n in sorted(counted.items())
    )
