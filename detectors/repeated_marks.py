"""One kind of mark that comes back where its innocent cause would not: at another house, for another illness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

#: Share of the stays on paper that carry a mark: every second one, where some of the days are made up.
ON_PAPER = 0.5


def marked_again(stays: pd.DataFrame, kinds: Sequence[Sequence[str]], least: float) -> list[int]:
    """Persons (`person_no`) two of whose `stays` or more carry the same of `kinds`, each apart, worth `least` nats.

    A clinical path, a full ward or a day ward marks who comes back to the same doctor for the same illness. It does not
    follow the patient to another doctor at another house, and of one doctor's patients it marks the others as well. So
    marks count that came back with both another house and another doctor, or for another illness (category of the
    diagnosis). What they are worth is the log of the odds that every second stay on paper carries the mark, against
    the largest of its rate elsewhere (the `worth_` columns) and in the house among those who do not show it again, and,
    for another illness only, among the doctor's other patients. Stays of the same houses without the mark count against.
    """
    return sorted({person for names in kinds for person in _of_kind(stays, names, least)})


def worth_of(stays: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """What a kind of mark is worth on each stay, in nats: that of the most telling of its indicators `names`."""
    return stays[[f"worth_{name}" for name in names]].max(axis=1)


def _of_kind(stays: pd.DataFrame, names: Sequence[str], least: float) -> list[int]:
    worth = worth_of(stays, names)
    rows = stays[["person_no", "site_no", "doctor_no", "category"]].assign(worth=worth, marked=worth > 0)
    by_person = rows[rows["marked"]].groupby("person_no")
    apart = (by_person["site_no"].nunique() >= 2) & (by_person["doctor_no"].nunique() >= 2)
    again = (by_person.size() >= 2) & (apart | (by_person["category"].nunique() >= 2))
    rows["apart"] = rows["person_no"].isin(apart.index[apart & again])
    rows["again"] = rows["person_no"].isin(again.index[again])
    everywhere = (rows["marked"].sum() + 1) / (len(rows) + 1)
    # those who show it again do not speak for the house; for its feed and its full wards the others do
    others = rows[~rows["again"]].groupby("site_no")["marked"].agg(["sum", "size"]).reindex(rows["site_no"].to_numpy())
    others = others.fillna(0)
    house = (others["sum"].to_numpy() + everywhere) / (others["size"].to_numpy() + 1)
    of_doctor = rows.groupby(["site_no", "doctor_no"])["marked"]
    own = rows.groupby(["site_no", "doctor_no", "person_no"])["marked"]
    seen = of_doctor.transform("size") - own.transform("size")
    doctor = (of_doctor.transform("sum") - own.transform("sum") + everywhere) / (seen + 1)
    rate = np.maximum(np.exp(-rows["worth"]), np.where(rows["apart"], house, np.maximum(house, doctor)))
    rows["llr"] = np.where(rows["marked"], np.log(ON_PAPER / rate), np.log(ON_PAPER))
    here = rows[rows["again"]]
    here = here[here.groupby(["person_no", "site_no"])["marked"].transform("any")]
    total = here.groupby("person_no")["llr"].sum().round(6)
    return [int(person) for person in total[total >= least].index]
