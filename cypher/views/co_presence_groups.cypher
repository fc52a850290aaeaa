// title.zh: 反复同时结算的成员
// title.en: Members who settle together again and again
// id: co_presence_groups
// version: 1
// place: 1
// about: lead
// pattern: hoarded_cards
// question.zh: 哪些成员同日同地结算的天数超出业务量与个人习惯？
// question.en: Which members settled together on more days than volume and habit explain?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(p:Person)-[c:CO_PRESENT]->(q:Person)
WHERE EXISTS { (l)-[:IMPLICATES]->(q) }
RETURN p, c, q
ORDER BY c.llr DESC
LIMIT 300
