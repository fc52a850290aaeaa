// title.zh: 重复使用的票据
// title.en: Invoices presented more than once
// id: shared_invoice
// version: 1
// place: 4
// about: lead
// pattern: insider
// question.zh: 哪些票据号出现在多名参保人的报销上？
// question.en: Which invoice numbers stand on the cases of several persons?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[shown:EVIDENCED_BY]->(i:Invoice)
MATCH (s)-[of:OF_PERSON]->(p:Person)
OPTIONAL MATCH (s)-[entered:ENTERED_BY]->(h:Handler)
RETURN i, shown, s, of, p, entered, h
LIMIT 150
