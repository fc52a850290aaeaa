// title.zh: 同一凭证的多名使用人
// title.en: One card used for several persons
// id: card_of_several_persons
// version: 1
// place: 2
// about: lead
// pattern: impersonation
// question.zh: 凭证用于哪些参保人，他们属于哪些家庭？
// question.en: For which persons was the credential used, and to which households do they belong?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(c:Card)<-[h:HOLDS]-(p:Person)
OPTIONAL MATCH (p)-[home:LIVES_IN]->(f:Household|Address)
RETURN c, h, p, home, f
LIMIT 200
