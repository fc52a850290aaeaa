"""The tables that grow with the visits: visits, settlements, fee lines, drug sales and returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphaudit.simulation.bills import LINE_BITS, Lines, Money, lines_of, money_of, stay_days, totals
from graphaudit.simulation.city import City
from graphaudit.simulation.dirt import (
    UNSETTLED_LINES,
    Refunds,
    doctor_text,
    faulty_times,
    is_invalid,
    phone_text,
    refunds_of,
)
from graphaudit.simulation.faults import FIELDS, Faults, lacks, sent_again, settled_under_second
from graphaudit.simulation.folder import Folder
from graphaudit.simulation.identity import (
    LINE,
    PACK,
    SETTLEMENT,
    VISIT_ID,
    doctor_codes,
    doctor_names,
    handler_code,
    operator_code,
    phone_of,
    second_numbers,
)
from graphaudit.simulation.people import E_CREDENTIAL, ID_CARD
from graphaudit.simulation.places import PHARMACY
from graphaudit.simulation.randomness import Column, scramble, share
from graphaudit.simulation.visits import BIRTH, CLEARING, DAY_SURGERY, MEDICAL_CATEGORIES, SHOP, STAY

LINE_ID_BITS = 39  # the most that fit into twelve digits
WARDS = ("内科", "骨科", "妇产科", "儿科")

SETTLED = """
SELECT '99010' || lpad(CAST(setl AS VARCHAR), 11, '0') AS setl_id,
       substr(insu_admdvs, 1, 6) AS clr_optins,
       fixmedins_code || strftime(setl_time, '%Y%m%d%H%M%S') || lpad(CAST(sent % 10000 AS VARCHAR), 4,
       '0') AS medins_setl_id,
       '99020' || lpad(CAST(mdtrt AS VARCHAR), 11, '0') AS mdtrt_id,
       CASE WHEN refd THEN '99010' || lpad(CAST(init_setl AS VARCHAR), 11, '0') END AS init_setl_id,
       psn_no, psn_name, '01' AS psn_cert_type, certno, gend, brdy, insutype, psn_type, insu_admdvs, emp_no, pay_loc,
       fixmedins_code, fixmedins_name, hosp_lv, fix_blng_admdvs,
       CAST(begntime AS DATE) AS begndate, CAST(endtime AS DATE) AS enddate, setl_time,
       mdtrt_cert_type, mdtrt_cert_no, med_type, setl_type, clr_type,
       CAST(total * 0.01 AS DECIMAL(16, 2)) AS medfee_sumamt,
       CAST(ownpay * 0.01 AS DECIMAL(16, 2)) AS fulamt_ownpay_amt,
       CAST(0.00 AS DECIMAL(16, 2)) AS overlmt_selfpay,
       CAST(preself * 0.01 AS DECIMAL(16, 2)) AS preselfpay_amt,
       CAST((total - ownpay - preself) * 0.01 AS DECIMAL(16, 2)) AS inscp_amt,
       CAST(fund * 0.01 AS DECIMAL(16, 2)) AS hifp_pay,
       CAST(fund * 0.01 AS DECIMAL(16, 2)) AS fund_pay_sumamt,
       CAST((account + cash) * 0.01 AS DECIMAL(16, 2)) AS psn_pay,
       CAST(account * 0.01 AS DECIMAL(16, 2)) AS acct_pay,
       CAST(cash * 0.01 AS DECIMAL(16, 2)) AS cash_payamt,
       CASE WHEN refd THEN '1' ELSE '0' END AS refd_setl_flag,
       strftime(setl_time, '%Y') AS "year",
       nullif(dise_no, '') AS dise_no, invono, manl_reim_rea,
       CASE WHEN account <> 0 THEN '1' ELSE '0' END AS acct_used_flag,
       CASE WHEN invalid THEN '0' ELSE '1' END AS vali_flag,
       opter_id AS crter_id, opter_id, setl_time AS opt_time, optins_no
FROM s
"""

VISITED = """
SELECT '99020' || lpad(CAST(mdtrt AS VARCHAR), 11, '0') AS mdtrt_id,
       psn_no, '01' AS psn_cert_type, certno, psn_name, gend, brdy, tel, insutype, psn_type, insu_admdvs,
       emp_no, pay_loc,
       fixmedins_code, fix_blng_admdvs, begntime, endtime, mdtrt_cert_type, mdtrt_cert_no, med_type,
       nullif(chfpdr_code, '') AS chfpdr_code, chfpdr_name, adm_dept_name, adm_bed, adm_bed AS dscg_bed,
       dscg_maindiag_code, dscg_maindiag_name, nullif(dise_no, '') AS dise_no, nullif(dise_name, '') AS dise_name,
       nullif(dscg_way, '') AS dscg_way, '0' AS inhosp_stas,
       ipt_days, die_date,
       CASE WHEN invalid THEN '0' ELSE '1' END AS vali_flag,
       opter_id AS crter_id, opter_id, endtime AS opt_time, optins_no
