// title.zh: 参保人时间冲突的结算
// title.en: Settlements of a person that cannot both be true
// id: person_in_two_places
// version: 1
// place: 63
// about: person
// pattern: any
// question.zh: 哪些结算在时间上不可能同时成立？
// question.en: Which settlements of this person cannot both have been made by them?
// param id: str = P-0000 -- id of a person, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (p:Person {person_id: $id})<-[of:OF_PERSON]-(a:Settlement)-[o:OVERLAPS]->(b:Settlement)
OPTIONAL MATCH (a)-[at_a:SETTLED_AT]->(x:Institution|Pharmacy)
OPTIONAL MATCH (b)-[at_b:SETTLED_AT]->(y:Institution|Pharmacy)
RETURN p, of, a, o, b, at_a, x, at_b, y
LIMIT 100
