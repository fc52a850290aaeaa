// title.zh: 同一经办人与多个收款账户
// title.en: One handler and several payee accounts
// id: payees_of_one_handler
// version: 1
// place: 2
// about: lead
// pattern: insider
// question.zh: 哪些案件经同一经办人打入由不同家庭共用的账户？
// question.en: Which cases went through one handler into accounts shared by several households?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[paid:PAID_TO]->(b:BankAccount)
WITH s, paid, b
ORDER BY s.settled_s, s.settlement_id
LIMIT 100
MATCH (s)-[step:ENTERED_BY|REVIEWED_BY]->(h:Handler)
MATCH (s)-[of:OF_PERSON]->(p:Person)
RETURN s, paid, b, step, h, of, p
