"""The tables of paper reimbursements: registration, its event, the reviews and the payout."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphaudit.simulation.cases import REASONS
from graphaudit.simulation.city import City
from graphaudit.simulation.clock import times
from graphaudit.simulation.folder import Folder
from graphaudit.simulation.identity import CASE_ID, INVOICE, VISIT_ID, bank_accounts, handler_code, phone_of
from graphaudit.simulation.randomness import Column, scramble
from graphaudit.simulation.sizes import DAY, HOUR

REGISTERED = """
SELECT med_fee_reg_id, mdtrt_id, psn_no, 'R' || psn_no AS psn_insu_rlts_id, insutype, insu_admdvs, manl_reim_rea,
       '13' AS reim_stas, begntime, endtime, '11' AS dfr_obj, '11' AS trt_issu_way, bankacct, acctname,
       3 AS att_val, invono,
       CAST(total * 0.01 AS DECIMAL(16, 2)) AS sumfee, phone AS tel, '1' AS vali_flag, accepted_by AS crter_id,
       accepted_at AS crte_time, second_by AS opter_id, second_at AS opt_time, insu_admdvs AS optins_no
FROM c ORDER BY med_fee_reg_id
"""
EVENTS = """
SELECT 'SJ' || med_fee_reg_id AS evtsn, med_fee_reg_id, matter AS serv_matt_inst_id, '01' AS evt_type, mdtrt_id, psn_no,
       insutype, insu_admdvs, manl_reim_rea, '13' AS reim_stas, begntime, endtime, bankacct, acctname,
       3 AS att_val, invono,
       CAST(total * 0.01 AS DECIMAL(16, 2)) AS sumfee, '1' AS rchk_flag, '1' AS vali_flag, accepted_by AS crter_id,
       accepted_at AS crte_time, accepted_by AS opter_id, accepted_at AS opt_time, insu_admdvs AS optins_no
FROM c ORDER BY med_fee_reg_id
"""
REVIEWS = """
SELECT 'SH1' || med_fee_reg_id AS biz_gen_chk_id, 'HJ1' || med_fee_reg_id AS serv_matt_node_inst_id,
       'SJ' || med_fee_reg_id AS evt_inst_id, matter AS serv_matt_inst_id, '5' AS rchk_flag, '同意' AS rchk_opnn,
       first_by AS opter_id, first_at AS opt_time, insu_admdvs AS optins_no
FROM c
UNION ALL
SELECT 'SH2' || med_fee_reg_id, 'HJ2' || med_fee_reg_id, 'SJ' || med_fee_reg_id, matter, '1', '同意', second_by,
       second_at,
       insu_admdvs
FROM c ORDER BY biz_gen_chk_id
"""
PAYOUTS = """
SELECT 'BF' || med_fee_reg_id AS dfr_id, strftime(paid_at, '%Y%m') AS cashym, '11' AS trt_issu_way, '11' AS dfr_obj,
       psn_no AS dfr_obj_code, psn_name AS dfr_obj_name, CAST(fund * 0.01 AS DECIMAL(16, 2)) AS dfr_sumamt,
       bankacct, acctname,
       phone AS tel, insu_admdvs AS fin_optins, '101' AS dfr_souc, med_fee_reg_id AS souc_sn, '4' AS fin_dspo_flag,
       paid_at AS fin_acen_time, '1' AS vali_flag
FROM c ORDER BY dfr_id
"""


def invoice_numbers(cases: Column) -> Column:
    """Invoice number of each case, as text; equal invoices are one piece of paper."""
    return np.char.add("33", np.char.zfill(scramble(cases["invoice"], 33, INVOICE).astype(str), 10))


def reason_codes(cases: Column) -> Column:
    result: Column = np.array(REASONS)[cases["reason"]]
    return result


def write_cases(
    city: City, folder: Folder, persons: pa.Table, cases: Column, visits: Column, total: Column, fund: Column
) -> None:
    """Write the four tables; `visits`, `total` and `fund` are aligned with the cases, amounts in fen."""
    n = len(cases)
    who = persons.select(["psn_no", "psn_name", "insutype", "insu_admdvs"]).take(pa.array(cases["person"]))
    holder = persons["psn_name"].take(pa.array(cases["account_of"]))
    codes = np.array([handler_code(h) for h in range(city.size.handlers)])
    number = scramble(np.arange(n), 30, CASE_ID).astype(str)
    visit_id = np.char.zfill(scramble(visits["number"], 36, VISIT_ID).astype(str), 11)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {name: who[name] for name in who.column_names}
    columns |= {
        "med_fee_reg_id": pa.array(np.char.add("BX99", np.char.zfill(number, 10))),
        "matter": pa.array(np.char.add("SX99", np.char.zfill(number, 10))),
        "mdtrt_id": pa.array(np.char.add("99020", visit_id)),
        "manl_reim_rea": pa.array(reason_codes(cases)),
        "begntime": times(city, visits["begin"]), "endtime": times(city, visits["end"]),
        "bankacct": pa.array(bank_accounts(cases["account_of"], cases["further_account"])), "acctname": holder,
        "invono": pa.array(invoice_numbers(cases)), "total": pa.array(total), "fund": pa.array(fund),
        "phone": pa.array(phone_of(cases["phone_of"])),
        "accepted_by": pa.array(codes[cases["accepted_by"]]), "accepted_at": times(city, cases["accepted_at"]),
        "first_by": pa.array(codes[cases["first_review_by"]]), "first_at": times(city, cases["first_review_at"]),
        "second_by": pa.array(codes[cases["second_review_by"]]), "second_at": times(city, cases["second_review_at"]),
        "paid_at": times(city, visits["at"] // DAY * DAY + 3 * DAY + 10 * HOUR),
    }  # fmt: skip
    table = pa.table(columns)
    for name, sql in (
        ("cent_manl_reim_reg_d", REGISTERED),
        ("cent_manl_reim_reg_evt_c", EVENTS),
        ("biz_gen_chk_d", REVIEWS),
        ("med_dfr_d", PAYOUTS),
    ):
        folder.write(name, sql, {"c": table})
