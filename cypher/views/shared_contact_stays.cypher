// title.zh: 留有同一电话的住院
// title.en: Stays with one contact phone
// id: shared_contact_stays
// version: 1
// place: 2
// about: lead
// pattern: inducement
// question.zh: 哪些成员的住院登记留有同一联系电话？
// question.en: On the stays of which members does one contact phone stand?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(f:Phone)
MATCH (f)<-[has:HAS_PHONE]-(s:Settlement)-[of:OF_PERSON]->(p:Person)
WHERE EXISTS { (l)-[:IMPLICATES]->(s) }
RETURN f, has, s, of, p
LIMIT 200
