// title.zh: 线索清单，按证据强度排序
// title.en: The leads, strongest evidence first
// id: leads_in_order
// version: 1
// place: 1
// about: none
// pattern: any
// question.zh: 当前构建有哪些线索？先看哪一条？
// question.en: Which leads does this build hold, and which one comes first?
// shows: table
// needs-engine: neo4j

MATCH (l:Lead)
OPTIONAL MATCH (l)-[m:IMPLICATES]->(p:Person)
WITH l, count(DISTINCT p) AS persons
RETURN l.rank AS rank, l.lead_id AS lead, l.score AS score, l.pattern AS pattern, persons,
       l.title_zh AS title_zh, l.title_en AS title_en, l.status AS status
ORDER BY rank
LIMIT 100
