"""What the camouflage dial says is what it does: each level hides more than the one before."""

from __future__ import annotations

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.simulation.city import found_city
from graphaudit.simulation.sizes import SIZES, camouflage_at
from tests.graphaudit.simulation.delivered import Delivered, ids

LEVELS = (0, 1, 2)


@pytest.fixture(scope="module")
def levels(world) -> list[Delivered]:
    """The same city at all three levels."""
    return [world(level=level) for level in LEVELS]


def _falls(values: list[float]) -> bool:
    return values[0] > values[1] > values[2]


def test_rings_meet_less_often_in_full(levels: list[Delivered]) -> None:
    came = [
        city.one(
            """SELECT avg(came / members) FROM (SELECT ring, day, count(DISTINCT person) AS came FROM visits
                   WHERE pattern = 'hoarded_cards' GROUP BY ALL)
               JOIN (SELECT ring, count(*) AS members FROM ring_members WHERE role = 'card_holder' GROUP BY ring)
               USING (ring)"""
        )
        for city in levels
    ]
    assert _falls(came)
    assert came[0] == pytest.approx(0.9, abs=0.08)


def test_rings_spread_over_more_sites(levels: list[Delivered]) -> None:
    sites = [[len(ids(r, "pharmacy") + ids(r, "institution")) for r in c.rings("hoarded_cards")] for c in levels]
    assert all(count == 1 for count in sites[0])
    assert all(count >= 2 for count in sites[1])
    assert sum(sites[2]) > sum(sites[1]) > sum(sites[0])


def test_rings_stretch_their_sessions(levels: list[Delivered]) -> None:
    close = [
        city.one(
            """SELECT avg(CAST(EXISTS (SELECT 1 FROM visits b WHERE b.ring = a.ring AND b.site = a.site
                   AND b.person <> a.person AND abs(date_diff('second', a.moment, b.moment)) < 600) AS INT))
               FROM visits a WHERE pattern = 'hoarded_cards'"""
        )
        for city in levels
    ]
    assert _falls(close)
    assert close[0] > 0.9


def test_rings_hide_among_more_ordinary_visits(levels: list[Delivered]) -> None:
    own = [
        city.one(
            """SELECT avg(CAST(v.ring IS NOT NULL AS INT)) FROM visits v JOIN ring_members m
               ON m.type = 'person' AND m.id = v.person WHERE m.pattern IN ('hoarded_cards', 'doctor_pharmacy')"""
        )
        for city in levels
    ]
    assert _falls(own)


def test_rings_leave_fewer_technical_traces(levels: list[Delivered]) -> None:
    plastic = [
        city.one("SELECT avg(CAST(card_type = '03' AS INT)) FROM visits WHERE pattern = 'hoarded_cards'")
        for city in levels
    ]
    phones = [
        city.one(
            """SELECT avg(CAST(v.tel = p.tel AS INT)) FROM visits v JOIN ring_members m
               ON m.ring = v.ring AND m.role = 'recruiter' JOIN psn_info_b p ON p.psn_no = m.id"""
        )
        for city in levels
    ]
    assert _falls(plastic)
    assert _falls(phones)


def test_an_insider_works_with_a_colleague_and_pays_more_accounts(levels: list[Delivered]) -> None:
    assert [len(ids(c.rings("insider")[0], "handler")) for c in levels] == [1, 2, 2]
    accounts = [sum(len(ids(r, "bank_account")) for r in c.rings("insider")) for c in levels]
    assert accounts[0] < accounts[1] <= accounts[2]


def test_household_books_are_recorded_as_the_level_says(levels: list[Delivered]) -> None:
    known = [c.one("SELECT avg(CAST(resdbook_no IS NOT NULL AS INT)) FROM psn_info_b") for c in levels]
    assert known[0] == 1.0
    assert known == pytest.approx([camouflage_at(level).households_known for level in LEVELS], abs=0.05)


@pytest.mark.parametrize("level", LEVELS)
def test_clocks_and_uploads_are_faulty_as_the_level_says(level: int) -> None:
    sites = found_city(SIZES["main"], camouflage_at(level), 1).places.sites
    faulty = ((sites.clock_offset != 0) | sites.batches).mean()
    assert faulty == pytest.approx(2 * camouflage_at(level).faulty_sites, abs=0.025)
    assert (faulty == 0) == (level == 0)


def test_who_lives_in_the_city_does_not_depend_on_the_level(levels: list[Delivered]) -> None:
    people = [c.rows("SELECT psn_no, psn_name, certno, live_addr FROM psn_info_b ORDER BY ALL") for c in levels]
    assert people[0] == people[1] == people[2]
    assert len({tuple(ids(c.rings("hoarded_cards")[0], "doctor")) for c in levels}) == 1


@pytest.mark.parametrize("level", [-1, 3])
def test_there_is_no_other_level(level: int) -> None:
    with pytest.raises(ConfigurationError, match="choose 0, 1 or 2"):
        camouflage_at(level)
