"""The driver's own types become what the embedded store returns."""

from __future__ import annotations

from datetime import date, datetime, time

import neo4j.time

from graphaudit.stores.neo4j_store.values import plain


def test_temporal_values_become_those_of_the_standard_library() -> None:
    assert plain(neo4j.time.Date(2026, 1, 31)) == date(2026, 1, 31)
    moment = plain(neo4j.time.DateTime(2026, 1, 31, 4, 5, 6, 123456789))
    assert moment == datetime(2026, 1, 31, 4, 5, 6, 123456)
    assert type(moment) is datetime
    assert plain(neo4j.time.Time(4, 5, 6)) == time(4, 5, 6)
    assert plain(neo4j.time.Duration(days=2)) == "P2D"


def test_lists_and_maps_are_gone_through() -> None:
    assert plain([{"at": neo4j.time.Date(2026, 1, 1)}, None, 2**62, 1.5, True, "x"]) == [
        {"at": date(2026, 1, 1)},
        None,
        2**62,
        1.5,
        True,
        "x",
    ]
