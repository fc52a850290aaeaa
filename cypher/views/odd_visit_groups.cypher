// title.zh: 成员的凭证、机构与操作员
// title.en: Cards, places and operators of the members' visits
// id: odd_visit_groups
// version: 1
// place: 2
// about: lead
// pattern: hoarded_cards
// question.zh: 这些人的结算由谁操作、在哪台终端完成、用了哪些凭证？
// question.en: Who operated the settlements of these persons, from which terminal, with which credentials?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: picture
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)
WITH s
ORDER BY s.settled_s, s.settlement_id
LIMIT 60
MATCH (s)-[tie:OF_PERSON|PAID_WITH|SETTLED_AT|ENTERED_BY|ON_TERMINAL]->(thing)
RETURN s, tie, thing
