// id: doctor_pharmacy_triangle
// version: 3
// pattern: doctor_pharmacy
// kind: prescription_flow
// title.zh: 某医师的患者集中到某药店购药
// title.en: Patients of one doctor who buy at one pharmacy far above both volumes
// status: trial
// question.zh: 哪些医师的患者就诊后一日内到同一药店购药的次数，远超医师、药店业务量与患者本人习惯？
// question.en: Which doctors' patients buy within a day at one pharmacy far more often than the doctor's and the
//    pharmacy's volumes and the patients' own habits give?
// param least_llr: float = 8.0 -- nats; a hundred thousand pairs of a large city hold one such pair of eight patients
// param least_lift: float = 2.0 -- purchases observed to expected
// param least_persons: int = 5 -- fewer are faithful customers
// param least_pairs: int = 2 -- a person with one visit and purchase is not counted on
// param least_households: int = 4 -- a family is one customer
// returns doctor_id as doctor
// returns pharmacy_ids as pharmacy
// returns person_ids as patient
// returns visit_settlement_ids as evidence
// returns purchase_settlement_ids as evidence
// keep persons >= least_persons -- patients who did it several times
// keep households >= least_households -- see above
// signal FILLED_AT = 2.5 -- evidence against both volumes and the patients' habits
// signal households = 1.5 -- many independent patients
// text.zh: 某医师的{persons}名患者（{households}个家庭）就诊后一日内在同一药店购药，涉及{settlements}笔结算、{days}个日期。
// text.en: {persons} patients of one doctor, of {households} households, bought at one pharmacy within a day of
//    their visits ({settlements} settlements on {days} dates).
// clears.zh: 院外处方流转协议，或药店紧邻诊室、独家供应某药的说明。
// clears.en: An agreement on external prescriptions, or proof that the pharmacy is next door or the only seller of
//    the drug.
// weighs: household, shared_address, next_door, ordinary_fills
// benign.zh: 医院门口的药店
// benign.en: the pharmacy at the hospital's gate
// benign.zh: 患者的常去药店
// benign.en: the pharmacy where the patients buy anyway
// benign.zh: 所购与平时相符、价格与他店相当的随诊购药
// benign.en: purchases after visits that are ordinary for the patients and cost what others ask
// benign.zh: 专科药房
// benign.en: a speciality pharmacy
// misses.zh: 一日以后的购药
// misses.en: purchases later than a day after the visit
// misses.zh: 仅以平价常用药返利的合谋
// misses.en: arrangements that steer ordinary purchases at ordinary prices
// misses.zh: 费用明细和结算中均无医师编码的就诊
// misses.en: visits that name no doctor
// legal: Order 735 art. 15; Order 735 art. 38
// needs: settlements.doctor_no

// pairs far above volume and habit
MATCH (d:Doctor)-[f:FILLED_AT]->(x:Pharmacy)
WHERE f.llr >= $least_llr AND f.n >= $least_lift * f.expected AND f.persons >= $least_persons
// visits of this doctor that were filled there
MATCH (d)<-[:TREATED_BY]-(v:Settlement)-[:FILLED_BY]->(b:Settlement)-[:SETTLED_AT]->(y:Pharmacy)
WHERE y.pharmacy_id = x.pharmacy_id
MATCH (v)-[:OF_PERSON]->(p:Person)
WITH d, p, count(DISTINCT b.settlement_id) AS pairs, collect(DISTINCT x.pharmacy_id) AS pharmacies,
     collect(DISTINCT v.settlement_id) AS visits, collect(DISTINCT b.settlement_id) AS purchases
WHERE pairs >= $least_pairs
// one lead per doctor, whose patients may be sent to several pharmacies
UNWIND pharmacies AS pharmacy
UNWIND visits AS visit
UNWIND purchases AS purchase
RETURN d.doctor_id AS doctor_id,
       collect(DISTINCT pharmacy) AS pharmacy_ids,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT visit) AS visit_settlement_ids,
       collect(DISTINCT purchase) AS purchase_settlement_ids
