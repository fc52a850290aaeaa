// title.zh: 追溯包装的多次售出
// title.en: A traced package sold more than once
// id: pack_and_its_sales
// version: 1
// place: 73
// about: drug_pack
// pattern: any
// question.zh: 这盒药在哪些机构售出给了谁？
// question.en: At which places and to whom was this package sold?
// param id: str = 00000000000000000000 -- id of a drug pack, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (d:DrugPack {trace_code: $id})<-[sold:SOLD_PACK]-(s:Settlement)
OPTIONAL MATCH (s)-[of:OF_PERSON]->(p:Person)
OPTIONAL MATCH (s)-[at:SETTLED_AT]->(x:Institution|Pharmacy)
RETURN d, sold, s, of, p, at, x
LIMIT 100
