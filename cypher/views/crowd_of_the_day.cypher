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
WITH x, s.day AS day, count(DISTINCT s) AS n
ORDER BY n DESC, day
WITH x, sum(n) AS evidence, collect({day: day, n: n})[..30] AS of_the_lead
ORDER BY evidence DESC
LIMIT 3
// everybody at the place, in one pass
MATCH (x)<-[:SETTLED_AT]-(o:Settlement)
WITH x, of_the_lead, o.day AS day, count(*) AS n
WITH x, of_the_lead, collect({day: day, n: n}) AS crowd
UNWIND of_the_lead AS l
RETURN date('1970-01-01') + duration({days: l.day}) AS date, coalesce(x.institution_id, x.pharmacy_id) AS site,
       l.n AS of_the_lead, [c IN crowd WHERE c.day = l.day | c.n][0] AS that_day,
       [c IN crowd WHERE c.day = l.day - 7 | c.n][0] AS week_before,
       [c IN crowd WHERE c.day = l.day + 7 | c.n][0] AS week_after
ORDER BY date, site
