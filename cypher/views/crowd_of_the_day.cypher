// title.zh: 无辜解释：当日人流（体检、会员日）
// title.en: Innocent crowds: check-ups and member days
// id: crowd_of_the_day
// version: 1
// place: 53
// about: lead
// pattern: any
// question.zh: 证据当日该机构的人流是否异常之大（体检、义诊、会员日），与前后一周同日相比如何？
// question.en: Was the place crowded on those days, as on a check-up or member day,
//    compared with a week before and after?
// param lead: str = L-0000000000 -- id of a lead, from the ranked list
// shows: table
// needs-engine: neo4j

MATCH (:Lead {lead_id: $lead})-[:IMPLICATES]->(s:Settlement)-[:SETTLED_AT]->(x:Institution|Pharmacy)
WITH x, s.day AS day, count(DISTINCT s) AS of_the_lead
ORDER BY of_the_lead DESC, day
LIMIT 30
WITH x, day, of_the_lead,
     COUNT { (o:Settlement WHERE o.day = day)-[:SETTLED_AT]->(x) } AS that_day,
     COUNT { (o:Settlement WHERE o.day = day - 7)-[:SETTLED_AT]->(x) } AS week_before,
     COUNT { (o:Settlement WHERE o.day = day + 7)-[:SETTLED_AT]->(x) } AS week_after
RETURN date('1970-01-01') + duration({days: day}) AS date, coalesce(x.institution_id, x.pharmacy_id) AS site,
       of_the_lead, that_day, week_before, week_after
ORDER BY date, site