FROM s WHERE NOT refd
"""

LINED = """
SELECT '99030' || lpad(CAST(line AS VARCHAR), 12, '0') AS bkkp_sn,
       '99020' || lpad(CAST(mdtrt AS VARCHAR), 11, '0') AS mdtrt_id,
       CASE WHEN settled THEN '99010' || lpad(CAST(setl AS VARCHAR), 11, '0') END AS setl_id,
       fee_ocur_time, fixmedins_code, psn_no, med_type,
       quantity AS cnt, CAST(price * 0.01 AS DECIMAL(16, 2)) AS pric,
       CAST(amount * 0.01 AS DECIMAL(16, 2)) AS det_item_fee_sumamt,
       hilist_code, hilist_name, list_type, med_chrgitm_type, chrgitm_lv,
       nullif(bilg_dr_code, '') AS bilg_dr_code, bilg_dr_name, CASE WHEN days > 0 THEN days END AS prd_days,
       rx_circ_flag,
       CASE WHEN init_line >= 0 THEN '99030' || lpad(CAST(init_line AS VARCHAR), 12, '0') END AS init_feedetl_sn,
       CASE WHEN invalid THEN '0' ELSE '1' END AS vali_flag,
       opter_id, fee_ocur_time AS opt_time
FROM l
"""

SOLD = """
SELECT fixmedins_code, 'MB' || lpad(CAST(item AS VARCHAR), 6, '0') AS fixmedins_hilist_id, hilist_code AS med_list_codg,
       hilist_name AS fixmedins_hilist_name,
       'LS' || lpad(CAST(line AS VARCHAR), 12, '0') AS rtal_docno,
       psn_no, '99010' || lpad(CAST(setl AS VARCHAR), 11, '0') AS setl_id,
       '99020' || lpad(CAST(mdtrt AS VARCHAR), 11, '0') AS mdtrt_sn, '1' AS mdtrt_setl_type,
       CASE WHEN split THEN '1' ELSE '0' END AS trdn_flag,
       lpad(CAST(8000000 + item AS VARCHAR), 7, '0') || lpad(CAST(pack AS VARCHAR), 13, '0') AS drug_trac_codg,
       abs(quantity) AS sel_retn_cnt, fee_ocur_time AS sel_retn_time, opter_id AS sel_retn_opter_name,
       CASE WHEN invalid THEN '0' ELSE '1' END AS vali_flag
FROM l
"""


def _copy_of(numbers: Column) -> Column:
    """Settlement numbers that neither visits nor refunds have."""
    return scramble(numbers * 2 + (1 << 34), 36, SETTLEMENT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a written block tells the truth: amounts of ring visits and of paper cases."""

    visits: Column
    total_fen: Column
    fund_fen: Column


