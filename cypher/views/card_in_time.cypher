// title.zh: 凭证的全部结算，按时间先后
// title.en: All settlements with a credential in order of time
// id: card_in_time
// version: 1
// place: 65
// about: card
// pattern: any
// question.zh: 这个凭证在何时、何处、为谁结算？
// question.en: When, where and for whom was this credential used?
// param id: str = C-0000 -- id of a card, as a picture or table shows it
// shows: table
// needs-engine: neo4j

MATCH (:Card {card_id: $id})<-[:PAID_WITH]-(s:Settlement)
OPTIONAL MATCH (s)-[:OF_PERSON]->(p:Person)
OPTIONAL MATCH (s)-[:SETTLED_AT]->(x:Institution|Pharmacy)
RETURN s.settled_at AS settled_at, p.person_id AS person, coalesce(x.institution_id, x.pharmacy_id) AS site,
       s.kind AS kind, s.total_fen / 100.0 AS total_yuan, s.fund_fen / 100.0 AS fund_yuan,
       s.settlement_id AS settlement
ORDER BY settled_at, settlement
LIMIT 1000
