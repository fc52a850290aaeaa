// title.zh: 涉及某一对象的线索
// title.en: Leads that name a person, card or place
// id: leads_that_name_it
// version: 1
// place: 60
// about: entity
// pattern: any
// question.zh: 哪些线索涉及这个编号（参保人、凭证、机构、医师、经办人、账户等）？
// question.en: Which leads are about this id, be it a person, credential, place, doctor, handler or account?
// param id: str = P-0000 -- id of an entity, as a picture or table shows it
// shows: table
// needs-engine: neo4j

MATCH (l:Lead)-[m:IMPLICATES]->(who)
WHERE NOT who:Settlement
  AND $id IN [who.person_id, who.card_id, who.doctor_id, who.institution_id, who.pharmacy_id, who.handler_id,
              who.terminal_id, who.phone_id, who.bank_account_id, who.household_id, who.employer_id, who.agent_id]
RETURN l.rank AS rank, l.lead_id AS lead, l.pattern AS pattern, m.role AS role, m.strength AS strength,
       l.title_zh AS title_zh, l.title_en AS title_en
ORDER BY rank
LIMIT 100
