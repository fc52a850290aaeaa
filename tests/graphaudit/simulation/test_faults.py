"""Faulty feeds: each fault does to the records what the truth says of it, and to nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.evaluation.files import check_truth
from graphaudit.simulation.faults import FIELDS, RATES, rates_at
from tests.graphaudit.simulation.delivered import Delivered

SETTLEMENTS = "SELECT setl_id FROM setl_d WHERE refd_setl_flag = '0'"
COLUMNS = {
    "doctor": "chfpdr_code",
    "operator": "opter_id",
    "credential": "mdtrt_cert_no",
    "diagnosis": "dscg_maindiag_code",
    "bed": "adm_bed",
}


@pytest.fixture(scope="module")
def faulty(world) -> Delivered:
    """The city of the other tests with the most faults; without the dial it has none at this level."""
    made: Delivered = world(faults=2)
    return made


def _faults(city: Delivered, name: str) -> list[dict[str, Any]]:
    found = [fault for fault in city.truth["faults"] if fault["class"] == name]
    assert found, name
    return found


def _sites(city: Delivered, name: str) -> list[str]:
    return [member["id"] for fault in _faults(city, name) for member in fault["members"]]


def _shifts(city: Delivered, faulty: Delivered, site: str) -> list[int]:
    """By how many seconds the settlements of a site are recorded later than they were."""
    times = (
        "SELECT setl_id, epoch(CAST(setl_time AS TIMESTAMP)) FROM setl_d WHERE fixmedins_code = $1 AND pay_loc = '2'"
    )
    before = dict(city.rows(times, site))
    return [int(after - before[setl]) for setl, after in faulty.rows(times, site) if setl in before]


def test_the_truth_names_every_kind_of_fault_and_nothing_without_the_dial(city: Delivered, faulty: Delivered) -> None:
    assert "faults" not in city.truth
    check_truth(faulty.truth)
    kinds = {"clock_offset", "hourly_upload", "daily_upload", "lost_hours", "sent_twice", "lacking_field"}
    assert {fault["class"] for fault in faulty.truth["faults"]} == kinds | {"second_number"}
    named = [site for kind in kinds for site in _sites(faulty, kind)]
    assert len(named) == len(set(named))  # a site has one fault at most
    known = set(faulty.column("SELECT fixmedins_code FROM fixmedins_b"))
    assert set(named) <= known
    assert len({fault["id"] for fault in faulty.truth["faults"]}) == len(faulty.truth["faults"])


def test_faults_leave_people_and_rings_as_they_are(city: Delivered, faulty: Delivered) -> None:
    assert [r["pattern"] for r in faulty.truth["rings"]] == [r["pattern"] for r in city.truth["rings"]]
    for with_faults, without in zip(faulty.truth["rings"], city.truth["rings"], strict=True):
        assert set(with_faults["settlements"]) <= set(without["settlements"])
    people = "SELECT psn_no, certno FROM psn_info_b"
    assert set(city.rows(people)) <= set(faulty.rows(people))


def test_a_shifted_clock_shifts_all_of_its_site_and_of_no_other(city: Delivered, faulty: Delivered) -> None:
    for fault in _faults(faulty, "clock_offset"):
        (site,) = (member["id"] for member in fault["members"])
        assert set(_shifts(city, faulty, site)) == {fault["seconds"]}
        assert abs(fault["seconds"]) >= 480
    timed = {site for kind in ("clock_offset", "hourly_upload", "daily_upload") for site in _sites(faulty, kind)}
    for (site,) in city.rows("SELECT fixmedins_code FROM fixmedins_b"):
        assert site in timed or set(_shifts(city, faulty, site)) <= {0}


def test_batches_are_stamped_when_they_are_sent(city: Delivered, faulty: Delivered) -> None:
    for site in _sites(faulty, "hourly_upload"):
        assert all(0 < shift <= 3600 + 240 for shift in _shifts(city, faulty, site))
    for site in _sites(faulty, "daily_upload"):
        stamps = faulty.column(
            """SELECT epoch(CAST(setl_time AS TIMESTAMP)) % 86400 FROM setl_d
               WHERE fixmedins_code = $1 AND pay_loc = '2'""",
            site,
        )
        assert max(stamps) - min(stamps) < 420
        assert min(stamps) >= 21.5 * 3600
        assert min(_shifts(city, faulty, site)) >= 0


def test_lost_hours_are_missing_and_nothing_else_is(city: Delivered, faulty: Delivered) -> None:
    lost = set(city.column(SETTLEMENTS)) - set(faulty.column(SETTLEMENTS))
    where = city.rows(
        "SELECT fixmedins_code, count(*) FROM setl_d WHERE list_contains($1::VARCHAR[], setl_id) GROUP BY 1",
        sorted(lost),
    )
    told = {f["members"][0]["id"]: f["records"] for f in _faults(faulty, "lost_hours")}
    assert dict(where) == {site: records for site, records in told.items() if records}
    assert sum(told.values()) > 20
    for table in ("mdtrt_d", "fee_list_d"):
        orphans = f"""SELECT count(*) FROM {table} t WHERE mdtrt_id IN (
                      SELECT mdtrt_id FROM mdtrt_d EXCEPT SELECT mdtrt_id FROM setl_d)"""
        assert faulty.one(orphans) == 0


def test_records_sent_twice_differ_in_the_platforms_number_only(city: Delivered, faulty: Delivered) -> None:
    fresh = sorted(set(faulty.column(SETTLEMENTS)) - set(city.column(SETTLEMENTS)))
    told = {f["members"][0]["id"]: f["records"] for f in _faults(faulty, "sent_twice")}
    copies = faulty.rows(
        """SELECT c.fixmedins_code, count(*), bool_and(
               (c.psn_no, c.setl_time, c.medfee_sumamt, c.medins_setl_id, c.opter_id)
               IS NOT DISTINCT FROM (o.psn_no, o.setl_time, o.medfee_sumamt, o.medins_setl_id, o.opter_id))
           FROM setl_d c JOIN setl_d o ON o.mdtrt_id = c.mdtrt_id AND o.setl_id <> c.setl_id AND o.refd_setl_flag = '0'
           WHERE list_contains($1::VARCHAR[], c.setl_id) GROUP BY 1""",
        fresh,
    )
    assert {site: count for site, count, _ in copies} == told
    assert all(same for *_, same in copies)
    billed = "SELECT count(*), sum(det_item_fee_sumamt::DECIMAL(16, 2)) FROM fee_list_d WHERE setl_id = $1"
    original = faulty.one(
        "SELECT min(setl_id) FROM setl_d WHERE mdtrt_id = (SELECT mdtrt_id FROM setl_d WHERE setl_id = $1) "
        "AND setl_id <> $1 AND refd_setl_flag = '0'",
        fresh[0],
    )
    assert faulty.rows(billed, fresh[0]) == faulty.rows(billed, original)
    assert faulty.one("SELECT count(*) - count(DISTINCT bkkp_sn) FROM fee_list_d") == 0


def test_a_field_is_lacking_at_its_site_and_there_only(city: Delivered, faulty: Delivered) -> None:
    for fault in _faults(faulty, "lacking_field"):
        column, site = COLUMNS[fault["field"]], fault["members"][0]["id"]
        filled = f"SELECT count(*) FROM mdtrt_d WHERE fixmedins_code = $1 AND {column} IS NOT NULL"
        assert faulty.one(f"{filled} AND opter_id NOT LIKE 'JB99%'", site) == 0
        assert faulty.one("SELECT count(*) FROM mdtrt_d WHERE fixmedins_code = $1", site) > 50
    assert set(COLUMNS) == set(FIELDS)


def test_a_second_number_takes_over_from_the_first(faulty: Delivered) -> None:
    both = 0
    for fault in _faults(faulty, "second_number"):
        first, second = (
            next(m["id"] for m in fault["members"] if m["role"] == role) for role in ("person", "second_number")
        )
        assert faulty.one("SELECT count(DISTINCT certno) FROM psn_info_b WHERE psn_no IN ($1, $2)", first, second) == 1
        last, begins = faulty.rows(
            """SELECT max(moment) FILTER (person = $1 AND pay_loc = '2'), min(moment) FILTER (person = $2)
               FROM visits WHERE person IN ($1, $2)""",
            first,
            second,
        )[0]
        if last and begins:
            both += 1
            assert begins.date() >= last.date()
    assert both >= 5


@pytest.mark.parametrize("level", [-1, len(RATES)])
def test_there_is_no_other_level_of_faults(level: int) -> None:
    with pytest.raises(ConfigurationError, match="choose 0, 1 or 2"):
        rates_at(level)
