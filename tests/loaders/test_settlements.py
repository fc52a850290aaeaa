"""Settlements: money, visits, refunds, validity, codes and fee lines, from one hand-written folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.loaders.source_builder import PHARMACY, SITE, Staged, line, settlement, stage_folder, write

SETTLEMENTS = [
    settlement("S01", medfee_sumamt="1,234.565", fund_pay_sumamt="", hifp_pay="500", maf_pay="100.01", psn_pay="",
               acct_pay="200.00", cash_payamt="434.555"),
    settlement("S02", med_type="1"),
    settlement("S03", med_type="140101"),
    settlement("S04", med_type="普通住院", begndate="2026-01-01", enddate="2026-01-05",
               setl_time="2026-01-06 08:00:00"),
    settlement("S05", med_type="7777"),
    settlement("S06", med_type="", fixmedins_code=PHARMACY, mdtrt_id=""),
    settlement("S07", vali_flag="0"),
    settlement("S08", vali_flag=" "),
    settlement("S09", setl_time="2026-01-07"),
    settlement("S10", setl_time="", begndate="2026-01-08 10:00:00"),
    settlement("S11"),
    settlement("R11", init_setl_id="S11", refd_setl_flag="1", medfee_sumamt="-100", fund_pay_sumamt="-70",
               psn_pay="-30", acct_pay="-20", cash_payamt="-10", setl_time="2026-01-09 15:00:00"),
    settlement("S12"),
    settlement("R12a", init_setl_id="S12", refd_setl_flag="1", medfee_sumamt="-25.00", fund_pay_sumamt="-10",
               psn_pay="-15", acct_pay="0", cash_payamt="-15", setl_time="2026-01-09 15:00:00"),
    settlement("R12b", init_setl_id="S12", refd_setl_flag="1", medfee_sumamt="-5.00", fund_pay_sumamt="-5", psn_pay="0",
               acct_pay="0", cash_payamt="0", setl_time="2026-01-10 15:00:00"),
    settlement("S13", refd_setl_flag="1"),
    settlement("R13", init_setl_id="S13", refd_setl_flag="1", medfee_sumamt="-100", fund_pay_sumamt="-70",
               psn_pay="-30", acct_pay="-20", cash_payamt="-10"),
    settlement("R07", init_setl_id="S07", refd_setl_flag="1", medfee_sumamt="-100", fund_pay_sumamt="-70",
               psn_pay="-30", acct_pay="-20", cash_payamt="-10"),
    settlement("S14", setl_type="1", opter_id="agent1"),
    settlement("S15", acct_pay="", cash_payamt=""),
    settlement("S16", fund_pay_sumamt="60.00", dise_no="M01600"),
    settlement("S17", enddate="2026-01-04", begndate="2026-01-05"),
]  # fmt: skip
VISITS = [
    {"mdtrt_id": "VS02", "psn_no": "330100000001", "begntime": "2026-01-05 09:00:00", "endtime": "2026-01-05 09:20:00",
     "chfpdr_code": "D330102000001", "dscg_maindiag_code": "J02.900", "tel": "13957100001", "med_type": "11"},
    {"mdtrt_id": "VS03", "psn_no": "330100000001", "begntime": "2026-01-05", "chfpdr_code": "未知"},
]  # fmt: skip
LINES = [
    line("L1", "S02", det_item_fee_sumamt="10.00", cnt="2", bilg_dr_code="D330102000002", list_type="101"),
    line("L2", "S02", det_item_fee_sumamt="-4.00", cnt="-1", init_feedetl_sn="L1"),
    line("L3", "", det_item_fee_sumamt="5.00"),
    line("L4", "R11"),
    line("L5", "S07"),
    line("L6", "elsewhere"),
    line("L7", "S03", bilg_dr_code="D330102000003", hilist_code="001100020000002", list_type="201"),
    line("L8", "S03", bilg_dr_code="D330102000003", cnt="", prd_days="30", rx_circ_flag="1"),
    line("L9", "S03", bilg_dr_code="D330102000002", vali_flag="0"),
    line("LA", "S05", det_item_fee_sumamt="-4.00"),
]  # fmt: skip


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    folder = tmp_path_factory.mktemp("settlements")
    tables = {"setl_d": SETTLEMENTS, "mdtrt_d": VISITS, "fee_list_d": LINES}
    return stage_folder(write(folder / "source", tables), folder / "out")


def field(staged: Staged, setl_id: str, *columns: str) -> Any:
    found = [row[1:] for row in staged.rows("settlements", "settlement_id", *columns) if row[0] == setl_id]
    assert len(found) == 1, setl_id
    return found[0][0] if len(columns) == 1 else found[0]


def test_money_is_whole_fen_rounded_half_away_from_zero(staged: Staged) -> None:
    assert field(staged, "S01", "total_fen", "account_fen", "cash_fen") == (123457, 20000, 43456)


def test_a_missing_fund_total_is_the_sum_of_the_funds(staged: Staged) -> None:
    assert field(staged, "S01", "fund_fen") == 60001


def test_cash_is_what_the_person_paid_beside_the_account_when_it_is_not_told(staged: Staged) -> None:
    assert field(staged, "S15", "account_fen", "cash_fen") == (0, 3000)


@pytest.mark.parametrize(
    ("setl_id", "category", "kind"),
    [
        ("S02", "01", "other"),
        ("S03", "140101", "chronic"),
        ("S04", "21", "inpatient"),
        ("S05", "7777", "other"),
        ("S06", None, "pharmacy"),
        ("S08", "11", "outpatient"),
    ],
)
def test_the_medical_category_decides_the_kind(staged: Staged, setl_id: str, category: str | None, kind: str) -> None:
    assert field(staged, setl_id, "medical_category", "kind") == (category, kind)


def test_a_code_that_no_table_holds_stays_as_it_is_and_is_counted(staged: Staged) -> None:
    assert staged.table("setl_d").unknown_codes["med_type"] == {"01": 1, "7777": 1}


def test_only_valid_rows_are_staged_and_a_blank_flag_is_valid(staged: Staged) -> None:
    ids = staged.column("settlements", "settlement_id")
    assert "S07" not in ids
    assert "S08" in ids
    assert staged.table("setl_d").aside["invalid flag"] == 1


def test_a_date_without_a_clock_has_no_minute(staged: Staged) -> None:
    assert field(staged, "S09", "has_clock", "minute", "settled_at") == (False, None, datetime(2026, 1, 7))
    assert field(staged, "S02", "has_clock", "minute", "day") == (True, 570, 20458)
    assert 0 < staged.report.clock_share < 1
    assert staged.report.has_clock


def test_without_a_settlement_time_the_beginning_stands_for_it(staged: Staged) -> None:
    assert field(staged, "S10", "settled_at", "begin_at") == (datetime(2026, 1, 8, 10), datetime(2026, 1, 8, 10))


def test_a_stay_lasts_from_admission_to_discharge(staged: Staged) -> None:
    assert field(staged, "S04", "begin_at", "end_at") == (datetime(2026, 1, 1), datetime(2026, 1, 5))


def test_the_visit_adds_its_hours_doctor_diagnosis_and_phone(staged: Staged) -> None:
    assert field(staged, "S02", "begin_at", "end_at", "diagnosis_code") == (
        datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 9, 20), "J02.900",
    )  # fmt: skip
    doctors = dict(staged.rows("doctors", "doctor_no", "doctor_id"))
    assert doctors[field(staged, "S02", "doctor_no")] == "D330102000001"
    assert field(staged, "S02", "phone_no") is not None


def test_an_unknown_attending_doctor_gives_way_to_the_doctor_of_most_lines(staged: Staged) -> None:
    doctors = dict(staged.rows("doctors", "doctor_no", "doctor_id"))
    assert doctors[field(staged, "S03", "doctor_no")] == "D330102000003"
    assert "未知" not in doctors.values()


def test_a_visit_never_ends_before_it_begins(staged: Staged) -> None:
    begin, end = field(staged, "S17", "begin_at", "end_at")
    assert begin <= end
    assert staged.table("setl_d").notes["ends before it begins"] == 1


def test_a_full_refund_is_folded_into_its_original_which_is_no_visit_any_more(staged: Staged) -> None:
    assert field(staged, "S11", "total_fen", "refunded_fen", "refunded_fund_fen", "refunded_at", "is_event") == (
        10000, 10000, 7000, datetime(2026, 1, 9, 15), False,
    )  # fmt: skip
    assert "R11" not in staged.column("settlements", "settlement_id")


def test_partial_refunds_add_up_and_the_visit_stays(staged: Staged) -> None:
    assert field(staged, "S12", "total_fen", "refunded_fen", "refunded_fund_fen", "refunded_at", "is_event") == (
        10000, 3000, 1500, datetime(2026, 1, 10, 15), True,
    )  # fmt: skip


def test_an_original_that_its_system_marked_as_refunded_stays_the_original(staged: Staged) -> None:
    assert field(staged, "S13", "refunded_fen", "is_event") == (10000, False)


def test_the_refund_of_a_settlement_set_aside_is_set_aside_too(staged: Staged) -> None:
    aside = staged.table("setl_d").aside
    assert aside["refund of a settlement set aside"] == 1
    assert aside["refund folded into its original"] == 4


def test_a_settlement_at_the_agency_is_manual(staged: Staged) -> None:
    assert field(staged, "S14", "is_manual") is True
    assert field(staged, "S02", "is_manual") is False


def test_amounts_that_do_not_add_up_are_kept_and_noted(staged: Staged) -> None:
    assert field(staged, "S16", "fund_fen", "diagnosis_code") == (6000, "M01600")
    assert staged.table("setl_d").notes["total differs from fund and person"] == 1


def test_a_settlement_leads_back_to_its_line(staged: Staged) -> None:
    assert field(staged, "S05", "source_file", "source_line") == ("setl_d.csv", 6)


def test_a_returned_line_reduces_its_original(staged: Staged) -> None:
    lines = {row[0]: row[1:] for row in staged.rows("lines", "line_id", "quantity", "amount_fen", "is_drug")}
    assert lines["L1"] == (1.0, 600, True)
    assert "L2" not in lines
    assert staged.table("fee_list_d").aside["returned line folded into its original"] == 1


def test_a_line_says_whether_it_is_a_drug_its_days_and_where_the_prescription_came_from(staged: Staged) -> None:
    lines = {
        row[0]: row[1:]
        for row in staged.rows("lines", "line_id", "is_drug", "quantity", "days", "external_prescription")
    }
    assert lines["L7"] == (False, 1.0, None, None)
    assert lines["L8"] == (True, 1.0, 30, True)


def test_lines_without_a_staged_settlement_are_set_aside_by_name(staged: Staged) -> None:
    assert staged.table("fee_list_d").aside == {
        "unsettled line": 1,
        "line of a refund": 1,
        "line of a settlement set aside": 1,
        "line of a settlement that is not in the source": 1,
        "invalid flag": 1,
        "returned line folded into its original": 1,
    }
    assert staged.table("fee_list_d").notes["negative line without its original"] == 1


def test_every_row_read_is_staged_set_aside_or_rejected(staged: Staged) -> None:
    for table in staged.report.tables:
        assert table.read == table.staged + sum(table.aside.values()) + sum(table.rejected.values()), table.name
    assert staged.table("setl_d").read == len(SETTLEMENTS)
    assert staged.table("setl_d").staged == len(staged.rows("settlements"))
    assert not staged.rejects


def test_drugs_that_are_often_resold_are_marked(staged: Staged) -> None:
    items = {row[0]: row[1:] for row in staged.rows("items", "item_code", "is_drug", "resale_prone")}
    assert items == {"XA10BA02": (True, True), "001100020000002": (False, False)}


def test_a_site_is_what_its_code_says_when_no_register_tells(staged: Staged) -> None:
    assert staged.rows("sites", "site_id", "kind") == [(SITE, "institution"), (PHARMACY, "pharmacy")]
