// title.zh: 同一经办人既录入又审核
// title.en: One handler entering and reviewing
// id: same_handler_enters_and_reviews
// version: 1
// place: 3
// about: lead
// pattern: insider
// question.zh: 哪些案件由同一经办人既录入又审核？
// question.en: Which cases were entered and reviewed by one handler?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)
MATCH (h:Handler)<-[entered:ENTERED_BY]-(s)-[reviewed:REVIEWED_BY|APPROVED_BY]->(h)
MATCH (s)-[of:OF_PERSON]->(p:Person)
RETURN h, entered, s, reviewed, of, p
LIMIT 150
