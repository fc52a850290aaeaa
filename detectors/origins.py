"""Where the in-patients of a city come from: which hospitals people from around a place choose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from detectors.chance import Floats
from detectors.communities import Ints

#: So many in-patients around a place tell where people from there go.
AROUND = 100
#: The city's own shares count like so many of them, and those around like so many patients of the place itself.
PRIOR = 10.0


@dataclass(frozen=True, slots=True)
class Origins:
    """Places × hospitals: persons who have a stay there, by the place where each is seen most.

    `pairs` has a row for each person (its index) and hospital: place and hospital by their positions.
    """

    places: Ints
    hospitals: Ints
    longitude: Floats
    latitude: Floats
    persons: Floats
    pairs: pd.DataFrame

    @classmethod
    def of(cls, stays: pd.DataFrame) -> Origins:
        """Count them in `stays`: person_no, hospital_no, place_no, longitude and latitude of the place."""
        pairs = stays.drop_duplicates(["person_no", "hospital_no"])
        places, place = np.unique(pairs["place_no"].to_numpy(np.int64), return_inverse=True)
        hospitals, hospital = np.unique(pairs["hospital_no"].to_numpy(np.int64), return_inverse=True)
        counts = sparse.coo_array((np.ones(len(pairs)), (place, hospital)), shape=(len(places), len(hospitals)))
        where = pairs.drop_duplicates("place_no").set_index("place_no").loc[places]
        return cls(
            places=places,
            hospitals=hospitals,
            longitude=where["longitude"].to_numpy(np.float64),
            latitude=where["latitude"].to_numpy(np.float64),
            persons=np.asarray(counts.toarray(), np.float64),
            pairs=pairs.assign(place=place, hospital=hospital)
            .set_index("person_no")[["place", "hospital"]]
            .sort_index(),
        )

    def shares(self, site_no: int, longitude: float, latitude: float, but: Sequence[int]) -> Floats:
        """Each hospital's share of the in-patients around a place, or of the place's own, whichever is larger.

        `but` are persons who are not asked: those whose choice is in question.
        """
        left_out = self.pairs.loc[self.pairs.index.intersection(list(but))]
        place, hospital = left_out["place"].to_numpy(np.int64), left_out["hospital"].to_numpy(np.int64)
        shrink = math.cos(math.radians(latitude))
        km = 111.2 * np.hypot(self.latitude - latitude, (self.longitude - longitude) * shrink)
        # round, so that places at one point stay in the order of their numbers
        order = np.argsort(np.round(km, 6), kind="stable")
        left = self.persons.sum(axis=1) - np.bincount(place, minlength=len(self.places))
        enough = int(np.searchsorted(np.cumsum(left[order]), AROUND)) + 1
        city = self.persons.sum(axis=0) - np.bincount(hospital, minlength=len(self.hospitals))
        city /= max(float(city.sum()), 1.0)
        near = self._others(order[:enough], place, hospital)
        around = (near + PRIOR * city) / (near.sum() + PRIOR)
        own = self._others(np.flatnonzero(self.places == site_no), place, hospital)
        return np.asarray(np.maximum(around, (own + PRIOR * around) / (own.sum() + PRIOR)), np.float64)

    def _others(self, rows: Ints, place: Ints, hospital: Ints) -> Floats:
        """Persons of some places by hospital, without the (place, hospital) pairs given."""
        is_row = np.isin(place, rows)
        minus = np.bincount(hospital[is_row], minlength=len(self.hospitals))
        return np.asarray(self.persons[rows].sum(axis=0) - minus, np.float64)
