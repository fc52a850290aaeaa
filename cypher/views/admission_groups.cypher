// title.zh: 同进同出的住院
// title.en: Stays that begin and end together
// id: admission_groups
// version: 1
// place: 1
// about: lead
// pattern: inducement
// question.zh: 哪些成员在同一机构同时入院、出院？
// question.en: Which members were admitted to and discharged from one place together?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[of:OF_PERSON]->(p:Person)
WHERE s.kind = 'inpatient'
WITH s, of, p
ORDER BY s.begin_s, s.settlement_id
LIMIT 100
OPTIONAL MATCH (s)-[at:SETTLED_AT]->(x:Institution|Pharmacy)
OPTIONAL MATCH (s)-[by:TREATED_BY]->(d:Doctor)
RETURN s, of, p, at, x, by, d
