"""Who belongs to a group of stays on paper: persons at one set of doctors whose marks are of one kind."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from detectors.repeated_marks import worth_of
from detectors.two_kinds import second_kind

#: Marks that have one cause stand for one kind: a bill without a day's charges has few days as well.
KINDS: tuple[tuple[str, ...], ...] = (("bed",), ("bare", "uncared"), ("copied",), ("away",))
#: Kinds that can stand alone where they come back apart; who buys elsewhere while in hospital may do so every time.
RECURRING = KINDS[:3]
#: Fewer persons with telling stays are no group: one or two have private reasons.
LEAST_FIRM = 3
#: Rounds in which a group's rates and its members are told by one another; they mostly settle in two or three.
ROUNDS = 10


def apart(stays: pd.DataFrame, sets: list[list[int]]) -> Iterator[pd.DataFrame]:
    """The stays of each set of cells, every person's in one of them alone: where most of what tells of them lies."""
    number_of = {cell: number for number, cells in enumerate(sets) for cell in cells}
    told = stays[stays["cell"].isin(number_of)]
    told = told.assign(set_no=told["cell"].map(number_of))
    worth = told.groupby(["person_no", "set_no"])["score"].sum().round(6).reset_index()
    first = worth.sort_values(["person_no", "score", "set_no"], ascending=[True, False, True])
    home = first.drop_duplicates("person_no").set_index("person_no")["set_no"]
    told = told[told["set_no"] == told["person_no"].map(home)]
    for _, held in told.groupby("set_no"):
        if held.loc[held["is_firm"], "person_no"].nunique() >= LEAST_FIRM:
            yield held


def alike(held: pd.DataFrame, stays: pd.DataFrame) -> list[int]:
    """Persons of a set of cells (`held`) whose stays there, marked or not, are rather the group's than other patients'.

    Each kind of mark has a rate in the group's stays, and one elsewhere (for a mark that is there, the one it was held
    against). A person belongs to the group where the log of the odds over all their stays in the cells outweighs that
    most patients do not. The rates are those of the firm persons, then of those who belong. A doctor may serve two
    groups at once: who bears but the mark of the other group does not belong to this one.
    """
    worth = np.column_stack([worth_of(held, names) for names in KINDS])
    usual = stays[~stays["is_core"]]
    elsewhere = np.array([(worth_of(usual, names) > 0).mean() for names in KINDS]).clip(0, 0.5)
    owner = held["person_no"].to_numpy()
    patients = len(np.unique(owner))
    # visits elsewhere alone are a habit of the person's
    bears = (worth[:, : len(RECURRING)] > 0).any(axis=1)
    candidates = np.unique(owner[held["is_core"].to_numpy() & bears])
    members = np.unique(owner[held["is_firm"].to_numpy()])
    for _ in range(ROUNDS):
        inside = np.isin(owner, members)
        rate = ((worth[inside] > 0).sum(axis=0) + 0.5) / (inside.sum() + 1)
        llr = np.where(worth > 0, worth + np.log(rate), np.log((1 - rate) / (1 - elsewhere))).sum(axis=1)
        total = pd.Series(llr).groupby(owner).sum().round(6)
        prior = max(0.0, math.log(max(patients - len(members), 1) / len(members)))
        belong = np.intersect1d(total[total > prior].index.to_numpy(), candidates)
        if not len(belong) or np.array_equal(belong, members):
            break
        members = belong
    return [int(person) for person in members]


def of_one_kind(held: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The marked stays of a group, or of the two that a doctor serves at once where their marks are of two kinds."""
    by_person = held.groupby("person_no")
    marks = pd.concat([(worth_of(held, names) > 0).groupby(held["person_no"]).sum() for names in KINDS], axis=1)
    second = second_kind(marks.to_numpy(np.float64), by_person.size().to_numpy().astype(np.float64))
    is_second = held["person_no"].isin(marks.index.to_numpy()[second])
    for part in (held[~is_second], held[is_second]):
        if part.loc[part["is_firm"], "person_no"].nunique() >= LEAST_FIRM:
            yield part[part["is_marked"]]