class SettlementTables:
    """Writes the visits of the city block by block."""

    def __init__(
        self,
        city: City,
        folder: Folder,
        persons: pa.Table,
        invoices: Column,
        reasons: Column,
        handlers: Column,
        faults: Faults | None = None,
    ) -> None:
        self.city, self.folder, self.persons, self.faults = city, folder, persons, faults
        self.invoices, self.reasons, self.handlers = invoices, reasons, handlers
        self.doctor_codes, self.doctor_names = doctor_codes(city), doctor_names(city)
        most = int(city.places.sites.operators.max())
        self.operator_codes = np.array([operator_code(n) for n in range(most)])
        self.agency_codes = np.array([handler_code(n) for n in range(city.size.handlers)])
        self.start = np.datetime64(city.begins, "s")

    def _time(self, seconds: Column) -> pa.Array:
        return pa.array((self.start + seconds.astype("timedelta64[s]")).astype("datetime64[us]"))

    def _coded(self, index: Column, words: Column | tuple[str, ...]) -> pa.Array:
        """Words by index; index -1 gives null."""
        indices = pa.array(index.astype(np.int32), mask=index < 0)
        return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), type=pa.string()))

    def _of_case(self, case: Column, words: Column) -> pa.Array:
        """What is written on the paper of a case; null for visits settled online."""
        return self._coded(case, words) if len(words) else pa.nulls(len(case), pa.string())

    def _operators(self, visits: Column) -> Column:
        sites = self.city.places.sites
        site = visits["site"].astype(np.int64)
        duty = sites.operator_at(site, visits["at"].astype(np.int64), visits["number"])
        return np.where(visits["operator"] >= 0, visits["operator"], duty)

    def _opters(self, visits: Column) -> Column:
        codes = self.operator_codes[self._operators(visits)]
        if not len(self.handlers):
            return codes
        case = np.maximum(visits["case"], 0)
        return np.where(visits["case"] >= 0, self.agency_codes[self.handlers[case]], codes)

    def _cards(self, visits: Column, lacking: Column) -> pa.Array:
        owner = np.where(visits["card_of"] >= 0, visits["card_of"], visits["person"])
        rows = self.persons.select(["electronic_no", "certno", "social_no"]).take(pa.array(owner))
        kind = visits["credential"]
        numbers = [column.to_numpy() for column in rows.columns]
        shown = np.select([kind == E_CREDENTIAL, kind == ID_CARD], numbers[:2], numbers[2])
        return pa.array(shown, mask=lacking)

    def _settlements(self, visits: Column, money: Money, opters: Column) -> pa.Table:
        """One row a visit with everything that visits and settlements share."""
        city, sites = self.city, self.city.places.sites
        site = visits["site"].astype(np.int64)
        table = city.goods.diagnoses
        number = visits["number"]
        case = visits["case"].astype(np.int64)
        paper = case >= 0
        kind = visits["kind"].astype(np.int64)
        lying = np.isin(kind, (STAY, BIRTH, DAY_SURGERY))
        diagnosis = visits["diagnosis"].astype(np.int64)
        chronic = np.array(table.chronic_codes)[diagnosis]
        ownpay = np.rint(money.total * 0.06 * share(visits["basket"], 91)).astype(np.int64)
        phones = np.where(visits["phone_of"] >= 0, phone_of(np.maximum(visits["phone_of"], 0)), "")
        own_phone = self.persons["tel"].take(pa.array(visits["person"])).to_numpy()
        persons = self.persons.select(
            [
                "psn_no",
                "psn_name",
                "certno",
                "gend",
                "brdy",
                "insutype",
                "psn_type",
                "insu_admdvs",
                "emp_no",
                "die_date",
            ]
        ).take(pa.array(visits["person"]))
        settled_at = np.where(paper, visits["at"], faulty_times(city, self.faults, site, visits["at"].astype(np.int64)))
        no_doctor, no_operator, no_credential, no_diagnosis, no_bed = (lacks(self.faults, site, f) for f in FIELDS)
        renumbered = settled_under_second(self.faults, visits)
        division = np.array([code[1:7] for code in sites.codes])[site]
        died = visits["at"] > self.city.people.died_at[visits["person"]] - 3 * 86_400
        columns: dict[str, pa.Array | pa.ChunkedArray] = {name: persons[name] for name in persons.column_names[:-1]}
        if renumbered.any():
            second = second_numbers(self.persons).take(pa.array(visits["person"])).to_numpy(zero_copy_only=False)
            columns["psn_no"] = pa.array(np.where(renumbered, second, persons["psn_no"].to_numpy()))
        columns |= {
            "setl": scramble(number * 2, 36, SETTLEMENT),
            "sent": scramble(number * 2, 36, SETTLEMENT),
            "init_setl": np.zeros(len(visits), dtype=np.int64),
            "mdtrt": scramble(number, 36, VISIT_ID),
            "refd": np.zeros(len(visits), dtype=bool),
            "invalid": is_invalid(visits),
            "pay_loc": np.where(paper, "1", "2"),
            "setl_type": np.where(paper, "1", "2"),
            "fixmedins_code": self._coded(site, sites.codes),
            "fixmedins_name": self._coded(site, sites.names),
            "hosp_lv": self._coded(site, sites.level),
            "fix_blng_admdvs": self._coded(site, tuple(code[1:7] for code in sites.codes)),
            "begntime": self._time(visits["begin"] + sites.clock_offset[site]),
            "endtime": self._time(visits["end"] + sites.clock_offset[site]),
            "setl_time": self._time(settled_at),
            "mdtrt_cert_type": self._coded(
                np.where(no_credential, -1, visits["credential"].astype(np.int64)), ("", "01", "02", "03")
            ),
            "mdtrt_cert_no": self._cards(visits, no_credential),
            "med_type": self._coded(kind, MEDICAL_CATEGORIES),
            "clr_type": self._coded(kind, CLEARING),
            "total": money.total, "fund": money.fund, "account": money.account, "cash": money.cash,
            "ownpay": ownpay, "preself": np.rint((money.total - ownpay) * 0.05).astype(np.int64),
            "dise_no": np.where((chronic != "") & (kind == 1), chronic, ""),
            "dise_name": np.where((chronic != "") & (kind == 1), np.array(table.names)[diagnosis], ""),
            "invono": self._of_case(case, self.invoices),
            "manl_reim_rea": self._of_case(case, self.reasons),
            "opter_id": pa.array(opters, mask=no_operator),
            "optins_no": np.where(paper, persons["insu_admdvs"].to_numpy(), division),
            "tel": phone_text(visits, np.where(phones != "", phones, own_phone)),
            "chfpdr_code": np.where(no_doctor, "", doctor_text(visits, self.doctor_codes)),
            "chfpdr_name": self._coded(np.where(no_doctor, -1, visits["doctor"].astype(np.int64)), self.doctor_names),
            "adm_dept_name": self._coded(np.where(lying, diagnosis % len(WARDS), -1), WARDS),
            "adm_bed": pa.array(visits["bed"].astype(str), mask=~lying | no_bed | (visits["bed"] < 0)),
            "dscg_maindiag_code": self._coded(np.where(no_diagnosis, -1, diagnosis), table.icd),
            "dscg_maindiag_name": self._coded(np.where(no_diagnosis, -1, diagnosis), table.names),
            "dscg_way": np.where(lying, np.where(died, "5", "1"), ""),
            "ipt_days": pa.array(stay_days(visits), mask=~lying),
            "die_date": pa.array(persons["die_date"].to_numpy(), type=pa.date32(), mask=~(lying & died)),
        }  # fmt: skip
        return pa.table(columns)

    def _refund_rows(self, settled: pa.Table, visits: Column, refunds: Refunds) -> pa.Table:
        rows = settled.take(pa.array(refunds.visit))
        number = visits["number"][refunds.visit]
        site = visits["site"][refunds.visit].astype(np.int64)
        own = np.zeros(len(number), dtype=np.int64)
        changed = {
            "setl": scramble(number * 2 + 1, 36, SETTLEMENT), "sent": scramble(number * 2 + 1, 36, SETTLEMENT),
            "init_setl": scramble(number * 2, 36, SETTLEMENT),
            "refd": np.ones(len(number), dtype=bool), "total": refunds.money.total, "fund": refunds.money.fund,
            "account": refunds.money.account, "cash": refunds.money.cash, "ownpay": own, "preself": own,
            "setl_time": self._time(faulty_times(self.city, self.faults, site, refunds.at)),
        }  # fmt: skip
        for name, values in changed.items():
            at = rows.column_names.index(name)
            rows = rows.set_column(at, name, pa.array(values))
        return rows

    def _line_rows(
        self, settled: pa.Table, visits: Column, lines: Lines, chosen: Column, refund: Column | None, at: Column
    ) -> pa.Table:
        """Fee lines; `refund` gives for refunded lines the index of the refund, None for the originals."""
        items, sites = self.city.goods.items, self.city.places.sites
        visit, item = lines.visit[chosen], lines.item[chosen]
        sign = 1 if refund is None else -1
        number = lines.number[chosen] * 2
        own = visits["number"][visit] * 2
        no_doctor = lacks(self.faults, visits["site"].astype(np.int64), "doctor")
        doctor = np.where(no_doctor, -1, visits["doctor"].astype(np.int64))[visit]
        split = (lines.pack[chosen] > 0) & (share(lines.pack[chosen], 93) < 0.05)
        repeated = (lines.pack[chosen] > 0) & (share(lines.pack[chosen], 94) < np.where(split, 0.5, 0.006))
        pack = np.where(repeated, lines.pack[chosen] // 64 * 64, lines.pack[chosen])
        columns = {
            "line": scramble(number + (refund is not None), LINE_ID_BITS, LINE),
            "init_line": scramble(number, LINE_ID_BITS, LINE) if refund is not None else np.full(len(visit), -1),
            "setl": scramble(own + (refund is not None), 36, SETTLEMENT),
            "settled": np.ones(len(visit), dtype=bool),
            "fee_ocur_time": self._time(at + sites.clock_offset[visits["site"]][visit]),
            "quantity": lines.quantity[chosen] * sign, "price": lines.price_fen[chosen],
            "amount": lines.amount_fen[chosen] * sign, "days": lines.days[chosen], "item": item,
            "hilist_code": self._coded(item, items.codes), "hilist_name": self._coded(item, items.names),
            "list_type": self._coded(item, items.list_types),
            "med_chrgitm_type": self._coded(item, items.charge_types),
            "chrgitm_lv": self._coded(item % 3, ("01", "02", "02")),
            "bilg_dr_name": self._coded(doctor, self.doctor_names),
            "rx_circ_flag": self._coded(visits["referred"][visit].astype(np.int64), ("0", "1")),
            "pack": scramble(pack, 43, PACK), "split": split,
        }  # fmt: skip
        for name in ("mdtrt", "fixmedins_code", "psn_no", "med_type", "opter_id", "invalid"):
            columns[name] = settled[name].take(pa.array(visit))
        columns["bilg_dr_code"] = settled["chfpdr_code"].take(pa.array(visit))
        return pa.table(columns)

    def write(self, visits: Column, part: int) -> Outcome:
        """Write one block of visits, in the order given, as part `part` of each table."""
        city, folder = self.city, self.folder
        lines = lines_of(city, visits)
        money = money_of(city, visits, totals(lines, len(visits)))
        settled = self._settlements(visits, money, self._opters(visits))
        refunds = refunds_of(visits, lines, money, city.seconds)
        back = self._refund_rows(settled, visits, refunds)
        again = np.zeros(0, dtype=np.int64) if self.faults is None else sent_again(self.faults, visits)
        copies = self._copies(settled.take(pa.array(again)), visits["number"][again])
        everything = pa.concat_tables([settled, back, copies], promote_options="permissive").combine_chunks()
        folder.write("setl_d", SETTLED, {"s": everything}, part)
        folder.write("mdtrt_d", VISITED, {"s": settled}, part)
        chosen = np.arange(len(lines.visit))
        rows = self._line_rows(settled, visits, lines, chosen, None, lines.at)
        refund_at = refunds.at[refunds.of_line]
        returned = self._line_rows(settled, visits, lines, refunds.lines, refunds.of_line, refund_at)
        loose = chosen[share(lines.number, 86) < UNSETTLED_LINES]
        open_rows = self._unsettled(rows.take(pa.array(loose)), lines.number[loose])
        folder.write(
            "fee_list_d",
            LINED,
            {
                "l": pa.concat_tables(
                    [rows, returned, open_rows, self._line_copies(rows, lines, visits, again)],
                    promote_options="permissive",
                ).combine_chunks()
            },
            part,
        )
        at_pharmacy = city.places.sites.kind[visits["site"]] == PHARMACY
        sold = (lines.pack > 0) & at_pharmacy[lines.visit] & (visits["kind"] == SHOP)[lines.visit]
        folder.write("selinfo_3505", SOLD, {"l": rows.filter(pa.array(sold))}, part)
        folder.write("selinfo_3506", SOLD, {"l": returned.filter(pa.array(sold[refunds.lines]))}, part)
        return Outcome(visits, money.total, money.fund)

    def _copies(self, rows: pa.Table, numbers: Column) -> pa.Table:
        """The same settlements sent once more: only the platform's own number is another."""
        return rows.set_column(rows.column_names.index("setl"), "setl", pa.array(_copy_of(numbers)))

    def _line_copies(self, rows: pa.Table, lines: Lines, visits: Column, again: Column) -> pa.Table:
        """The fee lines that came with the settlements sent once more."""
        chosen = np.flatnonzero(np.isin(lines.visit, again))
        copied = rows.take(pa.array(chosen))
        fresh = scramble((lines.number[chosen] + (1 << (LINE_BITS + 29))) * 2, LINE_ID_BITS, LINE)
        copied = copied.set_column(copied.column_names.index("line"), "line", pa.array(fresh))
        settlement = _copy_of(visits["number"][lines.visit[chosen]])
        return copied.set_column(copied.column_names.index("setl"), "setl", pa.array(settlement))

    def _unsettled(self, rows: pa.Table, numbers: Column) -> pa.Table:
        """Copies of lines that were booked and never settled."""
        fresh = scramble((numbers + (1 << (LINE_BITS + 28))) * 2, LINE_ID_BITS, LINE)
        rows = rows.set_column(rows.column_names.index("line"), "line", pa.array(fresh))
        return rows.set_column(
            rows.column_names.index("settled"), "settled", pa.array(np.zeros(len(fresh), dtype=bool))
        )
