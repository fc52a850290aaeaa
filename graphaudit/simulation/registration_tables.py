"""Registrations that people or their agents made, and what the unit itself knows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphaudit.simulation.cases import office_of
from graphaudit.simulation.city import City, Plan
from graphaudit.simulation.clock import dates, times
from graphaudit.simulation.folder import Folder, arrow
from graphaudit.simulation.identity import doctor_codes, handler_code, phone_of
from graphaudit.simulation.randomness import Column, below, share
from graphaudit.simulation.sizes import DAY, HOUR

REGISTERED = """
SELECT 'MT' || lpad(CAST(row_number() OVER (ORDER BY psn_no, opsp_dise_code) AS VARCHAR), 12,
       '0') AS trt_dcla_detl_sn, psn_no,
       opsp_dise_code, begndate, '02' AS dcla_souc, insutype, '10' AS dise_type_code, opsp_dise_name,
       '01' AS psn_cert_type,
       certno, psn_name, gend, brdy, phone AS tel, live_addr AS addr, insu_admdvs, ide_fixmedins_no, diag_dr_code,
       agnter_name, agnter_certno, agnter_tel, agnter_rlts, CAST(NULL AS DATE) AS enddate, '1' AS vali_flag,
       opter_id AS crter_id,
       opter_id, opt_time, insu_admdvs AS optins_no
FROM r JOIN p USING (person) ORDER BY trt_dcla_detl_sn
"""
CHOSEN_SITES = """
SELECT 'DD' || lpad(CAST(row_number() OVER (ORDER BY psn_no) AS VARCHAR), 12, '0') AS trt_dcla_detl_sn,
       '02' AS dcla_souc, psn_no,
       phone AS tel, live_addr AS addr, emp_no, '03' AS biz_appy_type, begndate, CAST(NULL AS DATE) AS enddate,
       fixmedins_code,
       agnter_name, agnter_certno, agnter_tel, agnter_rlts, '1' AS vali_flag, opter_id AS crter_id, opter_id, opt_time,
       insu_admdvs AS optins_no
FROM r JOIN p USING (person) ORDER BY trt_dcla_detl_sn
"""
REGISTER = """
SELECT kind, psn_no, fixmedins_code, address, from_date AS "from", until_date AS "to", note
FROM k ORDER BY kind, fixmedins_code, psn_no, "from", note
"""


def _agents(city: City, plan: Plan, person: Column, persons: pa.Table) -> dict[str, pa.Array]:
    """Agent columns of registrations: null for people who came themselves."""
    of = np.full(len(city.people), -1)
    relation = np.full(len(city.people), "", dtype="<U2")
    for entry in plan.agents:
        of[entry.person], relation[entry.person] = entry.agent, entry.relation
    agent = of[person]
    alone = agent < 0
    rows = persons.select(["psn_name", "certno"]).take(pa.array(np.maximum(agent, 0)))
    return {
        "agnter_name": pa.array(rows["psn_name"].to_numpy(), mask=alone),
        "agnter_certno": pa.array(rows["certno"].to_numpy(), mask=alone),
        "agnter_tel": pa.array(phone_of(np.maximum(agent, 0)), mask=alone),
        "agnter_rlts": pa.array(relation[person], mask=alone),
        "phone": pa.array(
            np.where(alone, persons["tel"].take(pa.array(person)).to_numpy(), phone_of(np.maximum(agent, 0)))
        ),
    }


def _handling(city: City, person: Column, day: Column) -> dict[str, pa.Array]:
    """Which handler of the person's office did it, and when."""
    handler = city.agency.window(office_of(city, person), person)
    codes = np.array([handler_code(n) for n in range(city.size.handlers)])
    return {
        "opter_id": pa.array(codes[handler]),
        "opt_time": times(city, day * DAY + 9 * HOUR + below(7 * HOUR, person, 104)),
        "begndate": dates(city, day),
    }


def write_registrations(city: City, plan: Plan, folder: Folder, persons: pa.Table) -> None:
    """Chronic and special disease registrations, and chosen sites, some made by an agent."""
    people, table, sites = city.people, city.goods.diagnoses, city.places.sites
    has_code = np.array([bool(code) for code in table.chronic_codes])
    ill, slot = np.nonzero((people.chronic >= 0) & has_code[np.maximum(people.chronic, 0)])
    disease = people.chronic[ill, slot]
    special = plan.registered
    person = np.concatenate([ill, np.array(list(special), dtype=np.int64)])
    disease = np.concatenate([disease, np.array([table.number(name) for name, _ in special.values()], dtype=np.int64)])
    site = np.concatenate([people.hospital[ill], np.array([s for _, s in special.values()], dtype=np.int64)])
    doctor = city.places.doctors.choose(site, np.zeros(len(site), dtype=np.int64), person, person)
    day = -below(900, person, disease, 105) - 5
    columns = {
        "person": person, "opsp_dise_code": pa.array(np.array(table.chronic_codes)[disease]),
        "opsp_dise_name": pa.array(np.array(table.names)[disease]),
        "ide_fixmedins_no": pa.array(np.array(sites.codes)[site]),
        "diag_dr_code": pa.array(doctor_codes(city)[doctor]),
    } | _agents(city, plan, person, persons) | _handling(city, person, day)  # fmt: skip
    folder.write("opsp_reg_d", REGISTERED, {"r": pa.table(columns), "p": persons})
    represented = np.array(sorted({entry.person for entry in plan.agents}), dtype=np.int64)
    elders = np.flatnonzero((people.age > 60) & (share(np.arange(len(people)), 106) < 0.2))
    person = np.union1d(represented, elders)
    columns = {"person": person, "fixmedins_code": pa.array(np.array(sites.codes)[people.clinic[person]])}
    columns |= _agents(city, plan, person, persons) | _handling(city, person, -below(600, person, 107) - 5)
    folder.write("psn_fix_reg_d", CHOSEN_SITES, {"r": pa.table(columns), "p": persons})


def write_benign_register(city: City, plan: Plan, folder: Folder, persons: pa.Table) -> None:
    """What the unit itself knows, always as CSV: `benign_register.csv`."""
    entries, sites = plan.register, city.places.sites
    numbers, addresses = persons["psn_no"].to_pylist(), persons["live_addr"].to_pylist()
    text = pa.string()
    table = arrow(
        kind=pa.array([e.kind for e in entries], type=text),
        psn_no=pa.array([None if e.person is None else numbers[e.person] for e in entries], type=text),
        fixmedins_code=pa.array([None if e.site is None else sites.codes[e.site] for e in entries], type=text),
        address=pa.array([None if e.address_of is None else addresses[e.address_of] for e in entries], type=text),
        from_date=dates(city, np.array([e.from_day for e in entries], dtype=np.int64)),
        until_date=dates(city, np.array([e.until_day for e in entries], dtype=np.int64)),
        note=pa.array([e.note for e in entries], type=text),
    )
    folder.write("benign_register", REGISTER, {"k": table}, csv=True)
