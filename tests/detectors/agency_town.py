"""A hand-made agency: manual cases at the desks of one office, with their reviews."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from tests.detectors.finding_reader import START
from tests.table_builder import as_given, tables_of

DESKS = tuple(range(6))
SPAN = 170
RING = tuple(range(12))
#: Working days of the ring's cases: nobody comes on a fixed date.
TIMES = 4


def case(person, day, entered, first, last, hour=None, **more):
    """A manual case entered on `day` and reviewed on the next two, at some hour of the office's own or at `hour`."""
    return {
        "person_no": person, "day": day, "hour": hour, "entered": entered, "first": first, "last": last, "reason": "01",
        **more,
    }  # fmt: skip


def town(seed=1, cases=600, claimants=260, desks=DESKS):
    """People of the town, each case at whatever desk is free, reviewed by two others (or whoever there is)."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(cases):
        hands = [int(desk) for desk in random.permutation(desks)[:3]]
        entered, first, last = (hands * 3)[:3]
        rows.append(case(1000 + int(random.integers(claimants)), int(random.integers(SPAN)), entered, first, last))
    return rows


def ring(hands, people=RING, seed=2, **more):
    """Each of `people` claims four times; `hands(n)` are the desks of the n-th case."""
    random = np.random.default_rng(seed)
    order = [(person, int(day)) for person in people for day in random.choice(SPAN, TIMES, replace=False)]
    return [case(person, day, *hands(n, random), **more) for n, (person, day) in enumerate(order)]


def built(rows, offices=None, shuffle=as_given, people=()):
    """Cases of `rows` with their reviews; every desk belongs to one office unless `offices` says otherwise."""
    numbered = [
        (no, {**row, "hour": 8.5 + no * 7919 % 28_800 / 3600 if row["hour"] is None else row["hour"]})
        for no, row in enumerate(rows)
    ]
    desks = sorted({row[who] for row in rows for who in ("entered", "first", "last")})
    known = {person["person_no"]: person for person in people}
    return tables_of(
        {
            "persons": [
                {"person_no": no, **known.get(no, {})} for no in range(max(row["person_no"] for row in rows) + 1)
            ],
            "settlements": [
                {"settlement_no": no, "person_no": row["person_no"], "is_manual": True, "settled_at": at(row["day"])}
                for no, row in numbered
            ],
            "handlers": [
                {"handler_no": no, "kind": "agency", "office": {**dict.fromkeys(DESKS, "O1"), **(offices or {})}[no]}
                for no in range(max(desks) + 1)
            ],
            "manual_cases": [
                {
                    "case_no": no, "settlement_no": no, "person_no": row["person_no"], "accepted_by": row["entered"],
                    "accepted_at": at(row["day"], row["hour"]), "reason": row["reason"],
                    "bank_account_no": row.get("account"),
                }
                for no, row in numbered
            ],
            "reviews": [
                {
                    "review_id": f"R{no}-{step}", "case_no": no, "step": step, "handler_no": row[who],
                    "at": at(
                        row["day"] + row.get("wait", step),
                        row.get("review_hour", row["hour"]) + step / 7 + no % 97 / 500,
                    ),
                }
                for no, row in numbered
                for step, who in ((1, "first"), (2, "last"))
            ],
        },
        shuffle,
    )  # fmt: skip


def at(day, hour=0.0):
    return START + timedelta(days=int(day), hours=hour)


def shuffled(rows):
    return [rows[place] for place in np.random.default_rng(0).permutation(len(rows))]
