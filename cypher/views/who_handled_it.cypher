// title.zh: 经手人与接诊医师
// title.en: Who treated, entered and reviewed
// id: who_handled_it
// version: 1
// place: 43
// about: lead
// pattern: any
// question.zh: 哪些医师和经办人经手了证据结算，各占多少？
// question.en: Which doctors and handlers were involved in the settlements of the evidence, and in how many?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)
WITH collect(s) AS evidence
UNWIND evidence AS s
MATCH (s)-[step:TREATED_BY|ENTERED_BY|REVIEWED_BY|APPROVED_BY]->(who)
WITH coalesce(who.doctor_id, who.handler_id) AS who, type(step) AS step, count(DISTINCT s) AS settlements,
     size(evidence) AS all_settlements
RETURN who, step, settlements, round(100.0 * settlements / all_settlements, 1) AS percent
ORDER BY settlements DESC, who, step
LIMIT 100
