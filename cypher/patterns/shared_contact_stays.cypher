// id: shared_contact_stays
// version: 3
// pattern: inducement
// kind: shared_contact
// title.zh: 多名住院患者留有同一联系电话
// title.en: Stays of several persons with one contact phone
// status: trial
// question.zh: 哪些联系电话被写在不同家庭多名参保人的住院登记上？
// question.en: Which contact phones stand on stays of persons of several households?
// param least_persons: int = 5 -- relatives, neighbours and a shared telephone answer for up to four
// param least_households: int = 5 -- a family has one contact
// param most_persons: int = 60 -- larger ones are phones of a ward or an office
// returns phone_id as contact
// returns person_ids as patient
// returns settlement_ids as evidence
// keep households >= least_households -- see above
// keep persons >= least_persons -- see above
// keep persons <= most_persons -- see above
// signal households = 4.0 -- honest contacts gain a further household rarely
// signal settlements = 1.0 -- repeated stays
// text.zh: {persons}名参保人（{households}个家庭）的{settlements}次住院留有同一联系电话，涉及{sites}个机构，前后{span_days}天。
// text.en: {settlements} stays of {persons} insured persons of {households} households name one contact phone
//    ({sites} sites, {span_days} days from first to last).
// clears.zh: 联系人身份说明：养老机构、村医、登记代办人或亲属。
// clears.en: Who the contact is: a nursing home, a village doctor, a registered agent or a relative.
// weighs: household, shared_address, employer, agent, many_houses
// benign.zh: 养老机构联系电话
// benign.en: the phone of a nursing home
// benign.zh: 登记的代办人、家庭医生
// benign.en: a registered agent or family doctor
// benign.zh: 照料多人的社区干部、志愿者（住院分散于多家机构）
// benign.en: a community worker who looks after many, whose stays lie at many houses
// benign.zh: 病区统一填写的电话
// benign.en: a ward that writes its own number on every stay
// misses.zh: 每次住院填写不同电话
// misses.en: a different phone on every stay
// legal: Order 735 art. 15; Order 735 art. 40(1)
// needs: settlements.phone_no

// one phone on stays of many
MATCH (f:Phone)<-[:HAS_PHONE]-(s:Settlement)-[:OF_PERSON]->(p:Person)
WHERE f.persons >= $least_persons AND s.kind = 'inpatient' AND NOT s.is_manual
WITH f, count(DISTINCT p.person_id) AS persons
WHERE persons >= $least_persons AND persons <= $most_persons
MATCH (f)<-[:HAS_PHONE]-(s:Settlement)-[:OF_PERSON]->(p:Person)
WHERE s.kind = 'inpatient' AND NOT s.is_manual
RETURN f.phone_id AS phone_id,
       collect(DISTINCT p.person_id) AS person_ids,
       collect(DISTINCT s.settlement_id) AS settlement_ids
