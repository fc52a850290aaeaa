// title.zh: 线索成员
// title.en: Who belongs to the lead
// id: members_of_the_lead
// version: 1
// place: 10
// about: lead
// pattern: any
// question.zh: 这条线索涉及哪些人、凭证、机构和经办人？
// question.en: Which persons, credentials, places and handlers is this lead about?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH path = (:Lead {lead_id: $lead})-[:IMPLICATES]->(who)
WHERE NOT who:Settlement
RETURN path
LIMIT 300
