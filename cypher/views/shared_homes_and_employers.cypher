// title.zh: 无辜解释：同户、同址、同单位、同代办人
// title.en: Innocent ties: home, employer, agent
// id: shared_homes_and_employers
// version: 1
// place: 50
// about: lead
// pattern: any
// question.zh: 哪些成员本是一家人、同住、同事，或由同一登记代办人代办？
// question.en: Which members are one family, live together, work together or share a registered agent?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(p:Person)
MATCH (p)-[mine:LIVES_IN|INSURED_THROUGH|REPRESENTED_BY|HAS_PHONE]->(shared)
MATCH (shared)<-[theirs:LIVES_IN|INSURED_THROUGH|REPRESENTED_BY|HAS_PHONE]-(q:Person)
WHERE p.person_id < q.person_id AND EXISTS { (l)-[:IMPLICATES]->(q) }
RETURN p, mine, shared, theirs, q
LIMIT 300
