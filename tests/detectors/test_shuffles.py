"""What chance makes of a search: persons change places within their own habits, the same seed tells the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from detectors import shuffles
from detectors.admissions import STAYS
from detectors.chance import tail_share
from detectors.covisit import VISITS, CoPresenceGroups
from detectors.groups import Session, unlinked
from detectors.odd_visits import ODD_VISITS, OddVisitGroups
from detectors.shuffles import Null, null_of
from tests.detectors.finding_reader import found, moment, numbered, visit
from tests.detectors.finding_reader import shuffled as reordered


def town(persons=60, sites=3, visits=12):
    generator = np.random.default_rng(5)
    return numbered(
        [
            visit(p, generator.integers(180), float(generator.uniform(8, 17)), generator.integers(sites), total_fen=fee)
            for p in range(persons)
            for fee in generator.integers(5_000, 20_000, visits).tolist()
        ]
    )


def events(gathering):
    every = "every_event" if gathering.stream.graded else "stream"
    return gathering.tables.execute(f"SELECT * FROM {every} ORDER BY settlement_no").df()


def exchanged(connection, stream, seed=1, shuffles=1):
    seen = []
    null_of(connection, stream, lambda gathering: seen.append(events(gathering)) or [], shuffles=shuffles, seed=seed)
    return seen


@pytest.mark.parametrize("stream", [VISITS, ODD_VISITS])
def test_each_site_keeps_its_days_and_each_person_the_own_weekdays(city, stream):
    connection = city(town())
    (after,) = exchanged(connection, stream)
    with shuffles.Gathering.of(connection, stream) as gathering:
        before = events(gathering)
    assert before.drop(columns=list(stream.personal)).equals(after.drop(columns=list(stream.personal)))
    habit = [(Counter(zip(t["person_no"], t["site_no"], t["day"] % 7, strict=True))) for t in (before, after)]
    assert habit[0] == habit[1]
    assert (before["person_no"] != after["person_no"]).mean() > 0.5


def test_oddness_goes_with_the_person(city):
    connection = city(town())
    (after,) = exchanged(connection, ODD_VISITS)
    with shuffles.Gathering.of(connection, ODD_VISITS) as gathering:
        before = events(gathering)
    own = [Counter(zip(t["person_no"], t["odd_p"].round(9), strict=True)) for t in (before, after)]
    assert own[0] == own[1]


def test_stays_keep_their_length(city):
    rows = [
        {"person_no": p, "site_no": 0, "kind": "inpatient", "at": moment(d, 9), "until": moment(d + 2 + p % 5, 9)}
        for p in range(30)
        for d in range(p % 7, 150, 35)
    ]
    (after,) = exchanged(city(rows), STAYS)
    lengths = (after["to_day"] - after["day"]).value_counts().sort_index().to_dict()
    assert lengths == {n: lengths[n] for n in (2, 3, 4, 5, 6)}
    assert sum(lengths.values()) == len(rows)


def test_shuffles_differ_and_the_same_seed_repeats_them_whatever_the_order_of_the_rows(city):
    first, second = exchanged(city(town()), VISITS, shuffles=2)
    assert not first.equals(second)
    again, _ = exchanged(city(reordered(town())), VISITS, shuffles=2)
    assert again.equals(first)


def test_a_shard_holds_no_more_than_it_may_and_sites_that_share_visitors(city, monkeypatch):
    monkeypatch.setattr(shuffles, "SHARD_EVENTS", 130)
    # persons 0-19 go to sites 0 and 1, persons 20-39 to sites 2 and 3, 40 events a site, site 4 is busier than a shard
    rows = [visit(p, d, 9, 2 * (p // 20) + d % 2) for p in range(40) for d in range(1, 5)]
    rows += [visit(p, d, 9, 4) for p in range(40) for d in range(20, 24)]
    for after in exchanged(city(numbered(rows)), VISITS, shuffles=4):
        assert len(after) <= 130
        assert {0, 1} <= set(after["site_no"]) or {2, 3} <= set(after["site_no"])
        assert 4 not in set(after["site_no"])


def test_the_larger_of_bound_and_shuffles_is_the_chance():
    null = Null(tuple(float(x) for x in range(-20, 0)), 5)
    assert null.p_value(-30.0) == 1.0
    assert np.exp(-40.0) < null.p_value(40.0) < 0.01
    assert null.p_value(0.5) == pytest.approx(np.exp(-0.5))
    assert Null((), 5).p_value(40.0) == pytest.approx(np.exp(-40.0))


def test_the_tail_is_honest_on_the_law_it_assumes_and_heavier_with_fewer_values():
    generator = np.random.default_rng(11)
    for n in (5, 20, 80):
        chances = np.array(
            [tail_share(sorted(generator.exponential(4.0, n)), generator.exponential(4.0)) for _ in range(2000)]
        )
        for level in (0.2, 0.05, 0.01):
            assert (chances <= level).mean() <= level + 3 * np.sqrt(level / 2000)
    assert tail_share([-9.0, -8.0, -7.0], 30.0) > tail_share(np.linspace(-9, -7, 40).tolist(), 30.0)


def test_within_the_sample_the_share_is_counted():
    values = [float(n) for n in range(100)]
    assert tail_share(values, -1.0) == 1.0
    assert tail_share(values, 50.0) == pytest.approx(51 / 101)


def session(day, log_p, site=0):
    return Session(site, day, 3, 3, 0.1, log_p)


def test_of_sessions_that_follow_each_other_at_a_site_the_least_likely_counts():
    course = [session(day, -5.0 - day) for day in range(10)]
    assert [s.log_p for s in unlinked(course)] == [-14.0]
    apart = [session(0, -5.0), session(7, -6.0), session(7, -6.0, site=1)]
    assert len(unlinked(apart)) == 3


@pytest.mark.parametrize("detector", [CoPresenceGroups(), OddVisitGroups()])
def test_a_town_of_strangers_gives_chance_groups_no_small_chance(city, detector):
    findings = found(detector, city(town(persons=90, visits=20)), shuffles=3)
    assert [f.p_value for f in findings if f.p_value < 0.01] == []
