// title.zh: 无辜解释：成员平时的就医习惯
// title.en: Innocent habits: what else the members do
// id: ordinary_life_of_the_members
// version: 1
// place: 52
// about: lead
// pattern: any
// question.zh: 成员平时也在这些机构就诊吗？在别处有多少正常就诊？
// question.en: Do the members use these places anyway, and how much do they do elsewhere?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (l:Lead {lead_id: $lead})-[:IMPLICATES]->(p:Person)
WITH l, p, COUNT { (p)<-[:OF_PERSON]-(s:Settlement) WHERE EXISTS { (l)-[:IMPLICATES]->(s) } } AS in_the_evidence
OPTIONAL MATCH (p)-[v:VISITED]->(x:Institution|Pharmacy)
WITH p, in_the_evidence, v, EXISTS { (l)-[:IMPLICATES]->(x) } AS in_the_lead
RETURN p.person_id AS person, in_the_evidence,
       sum(CASE WHEN in_the_lead THEN v.n ELSE 0 END) AS at_places_of_the_lead,
       sum(CASE WHEN in_the_lead THEN 0 ELSE v.n END) AS elsewhere,
       count(CASE WHEN in_the_lead THEN null ELSE v END) AS other_places
ORDER BY in_the_evidence DESC, person
LIMIT 500
