// title.zh: 联系电话及其使用人
// title.en: A phone and who carries it
// id: phone_and_carriers
// version: 1
// place: 71
// about: phone
// pattern: any
// question.zh: 谁登记了这个电话，它还写在哪些住院或报销上？
// question.en: Who registered this phone, and on whose stays or cases does it stand?
// param id: str = T-0000 -- id of a phone, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (f:Phone {phone_id: $id})
OPTIONAL MATCH (f)<-[own:HAS_PHONE]-(p:Person)
OPTIONAL MATCH (f)<-[contact:HAS_PHONE]-(s:Settlement)-[of:OF_PERSON]->(q:Person)
RETURN f, own, p, contact, s, of, q
LIMIT 100
