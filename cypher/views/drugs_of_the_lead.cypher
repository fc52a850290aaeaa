// title.zh: 易倒卖药品与追溯包装
// title.en: Resale-prone drugs and traced packages
// id: drugs_of_the_lead
// version: 1
// place: 1
// about: lead
// pattern: drug_resale
// question.zh: 成员购买了哪些易倒卖药品，有无同一追溯码多次售出？
// question.en: Which resale-prone drugs did the members buy, and was one package sold more than once?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[sold:DISPENSED|SOLD_PACK]->(d:Drug|DrugPack)
WITH s, sold, d
ORDER BY s.settled_s, s.settlement_id
LIMIT 100
MATCH (s)-[of:OF_PERSON]->(p:Person)
RETURN s, sold, d, of, p
