// title.zh: 涉及同一成员的其他线索
// title.en: Other leads about the same members
// id: other_leads_of_members
// version: 1
// place: 42
// about: lead
// pattern: any
// question.zh: 还有哪些线索涉及这些成员？
// question.en: Which other leads are about the same members?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH path = (l:Lead {lead_id: $lead})-[:IMPLICATES]->(who)<-[:IMPLICATES]-(other:Lead)
WHERE NOT who:Settlement AND other.lead_id <> l.lead_id
RETURN path
LIMIT 200
