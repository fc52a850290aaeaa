"""The tables that describe who and what exists: persons, enrolment, employers, sites, staff, sign-ins."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.clock import dates, times
from graphaudit.simulation.folder import Folder, arrow
from graphaudit.simulation.identity import doctor_codes, doctor_names, handler_code, operator_code, second_numbers
from graphaudit.simulation.people import ALIVE
from graphaudit.simulation.places import FOREVER, HOSPITAL, PHARMACY, REMOTE
from graphaudit.simulation.randomness import Column, below, mix, share
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE

PERSONS = """
SELECT psn_no, psn_name, gend, brdy, '01' AS psn_cert_type, certno, electronic_no AS hsecfc, tel, tel AS mob,
       live_addr AS hsreg_addr, live_addr, resdbook_no, CASE WHEN gone THEN '2' ELSE '1' END AS surv_stas,
       '1' AS vali_flag, 'system' AS crter_id, 'system' AS opter_id, CAST(start AS TIMESTAMP) AS opt_time,
       insu_admdvs AS optins_no
FROM p JOIN x USING (person) ORDER BY psn_no
"""
ENROLMENT = """
SELECT 'R' || psn_no AS psn_insu_rlts_id, emp_no, psn_no, insutype, enrolled AS crt_insu_date,
       CASE WHEN gone THEN die_date END AS paus_insu_date, CASE WHEN gone THEN '4' ELSE '1' END AS psn_insu_stas,
       psn_type, insu_admdvs, 'system' AS opter_id, CAST(start AS TIMESTAMP) AS opt_time, insu_admdvs AS optins_no
FROM p JOIN x USING (person) ORDER BY psn_no
"""
EMPLOYERS = """
SELECT 'E99' || lpad(CAST(employer AS VARCHAR), 8, '0') AS emp_no, emp_mgt_type, emp_name,
       '安和市' || CAST(employer % 97 + 1 AS VARCHAR) || '路' AS emp_addr, '1' AS vali_flag
FROM e ORDER BY emp_no
"""
DESIGNATED = """
SELECT fixmedins_code, uscc, division AS fix_blng_admdvs, fixmedins_name, fixmedins_type, hosp_lv,
       hosp_lv AS lmtpric_hosp_lv, hosp_lv AS dedc_hosp_lv, begntime, endtime, '1' AS vali_flag
FROM s ORDER BY fixmedins_code
"""
INSTITUTIONS = """
SELECT fixmedins_code AS medins_code, uscc, fixmedins_name AS medins_name, division AS admdvs, addr,
       '1' AS fixmedins_type,
       beds AS aprv_bed_cnt, hosp_lv, lnt, lat, begntime, endtime, prnt AS prnt_medins_code, legrep_name,
       '1' AS vali_flag
FROM s WHERE fixmedins_type = '1' ORDER BY medins_code
"""
PHARMACIES = """
SELECT fixmedins_code AS rtal_phac_code, fixmedins_name AS rtal_phac_name, prnt AS prnt_rtal_phac_code, uscc, lnt, lat,
       division AS admdvs, addr, begntime, endtime, CASE WHEN prnt IS NULL THEN '0' ELSE '1' END AS brch_flag,
       legrep_name,
       '1' AS vali_flag
FROM s WHERE fixmedins_type = '2' ORDER BY rtal_phac_code
"""
PAUSES = """
SELECT fixmedins_code, fixmedins_paus_type, begntime, endtime, '1' AS vali_flag FROM t ORDER BY fixmedins_code, begntime
"""
DOCTORS = """
SELECT dr_code, psn_no, dr_name, speciality AS dr_prac_scp_name,
       CASE WHEN second_code IS NULL THEN '0' ELSE '1' END AS mul_prac_flag,
       site_code AS main_pracins_no, site_code AS medins_code, division AS admdvs, '1' AS vali_flag
FROM d ORDER BY dr_code
"""
PRACTICES = """
SELECT site_code AS fixmedins_code, dept_no, dr_code, start AS begndate, dept_name, psn_no, dr_name,
       CAST(NULL AS DATE) AS enddate, '1' AS vali_flag FROM d
UNION ALL
SELECT second_code, dept_no, dr_code, start, dept_name, psn_no, dr_name, CAST(NULL AS DATE),
       '1' FROM d WHERE second_code IS NOT NULL
ORDER BY dr_code, fixmedins_code
"""
SIGN_INS = """
SELECT 'QD' || lpad(CAST(row_number() OVER (ORDER BY moment, site, operator, mac) AS VARCHAR), 12,
       '0') AS sign_sn, fixmedins_code,
       mac AS sign_in_mac, ip AS sign_in_ip, '1' AS sign_in_stas, sign_in_time,
       CASE WHEN sign_out_time IS NOT NULL THEN mac END AS sign_out_mac, sign_out_time, '1' AS vali_flag, opter_id,
       sign_in_time AS opt_time
