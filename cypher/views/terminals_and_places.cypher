// title.zh: 终端、操作员与结算机构
// title.en: Terminals, operators and places
// id: terminals_and_places
// version: 1
// place: 1
// about: lead
// pattern: proxy_settlement
// question.zh: 同一终端或操作员是否为多家机构结算？
// question.en: Did one terminal or operator settle for several places?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)
WITH s
ORDER BY s.settled_s, s.settlement_id
LIMIT 100
MATCH (s)-[tie:ON_TERMINAL|ENTERED_BY|SETTLED_AT]->(thing)
RETURN s, tie, thing
