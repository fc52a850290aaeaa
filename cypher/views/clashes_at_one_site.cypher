// title.zh: 住院期间凭证在同一机构使用
// title.en: Cards used at one place during stays elsewhere
// id: clashes_at_one_site
// version: 1
// place: 3
// about: lead
// pattern: impersonation
// question.zh: 哪些成员在别处住院或就诊时，凭证在这家机构使用？
// question.en: Which members' cards were used at this place while they were elsewhere?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(x:Institution|Pharmacy)<-[c:CLASHES_AT]-(p:Person)
WHERE EXISTS { (l)-[:IMPLICATES]->(p) }
RETURN x, c, p
ORDER BY c.llr DESC
LIMIT 200
