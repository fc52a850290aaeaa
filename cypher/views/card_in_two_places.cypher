// title.zh: 同一凭证同时出现在两地
// title.en: One card in two places
// id: card_in_two_places
// version: 1
// place: 1
// about: lead
// pattern: impersonation
// question.zh: 哪些证据结算在时间上不可能同时成立？
// question.en: Which settlements of the evidence cannot both be true?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(a:Settlement)-[o:OVERLAPS]->(b:Settlement)
WHERE EXISTS { (l)-[:IMPLICATES]->(b) }
WITH a, o, b
ORDER BY a.settled_s, a.settlement_id
LIMIT 60
MATCH (a)-[of:OF_PERSON]->(p:Person)
OPTIONAL MATCH (a)-[at_a:SETTLED_AT]->(x:Institution|Pharmacy)
OPTIONAL MATCH (b)-[at_b:SETTLED_AT]->(y:Institution|Pharmacy)
RETURN a, o, b, of, p, at_a, x, at_b, y
