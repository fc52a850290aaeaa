"""A city that drifts: rules and places change for everybody, and rings that were inspected change what they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphaudit.simulation import simulate, truth_path
from graphaudit.simulation.city import Plan, found_city
from graphaudit.simulation.rings import plant_rings
from graphaudit.simulation.rings.unseen import PATTERN
from graphaudit.simulation.sizes import SIZES, camouflage_at
from tests.graphaudit.simulation.conftest import EVERY_RING, SEED
from tests.graphaudit.simulation.delivered import Delivered, ids


@pytest.fixture(scope="module")
def plain(world) -> Delivered:
    """The city whose rings hide, as other tests use it."""
    made: Delivered = world(level=1)
    return made


@pytest.fixture(scope="module")
def drifting(world) -> Delivered:
    """The same city with drift and with rings of the held-out kind."""
    made: Delivered = world(level=1, drift=True, unseen=True)
    return made


def test_the_same_dials_give_the_same_bytes_with_drift_too(drifting: Delivered, tmp_path: Path) -> None:
    again = tmp_path / "again"
    simulate(again, size=EVERY_RING, seed=SEED, camouflage=1, drift=True, unseen=True)
    assert truth_path(again).read_bytes() == truth_path(drifting.folder).read_bytes()
    for file in sorted(drifting.folder.iterdir()):
        assert (again / file.name).read_bytes() == file.read_bytes(), file.name


def _drift(city: Delivered) -> dict[str, Any]:
    found: dict[str, Any] = city.truth["drift"]
    return found


def test_the_truth_tells_of_drift_only_where_there_is_some(plain: Delivered, drifting: Delivered) -> None:
    assert "drift" not in plain.truth
    assert not [ring for ring in plain.truth["rings"] if "inspected" in ring]
    assert set(_drift(drifting)) == {"drug_list_from", "long_prescriptions_from", "moved", "respiratory_wave"}
    same = "SELECT psn_no, certno, live_addr FROM psn_info_b ORDER BY ALL"
    assert plain.rows(same) == drifting.rows(same)


def test_delisted_drugs_are_sold_no_more_and_some_of_the_others_are_cheaper(
    plain: Delivered, drifting: Delivered
) -> None:
    sold = """SELECT DISTINCT hilist_code FROM fee_list_d
              WHERE list_type = '101' AND (CAST(fee_ocur_time AS DATE) >= $1::DATE) = $2"""
    since = _drift(drifting)["drug_list_from"]
    gone = set(drifting.column(sold, since, False)) - set(drifting.column(sold, since, True))
    assert len(gone - (set(plain.column(sold, since, False)) - set(plain.column(sold, since, True)))) >= 3
    cheaper = """SELECT count(*) FROM (SELECT hilist_code, median(pric::DOUBLE) FILTER (
                     CAST(fee_ocur_time AS DATE) < $1::DATE) AS before, median(pric::DOUBLE) FILTER (
                     CAST(fee_ocur_time AS DATE) >= $1::DATE) AS after
                 FROM fee_list_d WHERE list_type = '101' GROUP BY 1) WHERE after < 0.8 * before"""
    assert plain.one(cheaper, since) == 0
    assert drifting.one(cheaper, since) >= 5


def test_refills_become_rarer_and_last_longer(plain: Delivered, drifting: Delivered) -> None:
    since = _drift(drifting)["long_prescriptions_from"]
    lasting = """SELECT avg(prd_days::INT), count(*) FROM fee_list_d
                 WHERE prd_days::INT >= 28 AND CAST(fee_ocur_time AS DATE) >= $1::DATE"""
    (before, many), (after, fewer) = plain.rows(lasting, since)[0], drifting.rows(lasting, since)[0]
    assert after > 1.05 * before
    assert fewer < 0.95 * many


def test_a_clinic_moves_with_a_part_of_its_custom(plain: Delivered, drifting: Delivered) -> None:
    place = "SELECT lnt, lat FROM medins_info_b WHERE medins_code = $1"
    customers = """SELECT DISTINCT person FROM visits WHERE site = $1 AND day >= $2::DATE AND ring IS NULL"""
    for move in _drift(drifting)["moved"]:
        assert plain.rows(place, move["site"]) != drifting.rows(place, move["site"])
        stayed = set(plain.column(customers, move["site"], move["from"]))
        now = set(drifting.column(customers, move["site"], move["from"]))
        assert len(stayed - now) > 0.2 * len(stayed)
        assert now - stayed  # neighbours of the new place
        earlier = "SELECT count(*) FROM visits WHERE site = $1 AND day < $2::DATE AND ring IS NULL"
        before = plain.one(earlier, move["site"], move["from"]), drifting.one(earlier, move["site"], move["from"])
        assert before[0] == pytest.approx(before[1], rel=0.1)


def test_the_winter_wave_comes_late(plain: Delivered, drifting: Delivered) -> None:
    wave = _drift(drifting)["respiratory_wave"]
    share = """SELECT avg(CAST(CAST(begins AS DATE) BETWEEN $1::DATE AND $2::DATE AS INT)) FROM visits
               WHERE med_type = '21' AND ring IS NULL AND diagnosis IN ('J18.900', 'J42.x00')"""
    dates = (wave["from"], wave["to"])
    assert drifting.one(share, *dates) > plain.one(share, *dates) + 0.1


def test_an_inspected_ring_leaves_its_sites_four_weeks_later(drifting: Delivered) -> None:
    inspected = [ring for ring in drifting.truth["rings"] if "inspected" in ring]
    assert len(inspected) >= 3
    for ring in inspected:
        told = ring["inspected"]
        used = """SELECT DISTINCT site FROM visits WHERE ring = $1 AND site LIKE $2 AND (day >= $3::DATE) = $4"""
        kind = f"{told['site'][0]}%"
        before = set(drifting.column(used, ring["id"], kind, told["on"], False))
        after = set(drifting.column(used, ring["id"], kind, told["reacts_from"], True))
        assert told["site"] in before
        if ring["pattern"] not in ("doctor_pharmacy", "inducement", "sham_stay"):
            assert told["site"] not in after  # the doctor stays, and hospitals may be too few


def test_the_held_out_kind_comes_last_and_changes_no_other_ring() -> None:
    def rings(unseen: bool) -> list[tuple[str, list[tuple[str, int | str]]]]:
        city = found_city(SIZES["tiny"], camouflage_at(1), SEED)
        nobody = np.zeros(len(city.people), dtype=bool)
        plan = Plan(engaged=nobody.copy(), settled=nobody.copy())
        plant_rings(city, plan, with_unseen=unseen)
        return [(ring.pattern, [(m.type, m.number) for m in ring.members]) for ring in plan.rings]

    without, both = rings(False), rings(True)
    assert both[: len(without)] == without
    assert [pattern for pattern, _ in both[len(without) :]] == [PATTERN]


def test_rings_of_the_held_out_kind_are_true_like_the_others(drifting: Delivered) -> None:
    found = drifting.rings(PATTERN)
    assert len(found) == max(1, SIZES[EVERY_RING].rings // 10)
    for ring in found:
        persons = ids(ring, "person")
        assert len(persons) >= 5
        shown = drifting.column("SELECT DISTINCT person FROM visits WHERE ring = $1", ring["id"])
        assert sorted(persons) == sorted(shown)
        sites = drifting.column("SELECT DISTINCT site FROM visits WHERE ring = $1", ring["id"])
        assert sorted(ids(ring, "institution")) == sorted(sites)
