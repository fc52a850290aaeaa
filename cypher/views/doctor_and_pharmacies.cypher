// title.zh: 医师与患者购药的药店
// title.en: A doctor and where patients buy
// id: doctor_and_pharmacies
// version: 1
// place: 68
// about: doctor
// pattern: any
// question.zh: 这名医师的患者就诊后到哪些药店购药，是否已备案多点执业？
// question.en: At which pharmacies do this doctor's patients buy, and where is the doctor registered?
// param id: str = D-0000 -- id of a doctor, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (d:Doctor {doctor_id: $id})
OPTIONAL MATCH (d)-[f:FILLED_AT]->(x:Pharmacy)
OPTIONAL MATCH (d)-[r:PRACTISES_AT]->(i:Institution)
RETURN d, f, x, r, i
ORDER BY f.llr DESC
LIMIT 100
