// title.zh: 凭证及其使用人
// title.en: A credential and whom it was used for
// id: card_and_its_users
// version: 1
// place: 64
// about: card
// pattern: any
// question.zh: 这个凭证用于哪些参保人，他们是一家人吗？
// question.en: For whom was this credential used, and are they one family?
// param id: str = C-0000 -- id of a card, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (c:Card {card_id: $id})<-[h:HOLDS]-(p:Person)
OPTIONAL MATCH (p)-[home:LIVES_IN]->(f:Household|Address)
RETURN c, h, p, home, f
LIMIT 100
