// title.zh: 医师、药店与患者
// title.en: Doctor, pharmacy and patients
// id: doctor_pharmacy_triangle
// version: 1
// place: 1
// about: lead
// pattern: doctor_pharmacy
// question.zh: 哪些就诊之后一日内在同一药店购药？
// question.en: Which visits were followed by a purchase at one pharmacy within a day?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(v:Settlement)-[filled:FILLED_BY]->(b:Settlement)
WITH v, filled, b
ORDER BY v.settled_s, v.settlement_id
LIMIT 80
MATCH (v)-[by:TREATED_BY]->(d:Doctor)
MATCH (b)-[at:SETTLED_AT]->(x:Pharmacy)
MATCH (v)-[of:OF_PERSON]->(p:Person)
RETURN v, filled, b, by, d, at, x, of, p
