// title.zh: 机构涉及的线索与人员
// title.en: A place, its leads and their persons
// id: site_and_its_leads
// version: 1
// place: 66
// about: site
// pattern: any
// question.zh: 哪些线索涉及这家机构，涉及其中哪些人？
// question.en: Which leads are about this institution or pharmacy, and whom do they name?
// param id: str = H-0000 -- id of a site, as a picture or table shows it
// shows: picture
// needs-engine: neo4j

MATCH (x:Institution|Pharmacy)
WHERE x.institution_id = $id OR x.pharmacy_id = $id
MATCH (l:Lead)-[m:IMPLICATES]->(x)
MATCH (l)-[n:IMPLICATES]->(who:Person|Doctor|Handler)
RETURN x, m, l, n, who
LIMIT 200
