// title.zh: 还有谁与成员相连
// title.en: Who else is tied to the members
// id: who_else_touches_it
// version: 1
// place: 40
// about: lead
// pattern: any
// question.zh: 线索之外，还有谁与成员共用凭证、电话、住址或代办人？
// question.en: Who outside the lead shares a credential, phone, address or agent with its members?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(p:Person)
MATCH (p)-[mine:HOLDS|HAS_PHONE|LIVES_IN|REPRESENTED_BY]->(shared)
// what very many carry ties nobody to anybody
WHERE shared.persons <= 30
MATCH (shared)<-[theirs:HOLDS|HAS_PHONE|LIVES_IN|REPRESENTED_BY]-(other:Person)
WHERE NOT EXISTS { (l)-[:IMPLICATES]->(other) }
RETURN p, mine, shared, theirs, other
LIMIT 200
