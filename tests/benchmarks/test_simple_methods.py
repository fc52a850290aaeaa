"""The methods beside ours find what they are made to find, and nothing where their numbers are not reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.benchmarks import household_rule, simple_rules, threshold_rules
from tests.benchmarks.dense_blocks import dense_blocks, densest
from tests.benchmarks.handmade_source import at, meetings, settlement, write_folder

RING = [f"P{n}" for n in range(6)]
IRREGULAR = (0, 3, 19, 24, 60)


def _persons(leads: list[dict[str, Any]]) -> list[list[str]]:
    return [[m["id"] for m in lead["members"] if m["type"] == "person"] for lead in leads]


def _of(leads: list[dict[str, Any]], pattern: str) -> list[dict[str, Any]]:
    return [lead for lead in leads if lead["pattern"] == pattern]


def test_strangers_at_irregular_sessions_are_a_group(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "city", setl_d=meetings(RING, "X", IRREGULAR))
    assert _persons(household_rule.leads(folder)) == [RING]


@pytest.mark.parametrize(
    ("days", "households"),
    [
        ((0, 7, 14, 21, 28), 6),  # a timetable
        ((0, 3, 19), 6),  # three sessions
        (IRREGULAR, 1),  # one family
        (IRREGULAR, 3),  # three households
    ],
)
def test_shifts_families_and_few_sessions_are_not(tmp_path: Path, days: tuple[int, ...], households: int) -> None:
    people = [{"psn_no": person, "resdbook_no": f"H{n % households}"} for n, person in enumerate(RING)]
    folder = write_folder(tmp_path / "city", setl_d=meetings(RING, "X", days), psn_info_b=people)
    assert household_rule.leads(folder) == []


def test_a_planted_block_is_denser_than_a_crowd_at_one_place() -> None:
    chance = np.random.default_rng(1)
    block = [(row, column) for row in range(6) for column in range(8)]
    crowd = [(row, 30) for row in range(10, 200)]
    life = zip(chance.integers(0, 200, 300).tolist(), chance.integers(10, 400, 300).tolist(), strict=True)
    edges = np.unique(np.array([*block, *crowd, *life]), axis=0)
    rows, columns = densest(edges)
    assert rows.tolist() == list(range(6))
    assert columns.tolist() == list(range(8))


def test_blocks_come_one_after_the_other_and_edges_given_twice_count_once() -> None:
    first = [(row, column) for row in range(5) for column in range(9)]
    second = [(row, column) for row in range(20, 24) for column in range(20, 26)]
    edges = np.array([*second, *first, *first])
    found = dense_blocks(edges[:, 0], edges[:, 1], blocks=5)
    assert [(rows.tolist(), columns.tolist()) for rows, columns in found] == [
        (list(range(5)), list(range(9))),
        (list(range(20, 24)), list(range(20, 26))),
    ]
    assert dense_blocks([], [], blocks=5) == []


def test_greedy_removal_reaches_half_of_the_best_density() -> None:
    chance = np.random.default_rng(7)
    edges = np.unique(chance.integers(0, 5, (16, 2)), axis=0)
    worth = 1.0 / np.log(np.bincount(edges[:, 1])[edges[:, 1]] + 5)
    best = 0.0
    for mask in range(1, 1 << 10):
        rows = [bool(mask >> bit & 1) for bit in range(5)]
        columns = [bool(mask >> bit & 1) for bit in range(5, 10)]
        inside = np.array([rows[row] and columns[column] for row, column in edges])
        best = max(best, float(worth[inside].sum()) / (sum(rows) + sum(columns)))
    found_rows, found_columns = densest(edges)
    inside = np.isin(edges[:, 0], found_rows) & np.isin(edges[:, 1], found_columns)
    assert worth[inside].sum() / (len(found_rows) + len(found_columns)) >= best / 2


def test_together_five_times_in_five_minutes(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "city", setl_d=meetings(RING[:4], "X", range(5)))
    assert _persons(simple_rules.rule_leads(folder)) == [RING[:4]]
    # five in half a month are more than fifty a year as well, so the rule for one card at one pharmacy names them too
    assert _persons(_of(threshold_rules.leads(folder), "hoarded_cards")) == [RING[:4], RING[:4]]
    fewer = write_folder(tmp_path / "fewer", setl_d=meetings(RING[:4], "X", range(4)))
    assert simple_rules.rule_leads(fewer) == []


def test_a_card_at_two_places_within_half_an_hour(tmp_path: Path) -> None:
    def clashes(minutes: int) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for number, person in enumerate(RING[:3]):
            rows.append(settlement(2 * number, person, "X", at(number)))
            rows.append(settlement(2 * number + 1, person, f"Y{number}", at(number, minutes)))
        return rows

    near = _of(threshold_rules.leads(write_folder(tmp_path / "near", setl_d=clashes(29))), "impersonation")
    assert _persons(near) == [RING[:3]]
    assert near[0]["members"][-1] == {"type": "institution", "id": "X", "role": "site", "strength": 1.0}
    far = threshold_rules.leads(write_folder(tmp_path / "far", setl_d=clashes(30)))
    assert _of(far, "impersonation") == []


def test_cash_out_on_cards_at_one_pharmacy(tmp_path: Path) -> None:
    dear = [settlement(n, person, "X", at(9 * n), medfee_sumamt="501.00") for n, person in enumerate(RING[:3])]
    leads = threshold_rules.leads(write_folder(tmp_path / "dear", setl_d=dear))
    assert _persons(_of(leads, "hoarded_cards")) == [RING[:3]]
    cheap = [{**row, "medfee_sumamt": "500.00"} for row in dear]
    assert threshold_rules.leads(write_folder(tmp_path / "cheap", setl_d=cheap)) == []


def test_units_of_one_drug_at_three_places(tmp_path: Path) -> None:
    def bought(units: int) -> Path:
        rows, lines = [], []
        for number in range(9):
            rows.append(settlement(number, RING[number // 3], f"X{number % 3}", at(5 * number)))
            drug = {"hilist_code": "D1", "list_type": "101", "cnt": units, "pric": "1", "vali_flag": "1"}
            lines.append({"setl_id": f"S{number}", "mdtrt_id": f"V{number}", **drug})
        return write_folder(tmp_path / str(units), setl_d=rows, fee_list_d=lines)

    assert _persons(_of(threshold_rules.leads(bought(21)), "drug_resale")) == [RING[:3]]
    assert _of(threshold_rules.leads(bought(20)), "drug_resale") == []


def test_a_doctor_whose_patients_fill_dearly_at_one_pharmacy(tmp_path: Path) -> None:
    patients = [f"Q{n}" for n in range(10)]

    def city(price: float, of: int) -> Path:
        rows, visits, lines = [], [], []
        for number, person in enumerate(patients[:of]):
            rows.append(settlement(3 * number, person, "H", at(2 * number), med_type="11"))
            rows.append(settlement(3 * number + 1, person, "X", at(2 * number, 60)))
            rows.append(settlement(3 * number + 2, f"Z{number}", "Y", at(2 * number)))
            visits += [{"mdtrt_id": f"V{3 * number}", "chfpdr_code": "DR", "begntime": "", "endtime": ""}]
            for bill, each in ((3 * number + 1, price), (3 * number + 2, 1.0)):
                drug = {"hilist_code": "D1", "list_type": "101", "cnt": 1, "pric": each, "vali_flag": "1"}
                lines.append({"setl_id": f"S{bill}", "mdtrt_id": f"V{bill}", **drug})
        return write_folder(tmp_path / f"{price}-{of}", setl_d=rows, mdtrt_d=visits, fee_list_d=lines)

    found = _of(threshold_rules.leads(city(4.0, 10)), "doctor_pharmacy")
    assert _persons(found) == [patients]
    assert {(m["type"], m["id"]) for m in found[0]["members"][-2:]} == {("doctor", "DR"), ("pharmacy", "X")}
    assert _of(threshold_rules.leads(city(2.5, 10)), "doctor_pharmacy") == []  # 1.43 times the mean
    assert _of(threshold_rules.leads(city(4.0, 9)), "doctor_pharmacy") == []


def _stays(persons: list[str], waves: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    rows: list[dict[str, object]] = []
    visits: list[dict[str, object]] = []
    for wave in range(waves):
        for place, person in enumerate(persons):
            number = wave * len(persons) + place
            rows.append(settlement(number, person, "H", at(20 * wave + 6), med_type="21"))
            visits.append(
                {"mdtrt_id": f"V{number}", "chfpdr_code": "", "begntime": at(20 * wave), "endtime": at(20 * wave + 6)}
            )
    return rows, visits


def test_eight_in_and_out_together_five_times(tmp_path: Path) -> None:
    eight = [f"Q{n}" for n in range(8)]
    rows, visits = _stays(eight, 5)
    leads = threshold_rules.leads(write_folder(tmp_path / "five", setl_d=rows, mdtrt_d=visits))
    assert _persons(_of(leads, "inducement")) == [eight]
    for persons, waves in ((eight, 4), (eight[:7], 5)):
        rows, visits = _stays(persons, waves)
        name = f"{len(persons)}-{waves}"
        leads = threshold_rules.leads(write_folder(tmp_path / name, setl_d=rows, mdtrt_d=visits))
        assert _of(leads, "inducement") == []


def test_purchases_during_a_stay(tmp_path: Path) -> None:
    rows, visits = _stays(RING[:3], 1)
    inside = [settlement(100 + n, person, "X", at(3)) for n, person in enumerate(RING[:3])]
    after = [{**row, "setl_time": at(7)} for row in inside]
    found = threshold_rules.leads(write_folder(tmp_path / "in", setl_d=rows + inside, mdtrt_d=visits))
    assert _persons(_of(found, "sham_stay")) == [RING[:3]]
    found = threshold_rules.leads(write_folder(tmp_path / "out", setl_d=rows + after, mdtrt_d=visits))
    assert _of(found, "sham_stay") == []


def test_one_handler_on_both_steps_and_one_account_for_three(tmp_path: Path) -> None:
    rows = [settlement(n, person, "H", at(n)) for n, person in enumerate(RING)]
    cases = [
        {"med_fee_reg_id": f"B{n}", "mdtrt_id": f"V{n}", "psn_no": person, "bankacct": "62" if n < 3 else f"7{n}"}
        for n, person in enumerate(RING)
    ]
    steps = [
        {"evtsn": f"E{n}", "med_fee_reg_id": f"B{n}", "mdtrt_id": f"V{n}", "psn_no": person, "crter_id": "JB1"}
        for n, person in enumerate(RING)
    ]
    reviews = [{"evt_inst_id": f"E{n}", "opter_id": "JB1" if n > 2 else "JB2"} for n in range(6)]
    folder = write_folder(
        tmp_path / "city",
        setl_d=rows,
        cent_manl_reim_reg_d=cases,
        cent_manl_reim_reg_evt_c=steps,
        biz_gen_chk_d=reviews,
    )
    found = _of(threshold_rules.leads(folder), "insider")
    assert sorted(
        (lead["members"][-1]["id"], *persons) for lead, persons in zip(found, _persons(found), strict=True)
    ) == [
        ("62", *RING[:3]),
        ("JB1", *RING[3:]),
    ]
    assert found[0]["evidence"][0]["settlements"]


def test_buyers_who_move_from_a_suspended_site(tmp_path: Path) -> None:
    buyers = [f"Q{n:02}" for n in range(10)]

    def city(of: int, begin: int) -> Path:
        rows = []
        for number, person in enumerate(buyers[:of]):
            rows.append(settlement(2 * number, person, "X", at(number)))
            rows.append(settlement(2 * number + 1, person, "Y", at(begin + number)))
        shut = [{"fixmedins_code": "X", "begntime": at(30), "endtime": ""}]
        return write_folder(tmp_path / f"{of}-{begin}", setl_d=rows, fixmedins_paus_d=shut)

    found = _of(threshold_rules.leads(city(10, 40)), "proxy_settlement")
    assert _persons(found) == [buyers]
    assert [(m["id"], m["role"]) for m in found[0]["members"][-2:]] == [("Y", "site"), ("X", "hidden_site")]
    assert _of(threshold_rules.leads(city(9, 40)), "proxy_settlement") == []
    assert _of(threshold_rules.leads(city(10, 15)), "proxy_settlement") == []  # they bought there before it shut


def test_the_list_takes_rules_in_turn(tmp_path: Path) -> None:
    days = range(0, 100, 20)
    together = meetings(RING[:4], "X", days) + meetings(["Q0", "Q1", "Q2"], "Z", days, first=50)
    dear = [settlement(100 + n, f"R{n}", "Y", at(40 * n), medfee_sumamt="501.00") for n in range(3)]
    leads = threshold_rules.leads(write_folder(tmp_path / "city", setl_d=together + dear))
    assert [lead["rank"] for lead in leads] == [1, 2, 3]
    assert _persons(leads) == [RING[:4], ["R0", "R1", "R2"], ["Q0", "Q1", "Q2"]]
