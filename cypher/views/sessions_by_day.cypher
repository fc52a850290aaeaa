// title.zh: 每日的集中结算
// title.en: What happened on each day
// id: sessions_by_day
// version: 1
// place: 21
// about: lead
// pattern: any
// question.zh: 每一天在同一机构有多少成员结算，前后相隔几分钟？
// question.en: On each day, how many members settled at one place, and how many minutes
//    lay between the first and the last?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[:OF_PERSON]->(p:Person)
MATCH (s)-[:SETTLED_AT]->(x:Institution|Pharmacy)
WITH coalesce(x.institution_id, x.pharmacy_id) AS site, date(s.settled_at) AS day, count(DISTINCT p) AS persons,
     count(DISTINCT s) AS settlements, min(s.settled_at) AS earliest, max(s.settled_at) AS latest,
     max(s.settled_s) - min(s.settled_s) AS seconds, sum(s.total_fen) AS total_fen
RETURN day, site, persons, settlements, earliest, latest, seconds / 60 AS minutes, total_fen / 100.0 AS total_yuan
ORDER BY day, site
LIMIT 500
