"""The tables hold together: references, sums and dates, apart from the faults that honest records carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.simulation import dirt
from graphaudit.simulation.sizes import SIZES
from loaders import StageOptions, stage_source
from tests.graphaudit.simulation.delivered import Delivered

PERSONS, VISITS, SETTLED = "psn_info_b.psn_no", "mdtrt_d.mdtrt_id", "setl_d.setl_id"

#: Every reference between two tables; nulls refer to nothing.
REFERENCES = {
    "setl_d.psn_no": PERSONS,
    "setl_d.mdtrt_id": VISITS,
    "setl_d.init_setl_id": SETTLED,
    "setl_d.fixmedins_code": "fixmedins_b.fixmedins_code",
    "setl_d.emp_no": "insu_emp_info_b.emp_no",
    "mdtrt_d.psn_no": PERSONS,
    "fee_list_d.setl_id": SETTLED,
    "fee_list_d.mdtrt_id": VISITS,
    "fee_list_d.init_feedetl_sn": "fee_list_d.bkkp_sn",
    "selinfo_3505.setl_id": SETTLED,
    "selinfo_3506.setl_id": SETTLED,
    "selinfo_3506.drug_trac_codg": "selinfo_3505.drug_trac_codg",
    "psn_insu_d.psn_no": PERSONS,
    "psn_insu_d.emp_no": "insu_emp_info_b.emp_no",
    "opsp_reg_d.psn_no": PERSONS,
    "opsp_reg_d.diag_dr_code": "dr_info_b.dr_code",
    "opsp_reg_d.opter_id": "opt_psn_b.opter_no",
    "opsp_reg_d.agnter_certno": "psn_info_b.certno",
    "psn_fix_reg_d.psn_no": PERSONS,
    "psn_fix_reg_d.fixmedins_code": "fixmedins_b.fixmedins_code",
    "psn_fix_reg_d.agnter_certno": "psn_info_b.certno",
    "dr_info_b.psn_no": PERSONS,
    "dr_info_b.main_pracins_no": "medins_info_b.medins_code",
    "fixmedins_dept_dr_rlts_info_c.dr_code": "dr_info_b.dr_code",
    "fixmedins_dept_dr_rlts_info_c.fixmedins_code": "medins_info_b.medins_code",
    "fixmedins_sign_b.fixmedins_code": "fixmedins_b.fixmedins_code",
    "fixmedins_paus_d.fixmedins_code": "fixmedins_b.fixmedins_code",
    "opt_psn_b.psn_no": PERSONS,
    "medins_info_b.medins_code": "fixmedins_b.fixmedins_code",
    "rtal_phac_b.rtal_phac_code": "fixmedins_b.fixmedins_code",
    "cent_manl_reim_reg_d.mdtrt_id": VISITS,
    "cent_manl_reim_reg_d.crter_id": "opt_psn_b.opter_no",
    "cent_manl_reim_reg_evt_c.med_fee_reg_id": "cent_manl_reim_reg_d.med_fee_reg_id",
    "biz_gen_chk_d.evt_inst_id": "cent_manl_reim_reg_evt_c.evtsn",
    "biz_gen_chk_d.opter_id": "opt_psn_b.opter_no",
    "med_dfr_d.souc_sn": "cent_manl_reim_reg_d.med_fee_reg_id",
    "benign_register.fixmedins_code": "fixmedins_b.fixmedins_code",
    "benign_register.address": "psn_info_b.live_addr",
}

KEYS = {
    "setl_d": "setl_id", "mdtrt_d": "mdtrt_id", "fee_list_d": "bkkp_sn", "psn_info_b": "psn_no",
    "fixmedins_b": "fixmedins_code", "dr_info_b": "dr_code", "opt_psn_b": "opter_no", "fixmedins_sign_b": "sign_sn",
    "cent_manl_reim_reg_d": "med_fee_reg_id", "cent_manl_reim_reg_evt_c": "evtsn", "biz_gen_chk_d": "biz_gen_chk_id",
    "med_dfr_d": "dfr_id", "opsp_reg_d": "trt_dcla_detl_sn", "psn_fix_reg_d": "trt_dcla_detl_sn",
    "insu_emp_info_b": "emp_no", "psn_insu_d": "psn_insu_rlts_id",
}  # fmt: skip


@pytest.mark.parametrize(("child", "parent"), REFERENCES.items())
def test_every_reference_leads_somewhere(hiding: Delivered, child: str, parent: str) -> None:
    table, column = child.split(".")
    other, key = parent.split(".")
    assert not hiding.rows(
        f"""SELECT {column} FROM {table} WHERE {column} IS NOT NULL
            AND {column} NOT IN (SELECT {key} FROM {other}) LIMIT 3"""
    )
    assert hiding.one(f"SELECT count({column}) FROM {table}") > 0


@pytest.mark.parametrize(("table", "key"), KEYS.items())
def test_every_key_is_there_once(hiding: Delivered, table: str, key: str) -> None:
    assert hiding.one(f"SELECT count(*) - count(DISTINCT {key}) FROM {table}") == 0


@pytest.mark.parametrize(
    ("table", "number"), [("fee_list_d", "bkkp_sn"), ("setl_d", "setl_id"), ("mdtrt_d", "mdtrt_id")]
)
def test_ids_of_the_growing_tables_have_one_length(hiding: Delivered, table: str, number: str) -> None:
    assert len(hiding.column(f"SELECT DISTINCT length({number}) FROM {table}")) == 1


def test_shares_add_up_to_the_total_of_every_settlement(hiding: Delivered) -> None:
    money = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "cash_payamt", "psn_pay")
    total, fund, account, cash, own = (f"CAST({name} AS DECIMAL(16, 2))" for name in money)
    wrong = f"{fund} + {account} + {cash} <> {total} OR {account} + {cash} <> {own}"
    assert hiding.one(f"SELECT count(*) FROM setl_d WHERE {wrong}") == 0
    signs = f"least({total}, {fund}, {account}, {cash}) < 0 OR {total} = 0"
    assert hiding.one(f"SELECT count(*) FROM setl_d WHERE refd_setl_flag = '0' AND ({signs})") == 0


def test_lines_add_up_to_their_settlement(hiding: Delivered) -> None:
    assert (
        hiding.one(
            """SELECT count(*) FROM setl_d s LEFT JOIN (
               SELECT setl_id, sum(CAST(det_item_fee_sumamt AS DECIMAL(16, 2))) AS total FROM fee_list_d GROUP BY 1) f
           USING (setl_id) WHERE f.total IS DISTINCT FROM CAST(s.medfee_sumamt AS DECIMAL(16, 2))"""
        )
        == 0
    )
    assert (
        hiding.one(
            """SELECT count(*) FROM fee_list_d
           WHERE CAST(cnt AS DECIMAL(16, 2)) * CAST(pric AS DECIMAL(16, 2))
               <> CAST(det_item_fee_sumamt AS DECIMAL(16, 2))"""
        )
        == 0
    )


def test_cases_and_payouts_repeat_the_amounts_of_the_settlement(hiding: Delivered) -> None:
    assert (
        hiding.one(
            """SELECT count(*) FROM cent_manl_reim_reg_d c JOIN med_dfr_d d ON souc_sn = med_fee_reg_id
           JOIN setl_d s ON s.mdtrt_id = c.mdtrt_id
           WHERE c.sumfee <> s.medfee_sumamt OR d.dfr_sumamt <> s.fund_pay_sumamt OR d.bankacct <> c.bankacct
              OR c.invono <> s.invono"""
        )
        == 0
    )
    assert hiding.one("SELECT count(*) FROM setl_d WHERE pay_loc = '1'") == hiding.one(
        "SELECT count(*) FROM cent_manl_reim_reg_d"
    )


def test_refunds_follow_their_original_and_never_exceed_it(hiding: Delivered) -> None:
    refunds = hiding.rows(
        """SELECT CAST(o.medfee_sumamt AS DOUBLE), CAST(r.medfee_sumamt AS DOUBLE),
                  date_diff('second', o.setl_time::TIMESTAMP, r.setl_time::TIMESTAMP),
                  r.psn_no = o.psn_no AND r.fixmedins_code = o.fixmedins_code AND o.refd_setl_flag = '0'
           FROM setl_d r JOIN setl_d o ON o.setl_id = r.init_setl_id WHERE r.refd_setl_flag = '1'"""
    )
    assert len(refunds) == hiding.one("SELECT count(*) FROM setl_d WHERE refd_setl_flag = '1'") > 0
    assert all(0 < -back <= total and same for total, back, _, same in refunds)
    earliest = 1 if hiding.truth["camouflage"] == 0 else -240  # uploads at the end of the hour lose the order
    assert min(after for *_, after, _ in refunds) >= earliest
    partly = sum(-back < total for total, back, *_ in refunds)
    assert 0 < partly < len(refunds) / 2


def test_times_are_possible_and_lie_in_the_period(hiding: Delivered) -> None:
    begins, days = SIZES["tiny"].begins, SIZES["tiny"].days
    assert hiding.one("SELECT count(*) FROM visits WHERE begins > ends OR ends > moment + INTERVAL 1 HOUR") == 0
    assert (
        hiding.one(
            """SELECT count(*) FROM visits
               WHERE moment < $1::DATE - INTERVAL 1 HOUR OR moment > $1::DATE + $2::INT + INTERVAL 2 HOUR""",
            begins,
            days,
        )
        == 0
    )
    assert (
        hiding.one(
            """SELECT count(*) FROM visits JOIN psn_info_b ON psn_no = person
               WHERE begins < brdy::TIMESTAMP AND pay_loc = '2'"""
        )
        == 0
    )
    assert (
        hiding.one(
            """SELECT count(*) FROM visits JOIN psn_insu_d ON psn_no = person
           WHERE paus_insu_date IS NOT NULL AND day > paus_insu_date::DATE"""
        )
        == 0
    )
    assert (
        hiding.one(
            """SELECT count(*) FROM biz_gen_chk_d a JOIN biz_gen_chk_d b USING (evt_inst_id)
           JOIN cent_manl_reim_reg_evt_c ON evtsn = evt_inst_id
           WHERE a.rchk_flag = '5' AND b.rchk_flag = '1'
               AND NOT (crte_time <= a.opt_time AND a.opt_time < b.opt_time)"""
        )
        == 0
    )


def test_nobody_lies_in_two_beds_honestly(city: Delivered) -> None:
    assert (
        city.one(
            """SELECT count(*) FROM visits a JOIN visits b ON a.person = b.person AND a.setl_id < b.setl_id
           AND a.begins < b.ends AND b.begins < a.ends
           WHERE a.med_type IN ('21', '52') AND b.med_type IN ('21', '52') AND a.pay_loc = '2' AND b.pay_loc = '2'
           AND a.person NOT IN (SELECT id FROM ring_members)"""
        )
        == 0
    )


def test_certificates_say_when_their_holder_was_born_and_belong_to_nobody_real(city: Delivered) -> None:
    assert city.one("SELECT count(*) FROM psn_info_b WHERE substr(certno, 7, 8) <> replace(brdy, '-', '')") == 0
    assert city.column("SELECT DISTINCT substr(certno, 1, 4) FROM psn_info_b") == ["9901"]
    assert city.column("SELECT DISTINCT substr(tel, 1, 3) FROM psn_info_b") == ["142"]
    assert city.column("SELECT DISTINCT length(certno) FROM psn_info_b") == [18]


@pytest.mark.parametrize(
    ("found", "of", "rate"),
    [
        ("setl_d WHERE refd_setl_flag = '1'", "setl_d", dirt.REFUNDED),
        ("setl_d WHERE vali_flag = '0' AND refd_setl_flag = '0'", "setl_d", dirt.INVALID),
        ("mdtrt_d WHERE tel IN ('13800000000', '00000000000')", "mdtrt_d", dirt.PLACEHOLDER_PHONE),
        ("mdtrt_d WHERE chfpdr_code = '未知'", "mdtrt_d WHERE chfpdr_code IS NOT NULL", dirt.UNKNOWN_DOCTOR / 2),
        ("fee_list_d WHERE setl_id IS NULL", "fee_list_d", dirt.UNSETTLED_LINES),
    ],
)
def test_faults_occur_at_their_rates(hiding: Delivered, found: str, of: str, rate: float) -> None:
    share = hiding.one(f"SELECT count(*) FROM {found}") / hiding.one(f"SELECT count(*) FROM {of}")
    assert 0.6 * rate < share < 1.5 * rate


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_loader_rejects_nothing_and_sets_aside_what_was_planted(world, tmp_path: Path, file_format: str) -> None:
    city = world(level=2, file_format=file_format)
    report = stage_source(
        city.folder,
        tmp_path / "tables",
        rejects=tmp_path / "rejects.csv",
        key=b"0123456789abcdef0123456789abcdef",
        options=StageOptions(),
    )
    assert {table.name: dict(table.rejected) for table in report.tables if table.rejected} == {}
    assert report.missing_tables == () or set(report.missing_tables) <= {"selinfo_3513"}
    assert not report.unusable
    assert not report.ignored_files
    assert not [table.name for table in report.tables if table.unknown_codes]
    (settled,) = [table for table in report.tables if table.name == "setl_d"]
    refunds = city.one("SELECT count(*) FROM setl_d WHERE refd_setl_flag = '1'")
    void = city.one("SELECT count(*) FROM setl_d WHERE vali_flag = '0'")
    assert sorted(settled.aside.values()) == sorted([refunds, void])
    assert settled.read == settled.staged + refunds + void
    (lines,) = [table for table in report.tables if table.name == "fee_list_d"]
    assert lines.aside["unsettled line"] == city.one("SELECT count(*) FROM fee_list_d WHERE setl_id IS NULL")
    kept = set(city.column("SELECT setl_id FROM ring_settlements"))
    staged = city.column(
        "SELECT settlement_id FROM read_parquet($1) SEMI JOIN ring_settlements ON setl_id = settlement_id",
        str(tmp_path / "tables" / "settlements.parquet"),
    )
    assert len(staged) == len(kept)
