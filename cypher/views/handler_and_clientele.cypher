// title.zh: 经办人及其固定对象
// title.en: A handler and the persons served
// id: handler_and_clientele
// version: 1
// place: 69
// about: handler
// pattern: any
// question.zh: 哪些参保人的案件几乎都由这名经办人受理？
// question.en: Whose cases go nearly always over this handler's desk?
// param id: str = A0000 -- id of a handler, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (h:Handler {handler_id: $id})-[v:SERVES]->(p:Person)
WITH h, v, p
ORDER BY v.llr DESC
LIMIT 60
OPTIONAL MATCH (p)-[home:LIVES_IN]->(f:Household)
RETURN h, v, p, home, f
