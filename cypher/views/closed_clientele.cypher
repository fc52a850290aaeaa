// title.zh: 经办人的固定客户群
// title.en: A handler's closed clientele
// id: closed_clientele
// version: 1
// place: 1
// about: lead
// pattern: insider
// question.zh: 哪些成员的案件几乎都由同一经办人录入？
// question.en: Which members' cases were nearly all entered by one handler?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(h:Handler)-[v:SERVES]->(p:Person)
WHERE EXISTS { (l)-[:IMPLICATES]->(p) }
RETURN h, v, p
ORDER BY v.llr DESC
LIMIT 200
