// title.zh: 住院期间在别处的结算
// title.en: Visits elsewhere during stays
// id: stays_and_visits_elsewhere
// version: 1
// place: 1
// about: lead
// pattern: sham_stay
// question.zh: 成员住院期间，在别处有无就诊或购药？
// question.en: Were the members treated or served elsewhere during their stays?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(stay:Settlement)-[o:OVERLAPS]-(other:Settlement)
WHERE stay.kind = 'inpatient'
WITH stay, o, other
ORDER BY stay.begin_s, stay.settlement_id
LIMIT 80
MATCH (stay)-[of:OF_PERSON]->(p:Person)
OPTIONAL MATCH (other)-[at:SETTLED_AT]->(x:Institution|Pharmacy)
RETURN stay, o, other, of, p, at, x
