"""Days and seconds of the city as Arrow dates and timestamps."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphaudit.simulation.city import City
from graphaudit.simulation.randomness import Column


def dates(city: City, days: Column, absent: Column | None = None) -> pa.Array:
    """Dates from days since the first one; null where `absent`."""
    return pa.array(np.datetime64(city.begins) + days.astype("timedelta64[D]"), mask=absent)


def times(city: City, seconds: Column, absent: Column | None = None) -> pa.Array:
    """Timestamps from seconds since the first midnight; null where `absent`."""
    start = np.datetime64(city.begins, "s")
    return pa.array((start + seconds.astype("timedelta64[s]")).astype("datetime64[us]"), mask=absent)