FROM g ORDER BY sign_sn
"""
STAFF = """
SELECT opter_no, psn_no, psn_name, certno, tel, '9901' || lpad(CAST(office + 1 AS VARCHAR), 2, '0') AS afil_optins_no,
       '2' AS opter_type, '1' AS vali_flag
FROM h JOIN p USING (person) ORDER BY opter_no
"""


def write_people(city: City, folder: Folder, persons: pa.Table, twice: Column) -> None:
    """Persons, enrolment and employers; `twice` are persons who stand there under a second number as well."""
    people, n = city.people, len(city.people)
    joined_at = np.maximum(people.born, -3_650 - below(3_000, np.arange(n), 95))
    extra = arrow(
        person=np.arange(n), gone=people.died_at < ALIVE, enrolled=dates(city, joined_at),
        start=np.full(n, np.datetime64(city.begins)),
    )  # fmt: skip
    if len(twice):
        again = persons.take(pa.array(twice))
        again = again.set_column(again.column_names.index("psn_no"), "psn_no", second_numbers(again))
        persons = pa.concat_tables([persons, again]).combine_chunks()
    folder.write("psn_info_b", PERSONS, {"p": persons, "x": extra})
    folder.write("psn_insu_d", ENROLMENT, {"p": persons, "x": extra})
    offices, schools = city.size.offices, max(2, city.size.persons // 2_500)
    numbers = np.arange(int(people.employer.max()) + 1)
    management = np.where(numbers < offices, "08", np.where(numbers < 2 * offices, "02", "01"))
    area = (numbers % offices + 1).astype(str)
    text = numbers.astype(str)
    names = np.select(
        [numbers < offices, numbers < 2 * offices, numbers < 2 * offices + schools],
        [
            np.char.add(area, "区城乡居民"),
            np.char.add(area, "区灵活就业人员"),
            np.char.add(np.char.add("第", text), "学校"),
        ],
        np.char.add(np.char.add("安和", text), "有限公司"),
    )
    folder.write("insu_emp_info_b", EMPLOYERS, {"e": arrow(employer=numbers, emp_mgt_type=management, emp_name=names)})


def write_sites(city: City, plan: Plan, folder: Folder) -> None:
    """Designated sites, what they are, and when they were suspended."""
    sites = city.places.sites
    numbers = np.arange(len(sites))
    owner = np.where(sites.chain >= 0, sites.chain, 10_000 + numbers)
    chain = np.char.zfill(np.maximum(sites.chain, 0).astype(str), 6)
    prefix = np.char.add("9199010", np.char.zfill(owner.astype(str), 10))
    x, y = sites.x.copy(), sites.y.copy()
    for move in city.drift.moves if city.drift else ():
        x[move.site], y[move.site] = move.x, move.y  # the register knows the present address
    table = arrow(
        fixmedins_code=np.array(sites.codes), fixmedins_name=np.array(sites.names), uscc=np.char.add(prefix, "X"),
        division=np.array([code[1:7] for code in sites.codes]), hosp_lv=np.array(sites.level),
        fixmedins_type=np.where(sites.kind == PHARMACY, "2", "1"), beds=sites.beds,
        begntime=dates(city, np.where(sites.open_from < 0, -700 - below(2_000, numbers, 96), sites.open_from // DAY)),
        endtime=dates(city, np.minimum(sites.open_until, 1 << 30) // DAY, sites.open_until >= FOREVER),
        prnt=pa.array(np.char.add("PC", chain), mask=sites.chain < 0),
        addr=np.char.add(np.char.add("安和市第", numbers.astype(str)), "街1号"),
        lnt=np.round(100.0 + x / 96.0, 6).astype(str), lat=np.round(30.0 + y / 111.0, 6).astype(str),
        legrep_name=np.char.add("法人", owner.astype(str)),
    )  # fmt: skip
    for name, sql in (("fixmedins_b", DESIGNATED), ("medins_info_b", INSTITUTIONS), ("rtal_phac_b", PHARMACIES)):
        folder.write(name, sql, {"s": table})
    pauses = plan.pauses
    ends = np.array([until for _, _, _, until in pauses], dtype=np.int64)
    folder.write("fixmedins_paus_d", PAUSES, {"t": arrow(
        fixmedins_code=pa.array([sites.codes[site] for site, _, _, _ in pauses], type=pa.string()),
        fixmedins_paus_type=pa.array([kind for _, kind, _, _ in pauses], type=pa.string()),
        begntime=times(city, np.array([begin for _, _, begin, _ in pauses], dtype=np.int64)),
        endtime=times(city, ends, ends >= city.seconds),
    )})  # fmt: skip


def staff_persons(city: City, count: int, salt: int) -> Column:
    """Insured persons of working age who are this staff: doctors, handlers."""
    people = city.people
    able = np.flatnonzero((people.age > 26) & (people.age < 60) & (people.died_at == ALIVE))
    return city.streams.of(f"staff:{salt}").choice(able, count, replace=count > len(able))


def write_staff(city: City, plan: Plan, folder: Folder, persons: pa.Table) -> None:
    """Doctors and where they practise, agency handlers, and every sign-in."""
    doctors, sites = city.places.doctors, city.places.sites
    who = staff_persons(city, len(doctors), 1)
    codes = np.array(sites.codes)
    table = arrow(
        dr_code=doctor_codes(city), dr_name=doctor_names(city), site_code=codes[doctors.site],
        second_code=pa.array(codes[np.maximum(doctors.second_site, 0)], mask=doctors.second_site < 0),
        speciality=np.array(["内科", "骨科", "妇产科", "儿科"])[doctors.speciality],
        dept_no=np.char.add("K0", (doctors.speciality + 1).astype(str)),
        dept_name=np.array(["内科", "骨科", "妇产科", "儿科"])[doctors.speciality],
        division=np.array([code[1:7] for code in sites.codes])[doctors.site],
        psn_no=persons["psn_no"].take(pa.array(who)), start=np.full(len(doctors), np.datetime64("2020-01-01")),
    )  # fmt: skip
    folder.write("dr_info_b", DOCTORS, {"d": table})
    folder.write("fixmedins_dept_dr_rlts_info_c", PRACTICES, {"d": table})
    handlers = arrow(
        person=staff_persons(city, city.size.handlers, 2),
        opter_no=np.array([handler_code(n) for n in range(city.size.handlers)]),
        office=city.agency.office,
    )
    folder.write("opt_psn_b", STAFF, {"h": handlers, "p": persons})
    folder.write("fixmedins_sign_b", SIGN_INS, {"g": _sign_ins(city, plan)})


def _sign_ins(city: City, plan: Plan) -> pa.Table:
    """The routine of every desk and day, plus the sign-ins that groups and rings add."""
    sites = city.places.sites
    local = np.arange(len(sites) - int((sites.kind == REMOTE).sum()))
    duty = sites.on_duty(local)
    site = np.repeat(np.repeat(local, duty), city.size.days)
    desk_of_site = np.concatenate([np.arange(n) for n in duty])
    desk = np.repeat(desk_of_site, city.size.days)
    day = np.tile(np.arange(city.size.days), len(desk_of_site))
    operator = (day + desk) % sites.operators[site]
    night = (sites.kind[site] == HOSPITAL) & (desk < 2)
    opens = np.where(night, 0, sites.opens[site] * HOUR - 15 * MINUTE) + below(12 * MINUTE, site, day, desk, 97)
    closes = np.where(night, 24 * HOUR - 60, sites.closes[site] * HOUR + 10 * MINUTE) - below(50, site, day, desk, 98)
    forgotten = share(site, day, desk, 99) < 0.015
    extra = plan.sign_ins
    site = np.concatenate([site, np.array([s.site for s in extra], dtype=np.int64)])
    operator = np.concatenate([operator, np.array([s.operator for s in extra], dtype=np.int64)])
    desk = np.concatenate([desk, np.array([s.terminal for s in extra], dtype=np.int64)])
    begin = np.concatenate([day * DAY + opens, np.array([s.begin for s in extra], dtype=np.int64)])
    end = np.concatenate([day * DAY + closes, np.array([s.end for s in extra], dtype=np.int64)])
    forgotten = np.concatenate([forgotten, np.zeros(len(extra), dtype=bool)])
    hardware = mix(site, desk, 100)
    pairs = [((hardware >> np.uint64(shift)) & np.uint64(255)).astype(np.int64) for shift in (8, 16, 24, 32, 40)]
    mac = np.full(len(site), "02", dtype="<U2")
    for pair in pairs:
        mac = np.char.add(np.char.add(mac, "-"), np.array([f"{n:02X}" for n in range(256)])[pair])
    ip = np.char.add(
        np.char.add(np.char.add("10.", (site % 250).astype(str)), np.char.add(".", (site // 250 + 1).astype(str))),
        np.char.add(".", (desk + 10).astype(str)),
    )
    names = np.array([operator_code(n) for n in range(int(sites.operators.max()))])
    return arrow(
        site=site, operator=operator, moment=begin, mac=mac, ip=ip, fixmedins_code=np.array(sites.codes)[site],
        opter_id=names[operator], sign_in_time=times(city, begin), sign_out_time=times(city, end, forgotten),
    )  # fmt: skip
