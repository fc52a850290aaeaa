// title.zh: 与成员反复同时结算的其他人
// title.en: Others seen with the members again and again
// id: others_seen_with_them
// version: 1
// place: 41
// about: lead
// pattern: any
// question.zh: 线索之外，还有谁与成员同日同地结算的次数超出偶然？
// question.en: Who outside the lead settles together with its members beyond chance?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(p:Person)-[c:CO_PRESENT]-(other:Person)
WHERE NOT EXISTS { (l)-[:IMPLICATES]->(other) }
RETURN p, c, other
ORDER BY c.llr DESC
LIMIT 100
