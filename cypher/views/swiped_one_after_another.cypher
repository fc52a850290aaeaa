// title.zh: 前后相邻的结算
// title.en: Settled one right after another
// id: swiped_one_after_another
// version: 1
// place: 22
// about: lead
// pattern: any
// question.zh: 哪些证据结算在同一机构十分钟内相继发生？
// question.en: Which settlements of the evidence followed each other at one place within ten minutes?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(a:Settlement)-[next:NEXT_SWIPE]->(b:Settlement)
WHERE EXISTS { (l)-[:IMPLICATES]->(b) }
WITH a, next, b
ORDER BY a.settled_s, a.settlement_id
LIMIT 100
MATCH (a)-[of_a:OF_PERSON]->(p:Person)
MATCH (b)-[of_b:OF_PERSON]->(q:Person)
RETURN a, next, b, of_a, p, of_b, q
