// title.zh: 无辜解释：就诊类别与诊断
// title.en: Innocent illness: kinds of care and diagnoses
// id: what_they_were_treated_for
// version: 1
// place: 54
// about: lead
// pattern: any
// question.zh: 证据结算是慢病续方、透析、化疗等有规律的治疗吗？
// question.en: Are the settlements regular care such as refills for a chronic illness, dialysis or chemotherapy?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[:OF_PERSON]->(p:Person)
WITH s.kind AS kind, s.diagnosis_code AS diagnosis, count(DISTINCT p) AS persons, count(DISTINCT s) AS settlements,
     count(DISTINCT s.day) AS days, min(s.settled_at) AS earliest, max(s.settled_at) AS latest
RETURN kind, diagnosis, persons, settlements, days, earliest, latest
ORDER BY settlements DESC, kind, diagnosis
LIMIT 100
