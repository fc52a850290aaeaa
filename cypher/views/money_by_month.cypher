// title.zh: 逐月金额
// title.en: The money month by month
// id: money_by_month
// version: 1
// place: 32
// about: lead
// pattern: any
// question.zh: 金额从何时开始、是否仍在继续？
// question.en: When did the payments begin, and are they still going on?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)
OPTIONAL MATCH (s)-[:OF_PERSON]->(p:Person)
WITH date.truncate('month', s.settled_at) AS month, count(DISTINCT s) AS settlements, count(DISTINCT p) AS persons,
     sum(s.total_fen) AS total, sum(s.fund_fen) AS fund
RETURN month, persons, settlements, total / 100.0 AS total_yuan, fund / 100.0 AS fund_yuan
ORDER BY month
LIMIT 240
