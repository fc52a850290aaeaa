// title.zh: 账户、电话与票据连成的链条
// title.en: The chain of accounts, phones and invoices
// id: payees_joined
// version: 1
// place: 6
// about: lead
// pattern: insider
// question.zh: 哪些账户、电话、票据把这条线索中的参保人逐一相连？
// question.en: Which accounts, phones and invoices chain the persons of this lead to one another?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[written:PAID_TO|HAS_PHONE|EVIDENCED_BY]->(k)
WHERE k.persons > 1
WITH s, written, k
ORDER BY s.settled_s, s.settlement_id
LIMIT 200
MATCH (s)-[of:OF_PERSON]->(p:Person)
RETURN k, written, s, of, p
