"""Each honest class looks like a ring in the way its name says, and for the reason its name says."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from graphaudit.simulation.sizes import SIZES
from tests.graphaudit.simulation.conftest import MANY_COMPANIONS
from tests.graphaudit.simulation.delivered import Delivered, ids

BEGINS = SIZES["tiny"].begins

#: Pairs of different persons who settle at one site within a quarter of an hour.
TOGETHER = """
CREATE TEMP TABLE IF NOT EXISTS together AS
SELECT a.person AS one, b.person AS other, a.site, a.day, a.setl_id, abs(date_diff('second', a.moment, b.moment)) AS gap
FROM visits a JOIN visits b ON a.site = b.site AND a.person <> b.person
     AND b.moment BETWEEN a.moment - INTERVAL 15 MINUTE AND a.moment + INTERVAL 15 MINUTE
"""


@pytest.fixture(scope="module")
def met(city: Delivered) -> Delivered:
    """The city with a table of who met whom."""
    city.rows(TOGETHER)
    return city


@pytest.fixture(scope="module")
def companions(world) -> Delivered:
    """A city with more companions than a tiny one has room for by itself."""
    made: Delivered = world(MANY_COMPANIONS)
    made.rows(TOGETHER)
    return made


def _days(city: Delivered, group: dict, site: str, item: str) -> dict[str, list[date]]:
    """Days on which each member was billed an item at a site."""
    found: dict[str, list[date]] = {person: [] for person in ids(group, "person")}
    for person, day in city.rows(
        """SELECT DISTINCT v.person, v.day FROM visits v JOIN fee_list_d f USING (setl_id)
           WHERE v.site = $1 AND list_contains($2::VARCHAR[], v.person) AND regexp_matches(f.hilist_name, $3)
           ORDER BY ALL""",
        site,
        list(found),
        item,
    ):
        found[person].append(day)
    return found


def _site_of(city: Delivered, group: dict, item: str) -> str:
    """Where the members are billed the item most often."""
    return city.rows(
        """SELECT v.site, count(*) FROM visits v JOIN fee_list_d f USING (setl_id)
           WHERE list_contains($1::VARCHAR[], v.person) AND regexp_matches(f.hilist_name, $2)
           GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1""",
        ids(group, "person"),
        item,
    )[0][0]


def test_families_share_a_household_and_go_together_more_than_others(met: Delivered) -> None:
    households = met.rows(
        """SELECT honest, class, count(DISTINCT resdbook_no), count(*) FROM honest_members
           JOIN psn_info_b ON id = psn_no WHERE class IN ('family', 'couple') GROUP BY ALL"""
    )
    assert all(books == 1 for *_, books, _ in households)
    assert all(members == 2 for _, name, _, members in households if name == "couple")
    home = "JOIN psn_info_b p ON p.psn_no = v.person"
    accompanied = """avg(CAST(EXISTS (SELECT 1 FROM together t JOIN psn_info_b q ON q.psn_no = t.other
        WHERE t.setl_id = v.setl_id AND q.resdbook_no = p.resdbook_no) AS INT))"""
    named = "v.person IN (SELECT id FROM honest_members WHERE class IN ('family', 'couple'))"
    family, other = (met.one(f"SELECT {accompanied} FROM visits v {home} WHERE {w}") for w in (named, f"NOT {named}"))
    assert family > 0.25
    assert family > 2 * other


def test_infants_are_settled_with_a_parents_card(city: Delivered) -> None:
    groups = city.groups("infant_on_parent")
    presented = 0
    for group in groups:
        (infant,), (parent,) = ids(group, "person", "infant"), ids(group, "person", "parent")
        cards = city.rows("SELECT DISTINCT card_type, card_no FROM visits WHERE person = $1", infant)
        own = dict(
            zip(
                ("02", "01"),
                city.rows("SELECT certno, hsecfc FROM psn_info_b WHERE psn_no = $1", parent)[0],
                strict=True,
            )
        )
        assert all(number == own[kind] for kind, number in cards if kind in own)
        presented += sum(kind in own for kind, _ in cards)
        assert city.one("SELECT max(brdy) FROM psn_info_b WHERE psn_no = $1", infant) > "2024-09-01"
    assert presented > len(groups) / 3


def test_dialysis_is_the_same_people_three_times_a_week_in_one_slot(city: Delivered) -> None:
    for group in city.groups("dialysis_shift"):
        days = _days(city, group, _site_of(city, group, "透析"), "透析")
        assert len(days) >= 9
        weeks = SIZES["tiny"].days / 7
        assert all(0.85 * 3 * weeks < len(own) <= 3 * weeks + 1 for own in days.values())
        assert {day.weekday() for own in days.values() for day in own} in ({0, 2, 4}, {1, 3, 5})
        hours = city.column(
            """SELECT hour(v.moment) FROM visits v JOIN fee_list_d f USING (setl_id)
               WHERE list_contains($1::VARCHAR[], v.person) AND f.hilist_name LIKE '血液透析%'""",
            ids(group, "person"),
        )
        assert max(hours) - min(hours) <= 3


def test_chemotherapy_comes_round_every_three_weeks(city: Delivered) -> None:
    for group in city.groups("chemo_cycle"):
        days = _days(city, group, _site_of(city, group, "静脉化疗"), "静脉化疗")
        gaps = Counter((b - a).days for own in days.values() for a, b in pairwise(own))
        assert len(days) >= 6
        assert set(gaps) <= {21, 42, 63}
        assert gaps[21] > sum(gaps.values()) / 2


def test_rehabilitation_is_every_working_day_for_some_weeks(city: Delivered) -> None:
    for group in city.groups("rehabilitation"):
        days = _days(city, group, _site_of(city, group, "运动疗法"), "运动疗法")
        everything = [day for own in days.values() for day in own]
        assert {day.weekday() for day in everything} == {0, 1, 2, 3, 4}
        assert 35 <= (max(everything) - min(everything)).days <= 71
        assert all(len(own) > 15 for own in days.values())


def test_monthly_refills_fall_on_one_clinics_day_every_four_weeks(met: Delivered) -> None:
    for group in met.groups("monthly_refill"):
        persons = ids(group, "person")
        rows = met.rows(
            """SELECT site, day, count(DISTINCT person) AS came FROM visits WHERE list_contains($1::VARCHAR[], person)
               GROUP BY ALL HAVING came >= 0.6 * $2 ORDER BY day""",
            persons,
            len(persons),
        )
        assert len(rows) >= 5
        assert len({site for site, *_ in rows}) == 1
        days = [day for _, day, _ in rows]
        assert {(b - a).days for a, b in pairwise(days)} <= {28, 30}


def _neighbourhoods(city: Delivered, persons: list[str]) -> int:
    """In how many places the persons live, all of them in different households."""
    homes, places = city.rows(
        """SELECT count(DISTINCT resdbook_no), count(DISTINCT regexp_extract(live_addr, '^.*[村区]'))
           FROM psn_info_b WHERE list_contains($1::VARCHAR[], psn_no)""",
        persons,
    )[0]
    assert homes == len(persons)
    return int(places)


def test_companions_are_neighbours_of_different_households_on_irregular_days(companions: Delivered) -> None:
    groups = [group for group in companions.groups("companions") if ids(group, "person", "neighbour")]
    assert len(groups) >= 2
    for group in groups:
        persons = ids(group, "person")
        assert 4 <= len(persons) <= 8
        assert _neighbourhoods(companions, persons) == 1
        days = companions.column(
            """SELECT DISTINCT day FROM together WHERE list_contains($1::VARCHAR[], one)
               AND list_contains($1::VARCHAR[], other) ORDER BY day""",
            persons,
        )
        assert len(days) >= 6
        assert len({(b - a).days for a, b in pairwise(days)}) >= 4


def test_circles_of_acquaintances_go_loosely_and_for_their_own_drugs_or_the_same_ones(companions: Delivered) -> None:
    groups = [group for group in companions.groups("companions") if ids(group, "person", "acquaintance")]
    assert len(groups) >= 5
    assert max(len(group["members"]) for group in groups) > 8
    assert max(_neighbourhoods(companions, ids(group, "person")) for group in groups) > 3
    spans, shared, own = [], [], []
    for group in groups:
        lasting = companions.rows(
            """SELECT v.day, epoch(max(v.moment)) - epoch(min(v.moment)), count(*),
                      count(*) - count(DISTINCT v.total)
               FROM visits v WHERE list_contains($1::VARCHAR[], v.person) AND v.ring IS NULL
                    AND EXISTS (SELECT 1 FROM fee_list_d f WHERE f.setl_id = v.setl_id AND f.prd_days::INT >= 20)
               GROUP BY v.day, v.site HAVING count(*) > 2""",
            ids(group, "person"),
        )
        own.append(
            companions.one(
                """SELECT avg(CAST(days > 2 AS INT)) FROM (SELECT count(DISTINCT day) AS days, count(*) AS visits
                       FROM visits v WHERE list_contains($1::VARCHAR[], person) AND EXISTS (
                           SELECT 1 FROM fee_list_d f WHERE f.setl_id = v.setl_id AND f.prd_days::INT >= 20)
                       GROUP BY person, diagnosis), range(visits)""",
                ids(group, "person"),
            )
        )
        spans += [span for _, span, *_ in lasting]
        shared += [same / came for *_, came, same in lasting]
    assert sorted(spans)[len(spans) // 2] > 30 * 60  # neighbours side by side take a quarter of an hour
    assert sum(own) / len(own) > 0.5  # the same illness again and again: their own
    assert sum(shared) > 0  # and the same goods for the same sum


def test_nursing_homes_have_one_address_and_a_clinic_every_other_week(city: Delivered) -> None:
    for group in city.groups("nursing_home"):
        persons, (clinic,) = ids(group, "person", "resident"), ids(group, "institution", "clinic")
        addresses = city.column(
            "SELECT DISTINCT live_addr FROM psn_info_b WHERE list_contains($1::VARCHAR[], psn_no)", persons
        )
        assert len(addresses) == 1
        register = city.rows(
            "SELECT fixmedins_code FROM benign_register WHERE kind = 'nursing_home' AND address = $1", addresses[0]
        )
        assert register == [(clinic,)]
        rounds = city.column(
            """SELECT day FROM visits WHERE site = $1 AND list_contains($2::VARCHAR[], person)
               GROUP BY day HAVING count(DISTINCT person) > 0.5 * $3 ORDER BY day""",
            clinic,
            persons,
            len(persons),
        )
        assert len(rounds) >= 10
        assert {(b - a).days for a, b in pairwise(rounds)} == {14}


def test_registered_agents_stand_in_the_register_for_every_elder(met: Delivered) -> None:
    for group in met.groups("registered_agent"):
        (agent,), elders = ids(group, "person", "agent"), ids(group, "person", "represented")
        certificate = met.one("SELECT certno FROM psn_info_b WHERE psn_no = $1", agent)
        registered = met.column("SELECT psn_no FROM psn_fix_reg_d WHERE agnter_certno = $1", certificate)
        assert set(elders) <= set(registered)
        fetched = met.column(
            """SELECT day FROM visits WHERE list_contains($1::VARCHAR[], person) GROUP BY day
               HAVING count(DISTINCT person) > 0.6 * $2""",
            elders,
            len(elders),
        )
        assert len(fetched) >= 4


def test_a_shared_phone_is_written_for_all_who_borrow_it(city: Delivered) -> None:
    for group in city.groups("shared_phone"):
        (owner,), elders = ids(group, "person", "phone_owner"), ids(group, "person", "elder")
        assert len(elders) >= 5
        phones = city.column(
            "SELECT DISTINCT tel FROM psn_info_b WHERE list_contains($1::VARCHAR[], psn_no)", [owner, *elders]
        )
        assert len(phones) == 1


def test_a_helper_fetches_for_the_bedridden_minutes_apart(met: Delivered) -> None:
    for group in met.groups("proxy_pickup"):
        (patient,), (helper,) = ids(group, "person", "bedridden"), ids(group, "person", "helper")
        assert (
            met.one("SELECT count(DISTINCT resdbook_no) FROM psn_info_b WHERE psn_no IN ($1, $2)", patient, helper) == 1
        )
        pickups = met.one(
            "SELECT count(DISTINCT day) FROM together WHERE one = $1 AND other = $2 AND gap <= 180", patient, helper
        )
        assert pickups >= 3


def test_check_ups_bill_one_package_on_one_or_two_mornings(city: Delivered) -> None:
    for group in city.groups("check_up"):
        persons = ids(group, "person", "examined")
        rows = city.rows(
            """SELECT v.site, v.day, f.hilist_name, count(DISTINCT v.person), max(hour(v.moment))
               FROM visits v JOIN fee_list_d f USING (setl_id)
               WHERE list_contains($1::VARCHAR[], v.person) AND f.hilist_name LIKE '%体检套餐' GROUP BY ALL""",
            persons,
        )
        assert len({(site, item) for site, _, item, *_ in rows}) == 1
        assert 1 <= len({day for _, day, *_ in rows}) <= 2
        assert sum(came for *_, came, _ in rows) > 0.7 * len(persons)
        assert all(hour <= 14 for *_, hour in rows)
    assert city.one("SELECT count(*) FROM benign_register WHERE kind = 'check_up'") <= len(city.groups("check_up"))


def test_a_household_payee_receives_for_the_home_and_for_nobody_else(city: Delivered) -> None:
    for group in city.groups("household_payee"):
        persons = ids(group, "person", "relative")
        paid = city.rows(
            """SELECT c.bankacct, count(DISTINCT c.psn_no), bool_and(list_contains($1::VARCHAR[], o.psn_no))
               FROM cent_manl_reim_reg_d c JOIN cent_manl_reim_reg_d o USING (bankacct)
               WHERE list_contains($1::VARCHAR[], c.psn_no) GROUP BY 1""",
            persons,
        )
        assert max(claimants for _, claimants, _ in paid) >= 2
        assert all(only_home for *_, only_home in paid)


def test_market_days_fill_the_village_clinic_every_fifth_day(city: Delivered) -> None:
    for group in city.groups("market_day"):
        (clinic,) = ids(group, "institution", "site")
        by_phase = Counter(
            (day - BEGINS) // timedelta(days=1) % 5
            for day in city.column("SELECT day FROM visits WHERE site = $1", clinic)
        )
        assert max(by_phase.values()) > 0.38 * sum(by_phase.values())


def test_a_doctor_of_two_sites_is_registered_at_both(city: Delivered) -> None:
    worked = 0
    for group in city.groups("multi_site_doctor"):
        (doctor,), sites = ids(group, "doctor"), ids(group, "institution")
        registered = city.column("SELECT fixmedins_code FROM fixmedins_dept_dr_rlts_info_c WHERE dr_code = $1", doctor)
        assert sorted(registered) == sorted(sites)
        seen = city.column("SELECT DISTINCT site FROM visits WHERE doctor = $1", doctor)
        worked += set(sites) <= set(seen)
    assert worked > len(city.groups("multi_site_doctor")) / 2
    elsewhere = city.one(
        """SELECT count(*) FROM visits v
           WHERE doctor IN (SELECT dr_code FROM dr_info_b) AND site NOT LIKE 'P%' AND NOT EXISTS (
               SELECT 1 FROM fixmedins_dept_dr_rlts_info_c d
               WHERE d.dr_code = v.doctor AND d.fixmedins_code = v.site)"""
    )
    assert elsewhere == 0


def test_a_specialist_accepts_all_cases_of_one_kind(city: Delivered) -> None:
    for group in city.groups("specialist_handler"):
        (handler,) = ids(group, "handler")
        mine, others = city.rows(
            """SELECT count(*) FILTER (c.crter_id = $1), count(*) FILTER (c.crter_id <> $1)
               FROM cent_manl_reim_reg_d c JOIN visits USING (mdtrt_id) JOIN opt_psn_b o ON o.opter_no = c.crter_id
               WHERE ring IS NULL AND manl_reim_rea = '03'
               AND o.afil_optins_no = (SELECT afil_optins_no FROM opt_psn_b WHERE opter_no = $1)""",
            handler,
        )[0]
        assert mine > 5
        assert others == 0


def test_an_office_of_two_reviews_crosswise(city: Delivered) -> None:
    for group in city.groups("two_handler_office"):
        pair = ids(group, "handler", "handler")
        staff = city.column(
            """SELECT opter_no FROM opt_psn_b WHERE afil_optins_no =
               (SELECT afil_optins_no FROM opt_psn_b WHERE opter_no = $1)""",
            pair[0],
        )
        assert sorted(staff) == sorted(pair)
        alone = city.one(
            """SELECT count(*) FROM cent_manl_reim_reg_d c JOIN cent_manl_reim_reg_evt_c e USING (med_fee_reg_id)
               JOIN biz_gen_chk_d r ON r.evt_inst_id = e.evtsn AND r.rchk_flag = '5'
               WHERE list_contains($1::VARCHAR[], c.crter_id) AND r.opter_id = c.crter_id""",
            pair,
        )
        assert alone == 0


def test_outings_from_a_bed_are_settled_elsewhere_during_a_real_stay(city: Delivered) -> None:
    for group in city.groups("stay_outing"):
        (patient,) = ids(group, "person", "in_patient")
        outings = city.one(
            """SELECT count(*) FROM visits s JOIN visits o ON o.person = s.person AND o.site <> s.site
               AND o.moment > s.begins AND o.moment < s.ends
               WHERE s.person = $1 AND s.med_type = '21' AND s.ring IS NULL""",
            patient,
        )
        assert outings >= 1


def test_sites_open_close_and_pause_and_their_neighbour_takes_the_custom(city: Delivered) -> None:
    for name, role in (("clinic_opening", "opened"), ("clinic_closing", "closed"), ("site_suspended", "suspended")):
        for group in city.groups(name):
            sites = {m["role"]: m["id"] for m in group["members"] if m["type"] != "person"}
            assert set(sites) == {role, "neighbour"}
            assert city.one("SELECT count(*) FROM visits WHERE site = $1", sites[role]) > 0
            customers = ids(group, "person", "customer")
            assert city.one(
                "SELECT count(*) FROM visits WHERE site = $1 AND list_contains($2::VARCHAR[], person)",
                sites["neighbour"],
                customers,
            )


@pytest.mark.parametrize("level", [0, 2])
def test_nothing_is_settled_at_a_site_that_is_shut(world, level: int) -> None:
    city = world(level=level)
    opened = """SELECT count(*) FROM visits v JOIN fixmedins_b s ON s.fixmedins_code = v.site
        WHERE v.moment < s.begntime::TIMESTAMP - INTERVAL 1 HOUR
        OR v.moment >= s.endtime::TIMESTAMP + INTERVAL 1 HOUR"""
    paused = """SELECT count(*) FROM visits v JOIN fixmedins_paus_d p ON p.fixmedins_code = v.site
        WHERE v.moment >= p.begntime::TIMESTAMP + INTERVAL 1 HOUR
        AND v.moment < coalesce(p.endtime::TIMESTAMP, TIMESTAMP '2100-01-01') - INTERVAL 1 HOUR"""
    assert city.one(opened) == 0
    assert city.one(paused) == 0
    assert city.one("SELECT count(*) FROM fixmedins_paus_d") >= 2
