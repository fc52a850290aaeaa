// title.zh: 参保人的全部结算，按时间先后
// title.en: All settlements of a person in order of time
// id: person_in_time
// version: 1
// place: 62
// about: person
// pattern: any
// question.zh: 这名参保人在何时、何处、以何种凭证结算？
// question.en: When, where and with which credential did this person settle?
// param id: str = P-0000 -- id of a person, as a picture or table shows it
// shows: table
// needs-engine: neo4j

MATCH (:Person {person_id: $id})<-[:OF_PERSON]-(s:Settlement)
OPTIONAL MATCH (s)-[:SETTLED_AT]->(x:Institution|Pharmacy)
OPTIONAL MATCH (s)-[:PAID_WITH]->(c:Card)
RETURN s.begin_at AS begin_at, s.end_at AS end_at, s.settled_at AS settled_at,
       coalesce(x.institution_id, x.pharmacy_id) AS site, c.card_id AS card, s.kind AS kind,
       s.diagnosis_code AS diagnosis, s.total_fen / 100.0 AS total_yuan, s.fund_fen / 100.0 AS fund_yuan,
       s.settlement_id AS settlement
ORDER BY settled_at, settlement
LIMIT 1000
