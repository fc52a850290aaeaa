// title.zh: 成员之间的一切联系
// title.en: Everything that ties the members
// id: what_ties_the_group
// version: 1
// place: 1
// about: lead
// pattern: unexplained
// question.zh: 这些成员之间除同时出现外还有哪些联系？
// question.en: What ties these members to each other besides being seen together?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(p:Person)
MATCH (p)-[mine:HOLDS|HAS_PHONE|LIVES_IN|INSURED_THROUGH|REPRESENTED_BY|CO_PRESENT]->(thing)
WHERE EXISTS { (l)-[:IMPLICATES]->(thing) } OR COUNT {
        (thing)<-[:HOLDS|HAS_PHONE|LIVES_IN|INSURED_THROUGH|REPRESENTED_BY]-(q:Person)
        WHERE EXISTS { (l)-[:IMPLICATES]->(q) }
      } > 1
RETURN p, mine, thing
LIMIT 300
