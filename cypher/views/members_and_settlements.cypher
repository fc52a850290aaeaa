// title.zh: 成员与证据结算
// title.en: Members and the settlements that tie them
// id: members_and_settlements
// version: 1
// place: 11
// about: lead
// pattern: any
// question.zh: 哪些结算把这些成员联系在一起？
// question.en: Which settlements tie the members to each other?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)
WITH l, s
ORDER BY s.settled_s, s.settlement_id
LIMIT 120
MATCH (s)-[tie:OF_PERSON|PAID_WITH|SETTLED_AT|TREATED_BY|ENTERED_BY|REVIEWED_BY|APPROVED_BY|PAID_TO|HAS_PHONE]->(who)
WHERE EXISTS { (l)-[:IMPLICATES]->(who) }
RETURN s, tie, who
