// title.zh: 机构的常客
// title.en: The regulars of a place
// id: site_and_its_regulars
// version: 1
// place: 67
// about: site
// pattern: any
// question.zh: 谁在这家机构结算最多、金额最大？
// question.en: Who settles most often at this institution or pharmacy?
// param id: str = H-0000 -- id of a site, as a picture or table shows it
// shows: table
// needs-engine: neo4j

MATCH (x:Institution|Pharmacy)
WHERE x.institution_id = $id OR x.pharmacy_id = $id
MATCH (x)<-[v:VISITED]-(p:Person)
RETURN p.person_id AS person, v.n AS settlements, v.total_fen / 100.0 AS total_yuan, v.fund_fen / 100.0 AS fund_yuan,
       date('1970-01-01') + duration({days: v.first_day}) AS first_day,
       date('1970-01-01') + duration({days: v.last_day}) AS last_day
ORDER BY settlements DESC, person
LIMIT 100
