// title.zh: 证据结算，按时间先后
// title.en: The settlements in order of time
// id: settlements_in_time_order
// version: 1
// place: 20
// about: lead
// pattern: any
// question.zh: 证据中的每笔结算发生在何时、何处、用谁的凭证？
// question.en: When, where and with whose credential was each settlement of the evidence made?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[:OF_PERSON]->(p:Person)
OPTIONAL MATCH (s)-[:SETTLED_AT]->(x:Institution|Pharmacy)
OPTIONAL MATCH (s)-[:PAID_WITH]->(c:Card)
OPTIONAL MATCH (s)-[:ENTERED_BY]->(h:Handler)
RETURN s.settled_at AS settled_at, coalesce(x.institution_id, x.pharmacy_id) AS site, p.person_id AS person,
       c.card_id AS card, h.handler_id AS handler, s.kind AS kind, s.total_fen / 100.0 AS total_yuan,
       s.fund_fen / 100.0 AS fund_yuan, s.settlement_id AS settlement
ORDER BY settled_at, settlement
LIMIT 1000
